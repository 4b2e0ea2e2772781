"""Status, as clients know a post and an announce of it. https://docs.joinmastodon.org/entities/Status/"""

from dataclasses import dataclass, field
from html import escape
from urllib.parse import quote

from activitypub.documents import timestamp
from activitypub.instance import LocalInstance
from activitypub.models import Announce, Mention, Status, StatusHashtag
from fediverse_kommune.api.entities import Entity
from fediverse_kommune.api.entities.account import account_entity, acct
from fediverse_kommune.api.entities.custom_emoji import custom_emoji_entity
from fediverse_kommune.api.entities.media_attachment import media_attachment_entity


@dataclass(frozen=True, slots=True)
class ViewerState:
    """What the viewer has done with the statuses of a page. `actor_id` is None for nobody, who has done nothing."""

    actor_id: int | None = None
    liked: frozenset[int] = field(default_factory=frozenset)
    announced: frozenset[int] = field(default_factory=frozenset)


def status_entity(status: Status, instance: LocalInstance, state: ViewerState) -> Entity:
    """Return a status: what is the same for everybody, and what this viewer has done with it."""
    return _shared(status, instance) | _own(status, state)


def announce_entity(announce: Announce, status: Status, instance: LocalInstance, state: ViewerState) -> Entity:
    """Return an announce: a status without content of its own that carries the one passed on in `reblog`."""
    inner = status_entity(status, instance, state)
    return inner | {
        "id": str(announce.id),
        "uri": announce.uri,
        "url": announce.uri,
        "created_at": timestamp(announce.published_at),
        "account": account_entity(announce.actor, instance),
        "visibility": announce.visibility,
        "in_reply_to_id": None,
        "in_reply_to_account_id": None,
        "reblog": inner,
    }


def _shared(status: Status, instance: LocalInstance) -> Entity:
    return {
        "id": str(status.id),
        "uri": status.uri,
        "url": status.url or status.uri,
        "created_at": timestamp(status.published_at),
        "edited_at": status.edited_at and timestamp(status.edited_at),
        "account": account_entity(status.actor, instance),
        "in_reply_to_id": status.in_reply_to_id and str(status.in_reply_to_id),
        "in_reply_to_account_id": status.in_reply_to_actor_id and str(status.in_reply_to_actor_id),
        "visibility": status.visibility,
        "local_only": status.local_only,
        "language": status.language,
        "sensitive": status.sensitive,
        "spoiler_text": status.summary,
        "content": content(status.title, str(status.content)),
        "media_attachments": [media_attachment_entity(media, instance) for media in status.media],
        "mentions": [_mention(mention) for mention in status.mentions if not mention.silent],
        "tags": [_tag(hashtag, instance) for hashtag in status.hashtags],
        "emojis": [custom_emoji_entity(emoji) for emoji in status.emojis],
        "replies_count": status.replies_count,
        "reblogs_count": status.announces_count,
        "favourites_count": status.likes_count,
        "quotes_count": 0,
        "reblog": None,
        "application": None,
        "card": None,
        "poll": None,
        "quote": None,
        "quote_approval": {"automatic": [], "manual": [], "current_user": "denied"},
    }


def _own(status: Status, state: ViewerState) -> Entity:
    if state.actor_id is None:
        return {}
    own = {
        "favourited": status.id in state.liked,
        "reblogged": status.id in state.announced,
        "bookmarked": False,
        "muted": False,
        "filtered": [],
    }
    return own | {"pinned": status.pinned_at is not None} if status.actor_id == state.actor_id else own


def content(title: str | None, html: str) -> str:
    """Return what a client shows as the text: a title, which posts of blogs and events have, stands above it."""
    return f"<p><strong>{escape(title)}</strong></p>{html}" if title else html


def _mention(mention: Mention) -> Entity:
    actor = mention.actor
    return {"id": str(actor.id), "username": actor.username, "url": actor.url or actor.uri, "acct": acct(actor)}


def _tag(hashtag: StatusHashtag, instance: LocalInstance) -> Entity:
    return {"name": hashtag.name, "url": instance.tag_url(quote(hashtag.tag))}
