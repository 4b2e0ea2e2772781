"""The words of ActivityStreams as this server understands them: frozen values, no behaviour beyond reading.

`parse.py` turns untrusted JSON into these values; everything behind it works on them and never on raw JSON.
Nothing here has been stored or believed yet: a `RemoteStatus` is what some server *says*. Whether it may say
so is decided by `inbox/authorize.py` and `activitypub/resolver.py`.

Source: https://www.w3.org/TR/activitystreams-vocabulary/ and https://www.w3.org/TR/activitypub/
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from msgspec import Struct, field

PUBLIC = "https://www.w3.org/ns/activitystreams#Public"

# Everybody who says who they are (FEP-7502): nobody delivers to it, and nobody may follow it.
AUTHENTICATED = "http://www.w3.org/ns/auth/acl#AuthenticatedAgent"

# Every way the public collection is spelled in compacted JSON-LD (row C09); `parse.py` leaves only the first.
PUBLIC_SPELLINGS = frozenset({PUBLIC, "as:Public", "Public"})

ACTOR_TYPES = frozenset({"Person", "Group", "Organization", "Service", "Application"})
STATUS_TYPES = frozenset({"Note", "Question", "Article", "Page", "Event", "Image", "Audio", "Video", "Document"})
MEDIA_TYPES = frozenset({"Document", "Image", "Audio", "Video"})
ACTIVITY_TYPES = frozenset(
    {"Accept", "Reject", "TentativeAccept", "TentativeReject", "Follow", "Block", "Undo", "Move", "Flag"}
    | {"Create", "Update", "Delete", "Add", "Remove", "Announce", "Like", "Dislike", "EmojiReact"}
    | {
        "QuoteRequest",
        "FeatureRequest",
        "Join",
        "Leave",
        "Invite",
        "Ignore",
        "Offer",
        "Lock",
        "PollVote",
        "Read",
        "View",
    }
)
# Types of single programs, and what they are to everyone else.
TYPE_ALIASES = {
    # BookWyrm, to those who ask for the original instead of the form it sends to strangers
    "Review": "Article",
    "Comment": "Note",
    "Quotation": "Note",
    "GeneratedNote": "Note",
    # Akkoma, Pleroma and Lemmy: a direct message
    "ChatMessage": "Note",
    # FEP-c0e0 gives its IRI; ActivityStreams itself does not know the word
    "litepub:EmojiReact": "EmojiReact",
    "http://litepub.social/ns#EmojiReact": "EmojiReact",
    # FEP-0837, a marketplace such as Mitra's: what somebody offers or wants, with a title and mostly a text
    "Proposal": "Article",
}
_MANY_TYPES = 16
_TYPE_CHARACTERS = 256
KNOWN_TYPES = ACTIVITY_TYPES | ACTOR_TYPES | STATUS_TYPES | {"Tombstone"}


def type_of(document: Mapping[str, Any]) -> str | None:
    """Return the `type` of a document, a type of one program as what it is to everyone (`TYPE_ALIASES`).

    Of several types it is the first that this server knows, else the first there is.
    """
    kind = document.get("type")
    if isinstance(kind, str):
        return _one_type(kind)
    if not isinstance(kind, list):
        return None
    kinds = [found for each in kind[:_MANY_TYPES] if isinstance(each, str) and (found := _one_type(each))]
    return next((each for each in kinds if each in KNOWN_TYPES), kinds[0] if kinds else None)


def _one_type(kind: str) -> str | None:
    if kind in KNOWN_TYPES:
        return kind
    is_word = kind.isprintable() and 0 < len(kind) <= _TYPE_CHARACTERS
    return TYPE_ALIASES.get(kind, kind) if is_word else None


class Visibility(StrEnum):
    """Who a status is addressed to, in the terms of the Mastodon API (public … direct)."""

    PUBLIC = "public"
    UNLISTED = "unlisted"
    PRIVATE = "private"
    DIRECT = "direct"


class Posting(StrEnum):
    """Whose posts a group of ours passes on to its followers: of all, of those who follow it, what its team chooses.

    `TEAM` says besides that nobody else need try (`postingRestrictedToMods`).
    """

    EVERYBODY = "everybody"
    MEMBERS = "members"
    APPROVAL = "approval"
    TEAM = "team"


class Reference(Struct, frozen=True):
    """The value of a property such as `object` or `target`: a URI, an embedded document, or both."""

    uri: str | None
    document: Mapping[str, Any] | None = None

    @property
    def type(self) -> str | None:
        """The `type` of the embedded document, if one is embedded and has a readable type (see `type_of`)."""
        return type_of(self.document) if self.document else None


class Activity(Struct, frozen=True):
    """One activity with exactly one actor (FEP-fe34 warns of several; `parse_activity` refuses them).

    `object` is the first of `objects`; only a Flag has more. `content` is the comment of a Flag or the emoji
    of a reaction. A transient activity that came without an id has one made up from its actor and its
    content.
    """

    id: str
    type: str
    actor: str
    object: Reference
    target: Reference | None
    to: tuple[str, ...]
    cc: tuple[str, ...]
    published: datetime | None
    content: str | None
    document: Mapping[str, Any]
    objects: tuple[Reference, ...] = ()


class RemoteEmoji(Struct, frozen=True):
    """A custom emoji (`toot:Emoji`): `shortcode` without colons."""

    shortcode: str
    image_url: str


class RemoteReaction(Struct, frozen=True):
    """An emoji below a status (FEP-c0e0), by an activity of type `kind`: Like or EmojiReact.

    `name` is the emoji, or "shortcode@host" of a picture that is at `image_url`.
    """

    kind: str
    name: str
    image_url: str | None = None


class RemoteMention(Struct, frozen=True):
    """A Mention tag: the mentioned actor's URI and the name the author wrote (`@anna@stadt.example`)."""

    uri: str
    name: str


