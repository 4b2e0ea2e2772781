"""Which old posts are to be read in the background, and how far that is.

What is asked for is a row with a lease (`services/leases.py`), so it outlives the process, and asking twice is asking
once. The reading itself is `activitypub/backfill.py`. https://docs.joinmastodon.org/entities/AsyncRefresh/
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache

from msgspec import Struct
from sqlalchemy import Select, bindparam, delete, exists, func, or_, select, update
from sqlalchemy.orm import Session, aliased, joinedload

from activitypub.backfill import OpenedThread
from activitypub.backoff import pause
from activitypub.caps import CAPS
from activitypub.documents import STATUS_OPTIONS
from activitypub.models import Actor, Follow, Status, new_id
from activitypub.unit import Unit
from fediverse_kommune.fanout.timelines import show_latest
from fediverse_kommune.inserts import insert_new_row
from fediverse_kommune.models import Backfill, FeedEntry
from fediverse_kommune.services import previews
from fediverse_kommune.services.leases import Waiting
from fediverse_kommune.services.threads import Thread, load_thread

ATTEMPTS = 4  # when nothing can be read at all
KEPT_FOR = timedelta(days=1)  # after it was asked for; as long an actor's pins are not read again
READINGS = Waiting(Backfill.id, Backfill.due_at)
"""What is to be read."""


class Reading(Struct, frozen=True):
    """What is to be read: the posts of an actor, or only the pinned ones, or a thread."""

    id: int
    actor: Actor | None
    thread: OpenedThread | None
    only_pins: bool = False


class Refresh(Struct, frozen=True):
    """How far a reading is."""

    id: int
    running: bool
    found: int


# ------------------------------------------------------------------------------------------------------ asking


def want_profile(unit: Unit, follow: Follow) -> None:
    """Have the posts of somebody elsewhere read whom nobody here followed before this follow."""
    others = exists().where(
        Follow.followed_id == follow.followed_id,
        Follow.follower_id == Actor.id,
        Follow.id != follow.id,
        Follow.accepted_at.is_not(None),
        Actor.domain.is_(None),
    )
    if unit.instance.backfills and not unit.scalar(select(others)):
        _want(unit, actor_id=follow.followed_id)


def want_pins(unit: Unit, actor: Actor) -> None:
    """Have the pins of somebody elsewhere read again who is followed here, at most once a day.

    Not everybody sends an Add for what they pin.
    """
    if not unit.instance.backfills or actor.is_local or actor.featured_uri is None:
        return
    recent = exists().where(Backfill.actor_id == actor.id, Backfill.wanted_at > unit.now - KEPT_FOR)
    if unit.scalar(select(_followers_here(actor.id).exists() & ~recent)) and _has_room(unit):
        _want(unit, actor_id=actor.id)


def _followers_here(actor_id: int) -> Select[int]:
    """Select who of ours follows an actor."""
    ours = aliased(Actor)
    held = (Follow.followed_id == actor_id, Follow.accepted_at.is_not(None), ours.domain.is_(None))
    return select(Follow.follower_id).join(ours, ours.id == Follow.follower_id).where(*held)


def _has_room(session: Session) -> bool:
    waiting = select(func.count()).select_from(Backfill).where(Backfill.due_at.is_not(None))
    return (session.scalar(waiting) or 0) < CAPS.backfills_waiting


def find_refresh(session: Session, status: Status, thread: Thread, now: datetime) -> Refresh | None:
    """Return what is being read, or was a moment ago, of the thread around a status."""
    shown, since = [status.id, *thread.ancestors], now - CAPS.thread_reads_apart
    return _refresh(session.scalar(_latest(), {"shown": shown, "since": since}))


@cache
def _latest() -> Select[Backfill]:
    recent = or_(Backfill.due_at.is_not(None), Backfill.wanted_at > bindparam("since"))
    among = Backfill.status_id.in_(bindparam("shown", expanding=True))
    return select(Backfill).where(among, recent).order_by(Backfill.wanted_at.desc()).limit(1)


def want_thread(unit: Unit, status_id: int) -> Refresh | None:
    """Have the thread around a status from elsewhere read; None if it was a moment ago, or too much waits already."""
    known = unit.scalar(select(Backfill).where(Backfill.status_id == status_id))
    if known is not None and known.due_at is None and known.wanted_at > unit.now - CAPS.thread_reads_apart:
        return None
    if known is None or known.due_at is None:
        if not _has_room(unit):
            return None
        _want(unit, status_id=status_id)
    return _refresh(unit.scalar(select(Backfill).where(Backfill.status_id == status_id)))


def find(session: Session, refresh_id: int) -> Refresh | None:
    """Return how far the reading of a thread is."""
    row = session.get(Backfill, refresh_id)
    return _refresh(row) if row is not None and row.status_id is not None else None


def _want(unit: Unit, *, actor_id: int | None = None, status_id: int | None = None) -> None:
    fresh = {"wanted_at": unit.now, "due_at": unit.now, "attempts": 0, "found": 0}
    new = insert_new_row(unit, Backfill, id=new_id(unit.now), actor_id=actor_id, status_id=status_id, **fresh)
    if not new:
        same = Backfill.actor_id == actor_id if actor_id else Backfill.status_id == status_id
        again = update(Backfill).where(same, Backfill.due_at.is_(None)).values(id=new_id(unit.now), **fresh)
        unit.execute(again.execution_options(synchronize_session=False))


def _refresh(row: Backfill | None) -> Refresh | None:
    """Return how far a reading is. One that is put off, because nothing answers, is nothing to wait for in front of."""
    return Refresh(row.id, row.due_at is not None and row.attempts == 0, row.found) if row else None


# --------------------------------------------------------------------------------------------------- the worker


def claim(unit: Unit, room: int) -> Sequence[Reading]:
    """Take what is to be read under a lease."""
    rows = unit.scalars(select(Backfill).where(Backfill.id.in_(READINGS.claim(unit, room)))).all()
    return [_reading(unit, row) for row in rows]


def note_found(unit: Unit, reading: Reading, found: int) -> None:
    """Note how many statuses were new so far."""
    _set(unit, reading, found=found)


def finish(unit: Unit, reading: Reading, found: int) -> None:
    """Note that all is read, and show what somebody posted to who follows."""
    _set(unit, reading, found=found, due_at=None)
    if reading.actor is not None and not reading.only_pins:
        _show(unit, reading.actor)


def put_off(unit: Unit, reading: Reading) -> None:
    """Note that nothing could be read: try again some times after a growing pause."""
    row = unit.get(Backfill, reading.id, populate_existing=True)
    if row is not None:
        row.attempts += 1
        row.due_at = unit.now + pause(row.attempts) if row.attempts < ATTEMPTS else None
        unit.flush()


def sweep(unit: Unit) -> None:
    """Forget what was finished long ago."""
    unit.execute(delete(Backfill).where(Backfill.due_at.is_(None), Backfill.wanted_at < unit.now - KEPT_FOR))


def _reading(session: Session, row: Backfill) -> Reading:
    if row.actor_id is not None:
        # Who was followed by then has had everything else read, or been sent it.
        before = _followers_here(row.actor_id).where(Follow.accepted_at < row.wanted_at)
        only_pins = bool(session.scalar(select(before.exists())))
        return Reading(row.id, session.get(Actor, row.actor_id), None, only_pins)
    status = session.get_one(Status, row.status_id)
    thread = load_thread(session, status, signed_in=True)
    top = session.get_one(Status, thread.ancestors[0]) if thread.ancestors else status
    known = select(Status.uri).where(Status.id.in_([*thread.ancestors, *thread.descendants]))
    return Reading(row.id, None, OpenedThread(status.uri, top.in_reply_to_uri, frozenset(session.scalars(known))))


def _set(unit: Unit, reading: Reading, **values: object) -> None:
    row = update(Backfill).where(Backfill.id == reading.id).values(values)
    unit.execute(row.execution_options(synchronize_session=False))


def _show(unit: Unit, actor: Actor) -> None:
    """Put the latest of an actor where its followers here look, each at its place in time, with previews of links."""
    local = aliased(Actor)
    follows = (
        select(Follow)
        .join(local, local.id == Follow.follower_id)
        .where(Follow.followed_id == actor.id, Follow.accepted_at.is_not(None), local.domain.is_(None))
        .options(joinedload(Follow.follower))
    )
    for follow in unit.scalars(follows).all():
        show_latest(unit, follow)
    shown = exists().where(FeedEntry.status_id == Status.id)
    seen = select(Status).where(Status.actor_id == actor.id, Status.unheard, shown).limit(CAPS.outbox_items)
    for status in unit.scalars(seen.order_by(Status.id.desc()).options(*STATUS_OPTIONS)).all():
        previews.want_card(unit, status)
