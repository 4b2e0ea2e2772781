"""From what a remote server says to what is stored: pure, sanitising every text on the way."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from html import escape
from typing import Any

from activitypub.access import Group
from activitypub.addressing import is_for_the_authenticated, visibility
from activitypub.graph.actors import emoji_list
from activitypub.graph.calendar import remote_event
from activitypub.graph.polls import remote_poll
from activitypub.graph.quotes import QuoteClaim
from activitypub.graph.statuses import StatusDraft, StatusText
from activitypub.hashtags import hashtag_key
from activitypub.models import Actor, Media, MediaState, new_id
from activitypub.sanitize import plain_text, safe_link, safe_name, sanitize
from activitypub.search_consent import words_of
from activitypub.vocabulary import PUBLIC, RemoteMedia, RemoteStatus, Visibility

_TITLE_CHARACTERS = 300  # as much as is read of a page itself
_DESCRIPTION_CHARACTERS = 1_000
_SHORT = frozenset({"Note", "Question"})  # what is read where it is, and may have nothing to say but a file


def remote_draft(
    remote: RemoteStatus,
    author: Actor,
    known: Mapping[str, Actor],
    now: datetime,
    quote: QuoteClaim | None = None,
    *,
    unheard: bool = False,
) -> StatusDraft:
    """Return the draft of a remote status. `known` holds the stored actors among those it addresses, by URI.

    `quote` is what it quotes as `Resolver.quote_claim` has looked it up.
    """
    text = remote_text(remote, author, known, now)
    named = {mention.uri for mention in remote.mentions}
    is_hidden = is_for_the_authenticated(remote.to, remote.cc)
    return StatusDraft(
        uri=remote.uri,
        url=remote.url,
        type=remote.type,
        author=author,
        visibility=Visibility.UNLISTED if is_hidden else visibility(remote.to, remote.cc, author.followers_uri),
        text=text,
        published_at=min(remote.published or now, now),
        edited_at=min(remote.updated, now) if remote.updated and remote.updated != remote.published else None,
        in_reply_to_uri=remote.in_reply_to,
        conversation_uri=remote.conversation,
        audience=_actors(known, [uri for uri in _addressed(remote) if uri not in named]),
        group_uri=remote.audience,
        locked=remote.locked,
        logged_in_only=is_hidden,
        attached_link=link_of(remote),
        searchable_by=words_of(remote.searchable_by, author.followers_uri),
        interaction_policy=remote_policy(remote, author),
        quote=quote,
        unheard=unheard,
    )


def remote_text(remote: RemoteStatus, author: Actor, known: Mapping[str, Actor], now: datetime) -> StatusText:
    """Return what a remote status says, with every HTML text sanitised."""
    return StatusText(
        content=sanitize(shown_html(remote)),
        content_map={language: str(sanitize(html)) for language, html in remote.content_map.items()},
        title=plain_text(remote.title) if remote.title else None,
        summary=plain_text(remote.summary),
        sensitive=remote.sensitive,
        language=remote.language,
        mentions=_actors(known, [mention.uri for mention in remote.mentions]),
        hashtags={hashtag_key(name): name for name in remote.hashtags},
        emojis=emoji_list(remote.emojis),
        media=[_media(item, author, now) for item in remote.media],
        poll=remote_poll(remote.poll),
        event=remote_event(remote.event),
    )


def shown_html(remote: RemoteStatus) -> str:
    """Return what is shown of a status, still hostile: its text, or the beginning of one that is on the web (FEP-b2b8).

    Below stands the page that it is about, unless the text leads there; where there is no text, that is its own page.
    An event says by itself where it leads to.
    """
    if remote.type == "Event" or (remote.type in _SHORT and remote.link is None):
        return remote.content
    page = remote.link or (None if remote.content else remote.url or remote.uri)
    begins = remote.excerpt if remote.excerpt.startswith("<p") else f"<p>{remote.excerpt}</p>"
    says = remote.content or (begins if remote.excerpt else "")
    if page is None or page in says or escape(page) in says:
        return says
    return f'{says}<p><a href="{escape(page)}">{escape(page)}</a></p>'


def link_of(remote: RemoteStatus) -> dict[str, Any] | None:
    """Return the page that a status is about as it is stored, with what is said of it as plain text."""
    if remote.link is None or remote.type == "Event":
        return None
    page: dict[str, Any] = {"url": remote.link.partition("#")[0]}
    if (said := remote.preview) is None:
        return page
    return page | {
        "title": safe_name(said.title, _TITLE_CHARACTERS),
        "description": safe_name(plain_text(said.description), _DESCRIPTION_CHARACTERS),
        "image": safe_link(said.image_url or ""),
        "image_description": safe_name(said.image_description, _DESCRIPTION_CHARACTERS),
        "author_name": safe_name(said.author_name, _TITLE_CHARACTERS),
        "author_url": safe_link(said.author_url or "") or "",
    }


def remote_policy(remote: RemoteStatus, author: Actor) -> dict[str, Any]:
    """Return who may interact with a remote status, in the words of `access.Policy`."""
    words: dict[str | None, str] = {
        author.followers_uri: Group.FOLLOWERS,
        author.following_uri: Group.FOLLOWING,
        author.uri: Group.AUTHOR,
        PUBLIC: Group.PUBLIC,
    }
    return {
        name: {word: [str(words.get(uri, uri)) for uri in uris] for word, uris in part.items()}
        for name, part in remote.policy.items()
    }


def addressed_uris(remote: RemoteStatus) -> frozenset[str]:
    """Return every URI a status names or addresses: the actors that may have to be known to store it."""
    return frozenset({*_addressed(remote), *(mention.uri for mention in remote.mentions)})


def _addressed(remote: RemoteStatus) -> tuple[str, ...]:
    return (*remote.to, *remote.cc, *((remote.audience,) if remote.audience else ()))


def _actors(known: Mapping[str, Actor], uris: Iterable[str]) -> Sequence[Actor]:
    return list({uri: known[uri] for uri in uris if uri in known}.values())


def _media(item: RemoteMedia, author: Actor, now: datetime) -> Media:
    focus_x, focus_y = item.focus or (None, None)
    return Media(
        id=new_id(now),
        actor_id=author.id,
        state=MediaState.REMOTE,
        media_type=item.media_type,
        remote_url=item.url,
        description=item.description,
        blurhash=item.blurhash,
        focus_x=focus_x,
        focus_y=focus_y,
        width=item.width,
        height=item.height,
        duration=item.duration,
        created_at=now,
    )