class RemoteMedia(Struct, frozen=True):
    """An attachment (FEP-1311): size in pixels, duration in seconds, focus in the range -1 … 1.

    `media_type` is what the author says, or `image/*`, `audio/*`, `video/*` where only the kind is known.
    """

    url: str
    media_type: str
    description: str
    blurhash: str | None
    width: int | None
    height: int | None
    duration: float | None
    focus: tuple[float, float] | None


class RemotePreview(Struct, frozen=True):
    """What a post says of the page that it is about (FEP-8967): still hostile text, and URLs that may be linked to."""

    title: str
    description: str = ""
    image_url: str | None = None
    image_description: str = ""
    author_name: str = ""
    author_url: str | None = None


class RemotePoll(Struct, frozen=True):
    """A Question's options with the tallies its author claims (FEP-9967).

    `closed_at` may lie in the future: some write `closed` where others have `endTime`.
    """

    options: tuple[tuple[str, int], ...]
    multiple: bool
    ends_at: datetime | None
    closed_at: datetime | None
    voters_count: int | None


class RemotePlace(Struct, frozen=True):
    """Where an event is: a named place with a postal address in one line, WGS 84 degrees where given.

    `parts` of the address are those told one by one: "street", "postal_code", "locality", "region", "country".
    """

    name: str
    address: str
    latitude: float | None
    longitude: float | None
    parts: Mapping[str, str] = field(default_factory=dict)


class EventState(StrEnum):
    """Whether an event takes place: the words of schema.org's EventStatusType, and iCalendar's "tentative"."""

    SCHEDULED = "scheduled"
    TENTATIVE = "tentative"
    CANCELLED = "cancelled"
    POSTPONED = "postponed"
    RESCHEDULED = "rescheduled"
    MOVED_ONLINE = "moved_online"


class JoinMode(StrEnum):
    """How people come to take part: at once, if the organiser says so, at `external_url`, invited, or not at all."""

    FREE = "free"
    RESTRICTED = "restricted"
    EXTERNAL = "external"
    INVITE = "invite"
    NONE = "none"


class RemoteEvent(Struct, frozen=True):
    """What an Event has beyond a post (FEP-8a8e).

    `time_zone` is an IANA name, `online_url` where a virtual event happens, `external_url` where people sign up.
    `capacity`, `remaining` and `participants` are numbers of people. If `shows_end` is false, `ends_at` is for sorting,
    not for showing. `organisers` are those on the author's server who speak for the event beside its author, `comments`
    is who may answer it in Mobilizon's words: "allow_all", "moderated", "closed".
    """

    starts_at: datetime | None
    ends_at: datetime | None
    time_zone: str | None
    place: RemotePlace | None
    online_url: str | None
    state: EventState
    join_mode: JoinMode | None
    external_url: str | None
    capacity: int | None
    participants: int | None
    shows_end: bool = True
    categories: tuple[str, ...] = ()
    remaining: int | None = None
    organisers: tuple[str, ...] = ()
    comments: str | None = None


