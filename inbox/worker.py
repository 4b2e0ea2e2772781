"""From stored activities to their effects: claim with a lease, dispatch, then done, later, or dead letter.

done      it took effect, or will never have any; the row stays, so that a repeat has none either
later     something could not be reached: again after a pause that grows
dead      it failed too often; an administrator can see it, and nothing behind it waits
"""

import asyncio
import logging
from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from functools import cache
from itertools import groupby

from msgspec import Struct
from sqlalchemy import ColumnElement, Integer, Text, Update, bindparam, delete, exists, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased
from sqlalchemy.sql.dml import ReturningUpdate

from activitypub.backoff import pause
from activitypub.domain_blocks import DomainBlocks
from activitypub.fetch import FetchError, Unavailable
from activitypub.models import Tombstone
from activitypub.models.base import Instant
from activitypub.parse import Unreadable, parse_activity
from activitypub.resolver import Resolver
from activitypub.strict_json import read_object
from activitypub.tasks import LEASE
from activitypub.unit import StorageUnavailable, Unit
from inbox.arrival import Arrival, Effect, Ignored
from inbox.dispatch import handler_for
from inbox.handlers.hearsay import receive_hearsay
from inbox.models import InboxItem
from inbox.refused import prune_refusals
from outbox.reachability import hosts_are_alive

log = logging.getLogger(__name__)

ITEM_TIMEOUT = 60.0  # seconds one activity may take with all its fetches
BATCH = 64
# In a rush, accepting goes first, but what came is worked on all the while: so many items in every such pause.
RUSH_BATCH, RUSH_SECONDS = 2, 0.2
MAX_ATTEMPTS = 10
CLAIM_LOCK = 0x696E626F78  # "inbox": the key of an advisory lock
PAUSE_SECONDS = 1.0  # between two attempts to write while the database takes nothing
KEEP_DONE = timedelta(days=30)  # how long a repeat is recognised; signatures expire after 13 hours

_NOW = bindparam("now", type_=Instant)


class Parcel(Struct, frozen=True):
    """What one actor sent, in the order it came. Different actors do not wait for each other."""

    items: Sequence[InboxItem]

    @property
    def actor_uri(self) -> str:
        """Whose activities these are."""
        return self.items[0].actor_uri


class InboxWork:
    """The inbox as a `Queue` for `activitypub.tasks.Worker`."""

    def __init__(self, resolver: Resolver, blocks: DomainBlocks, is_pressing: Callable[[], bool]) -> None:
        """`is_pressing` says that so much arrives just now that accepting it needs the processor."""
        self._is_pressing = is_pressing
        self._resolver = resolver
        self._blocks = blocks
        self._db = resolver.ctx.db
        self._busy: set[str] = set()

    async def claim(self, room: int) -> Sequence[Parcel]:
        """Lease due activities of actors of whom nothing is in hand, at most `room` actors."""
        batch = BATCH
        if self._is_pressing():
            await asyncio.sleep(RUSH_SECONDS)
            batch = RUSH_BATCH
        items = await self._db.write_behind(claim, batch, frozenset(self._busy))
        ordered = sorted(items, key=lambda item: (item.actor_uri, item.id))
        parcels = [Parcel(list(group)) for _, group in groupby(ordered, key=lambda item: item.actor_uri)]
        self._busy.update(parcel.actor_uri for parcel in parcels)
        return parcels

    async def work(self, parcel: Parcel) -> bool:
        """Make the activities of a parcel true, one after the other."""
        try:
            for item in parcel.items:
                await self._process(item)
        finally:
            self._busy.discard(parcel.actor_uri)
        return True

    async def extend(self, parcels: Sequence[Parcel]) -> None:
        """Renew the leases of what is in hand."""
        await self._db.write_behind(extend, _ids(parcels))

    async def release(self, parcels: Sequence[Parcel]) -> None:
        """Give back what was not finished."""
        await self._db.write_behind(release, _ids(parcels))

    async def _process(self, item: InboxItem) -> None:
        """Work on one item, and note what became of it whatever happens."""
        try:
            async with asyncio.timeout(ITEM_TIMEOUT):
                effect = await self._effect_of(item)
            if isinstance(effect, Ignored):
                log.info("%s %s has no effect: %s", item.type, item.activity_uri, effect.reason)
            await self._db.write_behind(finish, item.id, effect)
        except Unavailable as error:
            await self._note(put_off, item, item.attempts, str(error))
        except (FetchError, Unreadable) as error:
            log.info("%s %s has no effect: %s", item.type, item.activity_uri, error)
            await self._note(finish, item, Ignored(str(error)))
        except (StorageUnavailable, IntegrityError, TimeoutError) as error:
            # Full, locked, slow, or two workers met on one row: nothing is wrong with the activity itself.
            await self._note(put_off, item, item.attempts, f"{type(error).__name__}: {error}")
        except Exception as error:
            log.exception("%s %s failed", item.type, item.activity_uri)
            await self._note(put_off, item, item.attempts, f"{type(error).__name__}: {error}")

    async def _effect_of(self, item: InboxItem) -> Effect | Ignored:
        activity = parse_activity(read_object(item.body))
        arrival = Arrival(self._resolver, item.body, item.recipient_id)
        if item.hearsay:
            return await receive_hearsay(arrival, activity)
        sender = await self._resolver.actor(item.actor_uri, arrival.budget)
        if sender.suspended_at is not None or await self._blocks.is_suspended(sender.host):
            return Ignored("the sender is suspended here")
        handler = handler_for(activity)
        if handler is None:
            return Ignored(f"{activity.type} of this kind is not something this server acts on")
        return await handler(arrival, activity, sender)

    async def _note(self, note: Callable[..., None], item: InboxItem, *what: object) -> None:
        """Write down what became of an item, again and again while the database takes nothing.

        If that lasts longer than the lease, somebody may work on the item a second time, which changes nothing.
        """
        while True:
            try:
                return await self._db.write_behind(note, item.id, *what)
            except StorageUnavailable:
                log.warning("what became of %s cannot be written down yet", item.activity_uri)
                await asyncio.sleep(PAUSE_SECONDS)


