"""Mentions, hashtags, files and events of many statuses in one statement, where the ORM would take four.

Each row comes packed as a JSON array that the database makes, so that these tables fit under one UNION. What is made
of it are rows for reading only: they belong to no session.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import cache
from typing import Any

import msgspec
from sqlalchemy import JSON, Boolean, Enum, Executable, Select, Text, cast, func, literal, select, union_all
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import KeyedColumnElement

from activitypub.models import Actor, Base, CalendarEvent, Media, Mention, Status, StatusHashtag, attach
from activitypub.models.base import Html, Instant
from fediverse_kommune.api.prepared import STATUS_IDS

MEDIA: tuple[KeyedColumnElement[Any], ...] = tuple(
    column for column in Media.__table__.c if not isinstance(column.type, Instant | Html)
)
"""All that is known of a file, but times, which nothing shows."""

ACTOR: tuple[KeyedColumnElement[Any], ...] = tuple(
    Actor.__table__.c[name] for name in ("id", "username", "domain", "uri", "url")
)
"""What a mention shows of an actor."""

MENTION: tuple[KeyedColumnElement[Any], ...] = (Mention.__table__.c.status_id, Mention.__table__.c.silent, *ACTOR)
HASHTAG: tuple[KeyedColumnElement[Any], ...] = tuple(StatusHashtag.__table__.c)
EVENT: tuple[KeyedColumnElement[Any], ...] = tuple(CalendarEvent.__table__.c)


def attach_parts(session: Session, statuses: Iterable[Status]) -> None:
    """Give all of these statuses their `mentions`, `hashtags` and `media`, and their `event`.

    Events are asked for only where there may be one.
    """
    by_id = defaultdict(list)
    for status in statuses:
        by_id[status.id].append(status)
    if not by_id:
        return
    parts: dict[str, dict[int, list[Any]]] = {kind: defaultdict(list) for kind in _READERS}
    has_events = any(status.type == "Event" for same in by_id.values() for status in same)
    statement = _statement(session.get_bind().dialect.name, has_events=has_events)
    for kind, status_id, packed in session.execute(statement, {"status_ids": list(by_id)}):
        parts[kind][status_id].append(_READERS[kind](msgspec.json.decode(packed)))
    for rows in parts["media"].values():
        rows.sort(key=lambda media: media.position)
    for status_id, same in by_id.items():
        for status in same:
            attach(status, **{kind: parts[kind].get(status_id, []) for kind in _LISTS})
            attach(status, event=next(iter(parts["event"].get(status_id, ())), None))


@cache
def _statement(dialect: str, *, has_events: bool) -> Executable:
    pack = _packer(dialect)
    mentions = (
        select(literal("mentions"), Mention.status_id, pack(MENTION))
        .join(Actor, Actor.id == Mention.actor_id)
        .where(Mention.status_id.in_(STATUS_IDS))
    )
    hashtags = select(literal("hashtags"), StatusHashtag.status_id, pack(HASHTAG)).where(
        StatusHashtag.status_id.in_(STATUS_IDS)
    )
    media: Select[Any] = select(literal("media"), Media.status_id, pack(MEDIA)).where(Media.status_id.in_(STATUS_IDS))
    events: Select[Any] = select(literal("event"), CalendarEvent.status_id, pack(EVENT)).where(
        CalendarEvent.status_id.in_(STATUS_IDS)
    )
    return union_all(mentions, hashtags, media, *([events] if has_events else ()))


def _packer(dialect: str) -> Callable[[tuple[KeyedColumnElement[Any], ...]], Any]:
    """Return the function that packs columns; both databases have it under another name."""
    if dialect == "postgresql":
        return lambda columns: cast(func.json_build_array(*columns), Text)
    return lambda columns: func.json_array(*columns)


def _mention(values: list[Any]) -> Mention:
    status_id, silent, *actor = values
    row = _row(Actor, ACTOR, actor)
    return attach(Mention(status_id=status_id, actor_id=row.id, silent=bool(silent)), actor=row)


def _row(table: type[Base], columns: tuple[KeyedColumnElement[Any], ...], values: list[Any]) -> Any:
    return table(**{column.key: _value(column, value) for column, value in zip(columns, values, strict=True)})


def _value(column: KeyedColumnElement[Any], value: Any) -> Any:
    """Return a value as the column's type would have read it."""
    match column.type:
        case Enum(enum_class=kind) if kind is not None and value is not None:
            return kind(value)
        case Instant() if value is not None:
            moment = datetime.fromisoformat(value)
            return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)  # SQLite has no zone
        case Boolean() if value is not None:
            return bool(value)  # SQLite has 0 and 1
        case JSON() if isinstance(value, str):
            return msgspec.json.decode(value)  # SQLite keeps JSON as text
        case _:
            return value


_LISTS = ("mentions", "hashtags", "media")
_READERS: dict[str, Callable[[list[Any]], Any]] = {
    "mentions": _mention,
    "hashtags": lambda values: _row(StatusHashtag, HASHTAG, values),
    "media": lambda values: _row(Media, MEDIA, values),
    "event": lambda values: _row(CalendarEvent, EVENT, values),
}
