"""Creating, editing and deleting statuses, wherever they were written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from activitypub.events import StatusCreated, StatusDeleted, StatusEdited
from activitypub.models import (
    Actor,
    Media,
    Mention,
    Status,
    StatusEdit,
    StatusHashtag,
    Tombstone,
    new_id,
)
from activitypub.sanitize import SafeHTML
from activitypub.unit import Unit
from activitypub.vocabulary import Visibility

# A reply to nobody in particular counts only where everybody may see it, so a count betrays no private reply.
COUNTED = frozenset({Visibility.PUBLIC, Visibility.UNLISTED})


@dataclass(frozen=True, slots=True)
class StatusText:
    """What an edit can change. `hashtags` maps the folded key to what was written; both without #."""

    content: SafeHTML
    content_map: Mapping[str, str] = field(default_factory=dict)
    source: str | None = None
    title: str | None = None
    summary: str = ""
    sensitive: bool = False
    language: str | None = None
    mentions: Sequence[Actor] = ()
    hashtags: Mapping[str, str] = field(default_factory=dict)
    emojis: Sequence[Mapping[str, Any]] = ()
    media: Sequence[Media] = ()


@dataclass(frozen=True, slots=True)
class StatusDraft:
    """A status about to exist. `audience` are actors addressed without being mentioned.

    `published_at` is the author's word and is believed up to now (row L07). A local draft brings its `id`,
    because its URI contains it.
    """

    uri: str
    author: Actor
    visibility: Visibility
    text: StatusText
    published_at: datetime
    id: int | None = None
    type: str = "Note"
    url: str | None = None
    in_reply_to_uri: str | None = None
    conversation_uri: str | None = None
    audience: Sequence[Actor] = ()
    local_only: bool = False
    edited_at: datetime | None = None


def find_status(session: Session, uri: str) -> Status | None:
    """Return the status with this id."""
    return session.scalar(select(Status).where(Status.uri == uri))


def is_buried(session: Session, uri: str) -> bool:
    """True if this URI was deleted, here or before it arrived."""
    return session.get(Tombstone, uri) is not None


def create_status(unit: Unit, draft: StatusDraft) -> Status:
    """Store a status and tell of it; one that exists already is returned as it is, without an event."""
    existing = find_status(unit, draft.uri)
    if existing:
        return existing
    parent = find_status(unit, draft.in_reply_to_uri) if draft.in_reply_to_uri else None
    published_at = min(draft.published_at, unit.now)
    text = draft.text
    status = Status(
        id=draft.id or new_id(published_at),
        uri=draft.uri,
        url=draft.url,
        type=draft.type,
        actor_id=draft.author.id,
        local=draft.author.is_local,
        visibility=draft.visibility,
        local_only=draft.local_only,
        in_reply_to_uri=draft.in_reply_to_uri,
        in_reply_to_id=parent.id if parent else None,
        in_reply_to_actor_id=parent.actor_id if parent else None,
        conversation_uri=(parent.conversation_uri if parent else None) or draft.conversation_uri or draft.uri,
        published_at=published_at,
        edited_at=draft.edited_at,
        received_at=unit.now,
        actor=draft.author,
        mentions=_mentions(text.mentions, draft.audience),
        hashtags=[StatusHashtag(tag=tag, name=name) for tag, name in text.hashtags.items()],
        **_columns(text),
    )
    status.media = _placed(text.media)
    unit.add(status)
    unit.flush()
    _count_status(unit, status, by=1)
    _adopt_replies(unit, status)
    unit.publish(StatusCreated(status))
    return status


def edit_status(unit: Unit, status: Status, text: StatusText, edited_at: datetime) -> bool:
    """Replace what a status says and keep the old version; False if nothing changed or the edit is an old one.

    `status` comes with `mentions`, `hashtags` and `media` loaded. Who may read it does not change: an edit never
    adds silent readers (row H08).
    """
    if status.edited_at and edited_at <= status.edited_at:
        return False
    changed = {name: value for name, value in _columns(text).items() if getattr(status, name) != value}
    if not changed and not _media_changed(status, text):
        return False
    _keep_version(unit, status)
    for name, value in changed.items():
        setattr(status, name, value)
    status.edited_at = min(edited_at, unit.now)
    known = {mention.actor_id for mention in status.mentions}
    status.mentions.extend(_mentions([actor for actor in text.mentions if actor.id not in known], ()))
    unit.execute(delete(StatusHashtag).where(StatusHashtag.status_id == status.id))
    unit.expire(status, ["hashtags"])
    status.hashtags = [StatusHashtag(tag=tag, name=name) for tag, name in text.hashtags.items()]
    status.media = _placed(text.media)
    unit.flush()
    unit.publish(StatusEdited(status))
    return True


