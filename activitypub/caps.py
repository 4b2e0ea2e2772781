"""Every cap of the server in one frozen table: what a stranger, or time, may cost us at most.

A cap is a promise to the administrator ("one activity never causes more than 50 fetches") and a row in a
test. Code takes a `Caps` as an argument with `CAPS` as its default, so that a test can shrink a figure
instead of waiting for it.

The comment on each figure names its anchor: the same cap in software that has carried the fediverse for years
(Mastodon, GoToSocial, Takahe), or `ours` where the figure is our own judgement. Cuts are silent where a
remote says too much (the 51st poll option is dropped), and refusals where it costs too much (a body of 2 MB
is not read).
"""

from datetime import timedelta

from msgspec import Struct


class Caps(Struct, frozen=True):
    """All caps. Units are in the names: bytes, characters, pixels, seconds; everything else is a count."""

    # --- One request to a remote (activitypub/http.py) ---
    body_bytes: int = 1_048_576  # Mastodon MAX_JSON_SIZE 1 MB; the inbox has the same cap
    connect_seconds: float = 5.0  # Mastodon 5 s, Takahe 5 s, GoToSocial dials 15 s; TCP and TLS together
    read_seconds: float = 10.0  # Mastodon 10 s between two pieces of an answer
    total_seconds: float = 30.0  # Mastodon 30 s; here with the name lookup, all redirects and the whole body
    redirects: int = 3  # Mastodon max_hops 3
    excerpt_bytes: int = 2_048  # ours: how much of an error page is kept for the log
    connections: int = 500  # ours: half of the 1,024 file descriptors a Linux process gets by default
    connections_per_host: int = 8  # ours: a slow host holds eight of them and not the others'
    keep_alive_seconds: float = 15.0  # aiohttp's default; below nginx' 75 s, so that we hang up first
    dns_cache_seconds: int = 30  # ours: as long as one request may take, so a judged answer never outlives it
    dns_lookups: int = 32  # ours: threads; a lookup that hangs holds one of these and no database thread

    # --- What one inbound activity may set in motion (activitypub/resolver.py, fetch.py) ---
    fetches_per_activity: int = 50  # Mastodon DISCOVERIES_PER_REQUEST 400 accounts, 1,000 posts
    thread_statuses: int = 200  # GoToSocial 512 each way; Mastodon 500 pages of replies
    collection_pages: int = 10  # Mastodon's followers synchronisation: 10 pages
    collection_items: int = 500  # Mastodon reads 150 featured items
    followers_compared: int = 5_000  # ours: of one server who follow one actor; more are not synchronised
    thread_fetches: int = 400  # ours: documents read because somebody opens a thread; a post costs one, its author two
    thread_reads_apart: timedelta = timedelta(minutes=15)  # Mastodon FETCH_REPLIES_COOLDOWN_MINUTES
    context_statuses: int = 1_000  # ours: what we list of a thread; five times what we read of one
    upcoming_events: int = 100  # ours: that an actor's collection lists, each as a whole
    context_depth: int = 100  # ours: how far below its beginning
    waiting_bytes: int = 131_072  # ours: a Create that waits for a group's team; a long post has some 20 kB
    waiting_lasts: timedelta = timedelta(days=30)  # ours: as long as what was suspended can be taken back
    thread_revisits: int = 40  # ours: known answers of a thread that are read again for what answers them
    useless_per_host: int = 20  # ours: named documents of one server that lead nowhere, before no more are asked for
    outbox_items: int = 20  # ours: as many as a home timeline takes of somebody newly followed
    pinned_statuses: int = 20  # ours: four times what Mastodon lets people pin
    backfills_waiting: int = 200  # ours: threads that wait to be read; what is more can be opened again
    fresh_subdomains: int = 10  # Mastodon SUBDOMAINS_RATELIMIT, per registrable domain and window
    fresh_subdomains_seconds: float = 300.0  # ours: that window
    untrusted_count: int = 100_000_000  # Mastodon MAX_UNTRUSTED_COUNT: what totalItems is clamped to

    # --- What one remote document may say (activitypub/parse.py) ---
    name_characters: int = 2_048  # Mastodon DISPLAY_NAME_LENGTH_HARD_LIMIT
    bio_characters: int = 20_480  # Mastodon NOTE_LENGTH_HARD_LIMIT
    alt_characters: int = 10_000  # Mastodon, descriptions of remote media
    username_characters: int = 2_048  # Mastodon USERNAME_LENGTH_HARD_LIMIT
    implements: int = 32  # ours: what a server says that it can do (FEP-844e); one or two in 2026
    also_known_as: int = 20  # GoToSocial 20, Mastodon 256
    attribution_domains: int = 100  # Mastodon: 100
    fields: int = 16  # ours: four times what Mastodon lets people fill in
    field_characters: int = 2_048  # ours: as long as a name
    attachments: int = 16  # ours: four times what Mastodon lets people attach
    tags: int = 256  # ours: mentions, hashtags and emoji together; a long thread mentions some dozens
    emoji: int = 64  # ours: of those tags, the ones that each cost an image
    poll_options: int = 50  # Mastodon 500
    reactions_per_actor: int = 8  # ours: different emoji of one actor below one status; Misskey takes one
    reactions_per_status: int = 64  # ours: different emoji below one status; more of those that are there can come
    policy_actors: int = 64  # ours: whom one part of an interaction policy names; usually one to three
    report_objects: int = 100  # ours: a Flag names a handful of posts
    report_characters: int = 5_000  # Mastodon flag.rb
    waiting_for_relay: int = 50  # ours: servers that have asked for our relay and wait for a decision, one of each
    reports_per_hour: int = 100  # ours: of one server, and of one person here

    # --- Media (decoded in a child process) ---
    image_pixels: int = 33_177_600  # Mastodon: 33 megapixels, 7680 x 4320
    gif_pixels: int = 921_600  # Mastodon: 1280 x 720 for every animated image

    # --- Signatures (activitypub/signatures/verify.py) ---
    signature_age: timedelta = timedelta(minutes=5)  # Mastodon, when the signature names no `expires`
    signature_ceiling: timedelta = timedelta(hours=12)  # Mastodon, however far away `expires` is
    signature_skew: timedelta = timedelta(hours=1)  # Mastodon: clocks that are wrong, on top of both

    # --- Requests to us ---
    requests_per_5_minutes: int = 300  # Mastodon and GoToSocial, per token and per address (IPv6: per /64)
    user_requests_per_5_minutes: int = 1_500  # Mastodon, per user over all of their apps
    deletes_per_30_minutes: int = 30  # Mastodon
    logins_per_5_minutes: int = 25  # Mastodon, per address
    logins_per_hour: int = 25  # Mastodon, per e-mail address
    mails_per_30_minutes: int = 5  # Mastodon, confirmations and password resets
    requests_per_cpu: int = 8  # GoToSocial: CPUs x 8 at work …
    waiting_per_cpu: int = 8  # … and as many waiting, before the answer is 503
    retry_after_seconds: int = 30  # GoToSocial: what that 503 says
    dead_keys: int = 100  # ours: of one network in five minutes; an honest one has few whose authors have gone
    activities_per_actor: int = 3_000  # ours: in a minute; a relay or a community of a large server says less

    # --- Open streams (fediverse_kommune/streaming) ---
    streams_per_token: int = 16  # ours: an app with some windows open
    streams_per_network: int = 256  # ours: a town hall whose people all come from one address
    subscriptions_per_stream: int = 64  # ours: lists and hashtags in the columns of a large screen
    stream_messages: int = 256  # ours: how many may wait for a reader before it is hung up on
    stream_signals: int = 10_000  # ours: how many may wait to be told before all have to look for themselves
    stream_words: int = 60  # ours: subscribing and unsubscribing within 10 s, before it is no use any more
    stream_word_bytes: int = 4_096  # ours: a request inside a stream


CAPS = Caps()