class FoundAnnounce(Struct, frozen=True):
    """An Announce that its actor's outbox lists."""

    uri: str
    object: str
    visibility: Visibility
    published: datetime | None


class RemoteStatus(Struct, frozen=True):
    """A post as another server describes it. HTML fields are raw and still hostile; `url` has been judged.

    `content_map` holds language → HTML. `title` is the `name` of an Article, Page, Event or Video; a Note
    with a title, a parent and no content is a vote in the parent's poll. `hashtags` are as written, without
    '#', each once (`hashtags.hashtag_key` folds them). `updated` is None for a post that was never edited.

    `audience` is the group it was posted in (FEP-1b12), `locked` if that takes no answers to it, `quote` the status it
    quotes (FEP-044f and its forerunners), `quote_stamp` the QuoteAuthorization it shows for that, `policy` who may
    interact with it (`parse_policy.read_policy`), `link` the page it is about where that is said outside the content,
    `preview` what is said of it if it is on the author's own server, `excerpt` the first lines of an Article,
    `searchable_by` who may find it by its words (FEP-268d).
    `summary` is a content warning and nothing else.
    """

    uri: str
    type: str
    attributed_to: str
    url: str | None
    in_reply_to: str | None
    title: str | None
    content: str
    content_map: Mapping[str, str]
    summary: str
    sensitive: bool
    language: str | None
    published: datetime | None
    updated: datetime | None
    to: tuple[str, ...]
    cc: tuple[str, ...]
    mentions: tuple[RemoteMention, ...]
    hashtags: tuple[str, ...]
    emojis: tuple[RemoteEmoji, ...]
    media: tuple[RemoteMedia, ...]
    poll: RemotePoll | None
    conversation: str | None
    replies: str | None
    audience: str | None = None
    locked: bool = False
    quote: str | None = None
    quote_stamp: str | None = None
    policy: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    link: str | None = None
    preview: RemotePreview | None = None
    excerpt: str = ""
    searchable_by: tuple[str, ...] = ()
    event: RemoteEvent | None = None

    @property
    def is_vote(self) -> bool:
        """True for a Note that says nothing but which option of the poll above it is chosen (FEP-9967)."""
        says_nothing = not self.content and not self.media
        return self.type == "Note" and self.title is not None and self.in_reply_to is not None and says_nothing


class RemoteKey(Struct, frozen=True):
    """A public key as listed in an actor document (`publicKey` or FEP-521a `assertionMethod`)."""

    uri: str
    owner: str
    pem: str


class RemoteField(Struct, frozen=True):
    """A PropertyValue of a profile (FEP-fb2a): a label and raw HTML."""

    name: str
    value: str


class RemoteActor(Struct, frozen=True):
    """An actor document. Endpoint URLs have been checked to share the origin of `uri` (row A15).

    `webfinger` is the FEP-2c59 address the actor claims for itself, still to be proved. `moderators` is the
    collection of those who may act for a Group (FEP-1b12), `attribution_domains` the sites that may name the actor as
    an author of theirs (FEP-2345), `implements` what its server says that it can do (FEP-844e), `searchable_by` who may
    find its posts by their words, where those say nothing (FEP-268d).
    """

    uri: str
    type: str
    username: str
    name: str
    summary: str
    url: str | None
    inbox: str
    shared_inbox: str | None
    outbox: str | None
    followers: str | None
    following: str | None
    featured: str | None
    keys: tuple[RemoteKey, ...]
    webfinger: str | None
    manually_approves_followers: bool
    discoverable: bool
    indexable: bool
    avatar_url: str | None
    header_url: str | None
    fields: tuple[RemoteField, ...]
    emojis: tuple[RemoteEmoji, ...]
    also_known_as: tuple[str, ...]
    moved_to: str | None
    published: datetime | None
    moderators: str | None = None
    attribution_domains: tuple[str, ...] = ()
    implements: tuple[str, ...] = ()
    searchable_by: tuple[str, ...] = ()