def delete_status(unit: Unit, status: Status) -> None:
    """Remove a status with all that hangs on it; a tombstone keeps its URI from coming back."""
    # Published before the row goes: the feeds and counters that name it must still be found.
    unit.publish(StatusDeleted(status.id, status.actor_id))
    _count_status(unit, status, by=-1)
    bury(unit, status.uri, former_type=status.type)
    unit.execute(delete(Status).where(Status.id == status.id))
    unit.expunge(status)


def bury(unit: Unit, uri: str, *, former_type: str = "Note") -> None:
    """Note that this URI is gone, whether or not we ever had it. The caller has checked the deleter's authority."""
    dialect = postgresql if unit.get_bind().dialect.name == "postgresql" else sqlite
    unit.execute(
        dialect.insert(Tombstone)
        .values(uri=uri, former_type=former_type, deleted_at=unit.now)
        .on_conflict_do_nothing()
    )


def _columns(text: StatusText) -> dict[str, Any]:
    return {
        "title": text.title,
        "content": text.content,
        "content_map": dict(text.content_map),
        "source": text.source,
        "summary": text.summary,
        "sensitive": text.sensitive,
        "language": text.language,
        "emojis": [dict(emoji) for emoji in text.emojis],
    }


def _mentions(named: Sequence[Actor], silent: Sequence[Actor]) -> list[Mention]:
    """One row per actor; who is named is not also silent."""
    rows = {actor.id: Mention(actor_id=actor.id, actor=actor, silent=True) for actor in silent}
    rows |= {actor.id: Mention(actor_id=actor.id, actor=actor, silent=False) for actor in named}
    return list(rows.values())


def _placed(media: Sequence[Media]) -> list[Media]:
    for position, item in enumerate(media):
        item.position = position
    return list(media)


def _media_changed(status: Status, text: StatusText) -> bool:
    before = [(item.remote_url, item.storage_key, item.description) for item in status.media]
    after = [(item.remote_url, item.storage_key, item.description) for item in text.media]
    return before != after


def _keep_version(unit: Unit, status: Status) -> None:
    since = status.edited_at or status.published_at
    unit.execute(
        insert(StatusEdit).values(
            id=new_id(unit.now),
            status_id=status.id,
            title=status.title,
            content=status.content,
            summary=status.summary,
            sensitive=status.sensitive,
            media=[{"id": str(item.id), "description": item.description} for item in status.media],
            created_at=since,
        )
    )


def _adopt_replies(unit: Unit, status: Status) -> None:
    """Tie replies that arrived before this status to it."""
    waiting = (Status.in_reply_to_uri == status.uri) & Status.in_reply_to_id.is_(None)
    children = unit.scalar(select(func.count()).where(waiting, Status.visibility.in_(COUNTED)))
    if children is None or not unit.scalar(select(Status.id).where(waiting).limit(1)):
        return
    unit.execute(
        update(Status)
        .where(waiting)
        .values(in_reply_to_id=status.id, in_reply_to_actor_id=status.actor_id)
        .execution_options(synchronize_session=False)
    )
    status.replies_count = children
    unit.flush()


def _count_status(unit: Unit, status: Status, *, by: int) -> None:
    """Move the author's and the parent's counters in the database."""
    values: dict[Any, Any] = {}
    if status.visibility != Visibility.DIRECT:
        values[Actor.statuses_count] = Actor.statuses_count + by
    if by > 0:
        values[Actor.last_status_at] = unit.now
    if values:
        unit.execute(
            update(Actor)
            .where(Actor.id == status.actor_id)
            .values(values)
            .execution_options(synchronize_session=False)
        )
    if status.in_reply_to_id and status.visibility in COUNTED:
        unit.execute(
            update(Status)
            .where(Status.id == status.in_reply_to_id)
            .values(replies_count=Status.replies_count + by)
            .execution_options(synchronize_session=False)
        )
