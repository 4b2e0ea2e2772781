"""Notices for everybody who is logged in: written by administrators, dismissed and answered with emoji by the others.

https://docs.joinmastodon.org/methods/announcements/
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from msgspec import Struct
from sqlalchemy import ColumnElement, and_, delete, exists, func, or_, select
from sqlalchemy.orm import Session

from activitypub.access import readable_by
from activitypub.emojis import emoji_in
from activitypub.graph.actors import folded_handle
from activitypub.instance import LocalInstance
from activitypub.marks import find_hashtags, find_mentions
from activitypub.models import Actor, Status, new_id
from activitypub.unit import Unit
from fediverse_kommune.events import AnnouncementChanged, AnnouncementReacted, AnnouncementRemoved
from fediverse_kommune.inserts import insert_new_row
from fediverse_kommune.models import Announcement, AnnouncementDismissal, AnnouncementReaction
from fediverse_kommune.services.refusals import Invalid, NotFound
from webfinger.handle import parse_handle

TEXT_LENGTH = 5_000
EMOJI = 8  # different ones below one announcement, as in Mastodon
SHOWN = 50  # announcements at a time

_URL = re.compile(r"https?://[^\s<>\"]+")


class Notice(Struct, frozen=True):
    """An announcement as an administrator writes it."""

    text: str
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    all_day: bool = False


class Reaction(Struct, frozen=True):
    """How many people chose an emoji, and whether the reader is one of them."""

    name: str
    count: int
    me: bool


class ShownAnnouncement(Struct, frozen=True):
    """An announcement as somebody reads it, with all that its text names."""

    row: Announcement
    read: bool
    reactions: Sequence[Reaction]
    mentioned: Mapping[str, Actor]
    statuses: Sequence[Status]
    hashtags: Sequence[str]


def publish(unit: Unit, notice: Notice) -> Announcement:
    """Show everybody an announcement from now on. Raises `Invalid`."""
    row = Announcement(id=new_id(unit.now), published_at=unit.now)
    unit.add(row)
    _fill(unit, row, notice)
    return row


def change(unit: Unit, announcement_id: int, notice: Notice) -> Announcement:
    """Let an announcement say something else. Raises `NotFound`, `Invalid`."""
    row = _find(unit, announcement_id)
    _fill(unit, row, notice)
    return row


def remove(unit: Unit, announcement_id: int) -> Announcement:
    """Take an announcement away with its reactions; return what it said. Raises `NotFound`."""
    row = _find(unit, announcement_id)
    unit.delete(row)
    unit.flush()
    unit.publish(AnnouncementRemoved(announcement_id))
    return row


def current(
    session: Session, actor_id: int, now: datetime, instance: LocalInstance, *, with_dismissed: bool
) -> list[ShownAnnouncement]:
    """Return what is announced now, oldest first, in five statements at most."""
    dismissed = exists().where(
        AnnouncementDismissal.announcement_id == Announcement.id, AnnouncementDismissal.actor_id == actor_id
    )
    query = select(Announcement, dismissed.label("read")).where(_is_current(now))
    if not with_dismissed:
        query = query.where(~dismissed)
    rows = [(row, read) for row, read in session.execute(query.order_by(Announcement.id).limit(SHOWN))]
    if not rows:
        return []
    texts = [row.text for row, _ in rows]
    reactions = reactions_of(session, actor_id, [row.id for row, _ in rows])
    mentioned, statuses = _mentioned(session, instance, texts), _statuses(session, texts)
    return [
        ShownAnnouncement(
            row,
            bool(read),
            reactions.get(row.id, ()),
            {acct: actor for acct, actor in mentioned.items() if acct in _accts(instance, row.text)},
            [status for status in statuses if {status.uri, status.url} & set(_URL.findall(row.text))],
            find_hashtags(row.text),
        )
        for row, read in rows
    ]


def dismiss(unit: Unit, actor_id: int, announcement_id: int) -> None:
    """Note that somebody has read an announcement. Raises `NotFound`."""
    _find_current(unit, announcement_id)
    insert_new_row(unit, AnnouncementDismissal, announcement_id=announcement_id, actor_id=actor_id)


def react(unit: Unit, actor_id: int, announcement_id: int, name: str) -> None:
    """Put an emoji below an announcement; a second time changes nothing. Raises `NotFound`, `Invalid`."""
    _find_current(unit, announcement_id)
    emoji = emoji_in(name)
    if emoji is None:
        raise Invalid("This is no emoji that can be used here.")
    names = set(
        unit.scalars(
            select(AnnouncementReaction.name).where(AnnouncementReaction.announcement_id == announcement_id).distinct()
        )
    )
    if emoji not in names and len(names) >= EMOJI:
        raise Invalid(f"There are {EMOJI} different reactions already.")
    row = {"announcement_id": announcement_id, "actor_id": actor_id, "name": emoji, "created_at": unit.now}
    if insert_new_row(unit, AnnouncementReaction, **row):
        _tell_of_reaction(unit, announcement_id, emoji)


def unreact(unit: Unit, actor_id: int, announcement_id: int, name: str) -> None:
    """Take one's emoji back. Raises `NotFound` also if there is none."""
    _find_current(unit, announcement_id)
    emoji = emoji_in(name) or name
    removed = unit.run(
        delete(AnnouncementReaction).where(
            AnnouncementReaction.announcement_id == announcement_id,
            AnnouncementReaction.actor_id == actor_id,
            AnnouncementReaction.name == emoji,
        )
    )
    if removed.rowcount == 0:
        raise NotFound
    _tell_of_reaction(unit, announcement_id, emoji)