def claim(unit: Unit, limit: int, busy: Collection[str] = ()) -> Sequence[InboxItem]:
    """Take up to `limit` due items under a lease, those first that came first, and count the attempt.

    Actors in `busy` are passed over, and so are those of whom anybody has something in hand, also one that died
    with it: what came after that must not overtake it.
    """
    _claim_alone(unit)
    asked = {"now": unit.now, "lease_ends": unit.now + LEASE, "busy": list(busy), "most": limit}
    items = list(unit.scalars(_claimed(), asked))
    if items:
        hosts_are_alive(unit, {item.origin for item in items if not item.hearsay})
    return items


def _claim_alone(unit: Unit) -> None:
    """On PostgreSQL let one worker claim at a time, or two at once might share an actor between them."""
    if unit.get_bind().dialect.name == "postgresql":
        unit.execute(select(func.pg_advisory_xact_lock(CLAIM_LOCK)))


@cache
def _claimed() -> ReturningUpdate[InboxItem]:
    """Lease the `:most` oldest items that are due at `:now`, of no actor in `:busy`, until `:lease_ends`."""
    due = (
        select(InboxItem.id)
        .where(InboxItem.done_at.is_(None), InboxItem.dead_at.is_(None), InboxItem.next_attempt_at <= _NOW)
        .where(InboxItem.actor_uri.not_in(bindparam("busy", expanding=True)), ~_in_hand())
        .order_by(InboxItem.received_at, InboxItem.id)
        .limit(bindparam("most", type_=Integer))
        .with_for_update(skip_locked=True)
    )
    leased = {"next_attempt_at": bindparam("lease_ends", type_=Instant), "attempts": InboxItem.attempts + 1}
    return (
        update(InboxItem)
        .where(InboxItem.id.in_(due.scalar_subquery()))
        .values(**leased, last_error=None)
        .returning(InboxItem)
        .execution_options(synchronize_session=False)
    )


def _in_hand() -> ColumnElement[bool]:
    """True if an item of the same actor is in hand: attempted and, unlike one that was put off, without an error."""
    other = aliased(InboxItem)
    return exists().where(
        other.actor_uri == InboxItem.actor_uri,
        other.done_at.is_(None),
        other.dead_at.is_(None),
        other.attempts > 0,
        other.next_attempt_at > _NOW,
        other.last_error.is_(None),
    )


def finish(unit: Unit, item_id: int, effect: Effect | Ignored) -> None:
    """Let the activity take effect and note it as done, both or neither, and only once."""
    reason = effect.reason if isinstance(effect, Ignored) else None
    first = unit.run(_done(), {"item": item_id, "now": unit.now, "reason": reason})
    if first.rowcount and not isinstance(effect, Ignored):
        effect(unit)


@cache
def _done() -> Update:
    return (
        update(InboxItem)
        .where(InboxItem.id == bindparam("item"), InboxItem.done_at.is_(None))
        .values(done_at=bindparam("now", type_=Instant), body=b"", last_error=bindparam("reason", type_=Text))
    )


def put_off(unit: Unit, item_id: int, attempts: int, error: str) -> None:
    """Try again after a growing pause, or not at all after too many attempts."""
    values: dict[str, datetime | str] = {"last_error": error[:1_000]}
    if attempts >= MAX_ATTEMPTS:
        values["dead_at"] = unit.now
    else:
        values["next_attempt_at"] = unit.now + pause(attempts)
    unit.execute(
        update(InboxItem)
        .where(InboxItem.id == item_id, InboxItem.done_at.is_(None))
        .values(values)
        .execution_options(synchronize_session=False)
    )


def extend(unit: Unit, item_ids: Collection[int]) -> None:
    """Renew leases; what is done meanwhile is left alone."""
    _set_due(unit, item_ids, unit.now + LEASE)


def release(unit: Unit, item_ids: Collection[int]) -> None:
    """End leases: the items are due at once."""
    _set_due(unit, item_ids, unit.now)


def release_all(unit: Unit) -> None:
    """Make due what a former process had in hand. Only where no other process works on this database."""
    unit.execute(
        update(InboxItem)
        .where(InboxItem.done_at.is_(None), InboxItem.dead_at.is_(None), InboxItem.last_error.is_(None))
        .values(next_attempt_at=unit.now)
        .execution_options(synchronize_session=False)
    )


def prune(unit: Unit) -> None:
    """Forget what was done long ago, and tombstones nobody will ask for again."""
    horizon = unit.now - KEEP_DONE
    unit.execute(delete(InboxItem).where(InboxItem.done_at < horizon))
    ours = Tombstone.uri.startswith(unit.instance.origin, autoescape=True)
    unit.execute(delete(Tombstone).where(Tombstone.deleted_at < horizon, ~ours))
    prune_refusals(unit)


def _set_due(unit: Unit, item_ids: Collection[int], moment: datetime) -> None:
    unit.execute(
        update(InboxItem)
        .where(InboxItem.id.in_(item_ids), InboxItem.done_at.is_(None), InboxItem.dead_at.is_(None))
        .values(next_attempt_at=moment)
        .execution_options(synchronize_session=False)
    )


def _ids(parcels: Sequence[Parcel]) -> list[int]:
    return [item.id for parcel in parcels for item in parcel.items]