def reactions_of(session: Session, actor_id: int, ids: Sequence[int]) -> dict[int, list[Reaction]]:
    """Return the reactions to announcements, the first that was chosen first."""
    rows = session.execute(
        select(
            AnnouncementReaction.announcement_id,
            AnnouncementReaction.name,
            func.count(),
            func.count().filter(AnnouncementReaction.actor_id == actor_id),
        )
        .where(AnnouncementReaction.announcement_id.in_(ids))
        .group_by(AnnouncementReaction.announcement_id, AnnouncementReaction.name)
        .order_by(func.min(AnnouncementReaction.created_at), AnnouncementReaction.name)
    )
    found: dict[int, list[Reaction]] = defaultdict(list)
    for announcement_id, name, count, me in rows:
        found[announcement_id].append(Reaction(name, count, bool(me)))
    return found


# ----------------------------------------------------------------------------------------------- the steps


def _is_current(now: datetime) -> ColumnElement[bool]:
    return and_(Announcement.published_at <= now, or_(Announcement.ends_at.is_(None), Announcement.ends_at > now))


def _fill(unit: Unit, row: Announcement, notice: Notice) -> None:
    text = notice.text.strip()
    if not text or len(text) > TEXT_LENGTH:
        raise Invalid(f"An announcement has 1 to {TEXT_LENGTH} characters.")
    if notice.starts_at and notice.ends_at and notice.ends_at < notice.starts_at:
        raise Invalid("An announcement cannot end before it starts.")
    row.text, row.starts_at, row.ends_at, row.all_day = text, notice.starts_at, notice.ends_at, notice.all_day
    row.updated_at = unit.now
    unit.flush()
    unit.publish(AnnouncementChanged(row.id))


def _find(session: Session, announcement_id: int) -> Announcement:
    row = session.get(Announcement, announcement_id)
    if row is None:
        raise NotFound
    return row


def _find_current(unit: Unit, announcement_id: int) -> None:
    if unit.scalar(select(Announcement.id).where(Announcement.id == announcement_id, _is_current(unit.now))) is None:
        raise NotFound


def _tell_of_reaction(unit: Unit, announcement_id: int, name: str) -> None:
    count = unit.scalar(
        select(func.count())
        .select_from(AnnouncementReaction)
        .where(AnnouncementReaction.announcement_id == announcement_id, AnnouncementReaction.name == name)
    )
    unit.publish(AnnouncementReacted(announcement_id, name, count or 0))


def _accts(instance: LocalInstance, text: str) -> list[str]:
    return find_mentions(text, test_network=instance.test_network)


def _mentioned(session: Session, instance: LocalInstance, texts: Sequence[str]) -> dict[str, Actor]:
    """Return the actors that texts name, by how they are written."""
    wanted = {}
    for acct in {acct for text in texts for acct in _accts(instance, text)}:
        handle = parse_handle(acct, default_domain=instance.account_domain, test_network=instance.test_network)
        wanted[acct] = folded_handle(handle.username, None if handle.domain in instance.hosts else handle.domain)
    if not wanted:
        return {}
    rows = session.scalars(select(Actor).where(Actor.handle.in_(wanted.values()), Actor.suspended_at.is_(None)))
    actors = {actor.handle: actor for actor in rows}
    return {acct: actors[handle] for acct, handle in wanted.items() if handle in actors}


def _statuses(session: Session, texts: Sequence[str]) -> Sequence[Status]:
    """Return the posts that texts link to and everybody may read."""
    urls = {url for text in texts for url in _URL.findall(text)}
    if not urls:
        return []
    return session.scalars(
        select(Status).where(or_(Status.uri.in_(urls), Status.url.in_(urls)), readable_by(None))
    ).all()
