"""Writing down what came of deliveries, many at a time, in one unit of work."""

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from msgspec import Struct
from sqlalchemy import Delete, Insert, Select, String, bindparam, delete, exists, func, select, update

from activitypub.backoff import HORIZON
from activitypub.models.base import Id
from activitypub.on_conflict import insert_for
from activitypub.unit import Unit
from outbox.claims import TakenLane
from outbox.delivery import Delivered, GiveUp, Outcome, Parcel, RetryAt
from outbox.lanes import QUIET, in_hand, lock_lanes, remove_finished, waiting
from outbox.models import Delivery, DeliveryDay, Lane, OutgoingActivity, RelayedStatus
from outbox.reachability import note_hosts

KEEP_GIVEN_UP = timedelta(days=7)
KEEP_DAYS = timedelta(days=35)
BLOCKED = "what stood before it in the lane failed for too long"

_HOLDER = bindparam("holder", type_=String)
# On the connection, because the session insists that every row still exists: one may be cancelled by now.
_NOTE_FAILURE = (
    update(Delivery)
    .where(Delivery.id == bindparam("key"))
    .values(attempts=bindparam("tried"), last_error=bindparam("reason"), given_up_at=bindparam("over"))
)


class Attempt(Struct, frozen=True):
    """What came of one delivery of a lane."""

    lane: TakenLane
    parcel: Parcel
    outcome: Outcome


class LaneEnd(Struct, frozen=True):
    """A lane is put down: when it is due again if something still waits, after so many failures in a row."""

    lane: TakenLane
    next_attempt_at: datetime
    failures: int


def record(unit: Unit, holder: str, attempts: Sequence[Attempt], ends: Sequence[LaneEnd]) -> bool:
    """Write down what came of deliveries and put lanes down. Return whether one of them is due again now."""
    lock_lanes(unit, Lane.id.in_({attempt.lane.id for attempt in attempts} | {end.lane.id for end in ends}))
    _record_outcomes(unit, attempts)
    _give_up_the_oldest(unit, [end.lane.id for end in ends if end.failures])
    is_due = _put_down(unit, holder, ends)
    _note_hosts(unit, attempts)
    _count(unit, attempts)
    remove_finished(unit, {attempt.parcel.letter.activity_id for attempt in attempts})
    return is_due


def prune(unit: Unit) -> None:
    """Forget what was given up a week ago, and what was cancelled in the hands of a worker that then died."""
    old = Delivery.given_up_at < unit.now - KEEP_GIVEN_UP
    unit.execute(delete(Delivery).where(old).execution_options(**QUIET))
    unit.execute(delete(Delivery).where(Delivery.cancelled, ~in_hand()).execution_options(**QUIET))
    unfinished = exists().where(Delivery.activity_id == OutgoingActivity.id)
    unit.execute(delete(OutgoingActivity).where(~unfinished).execution_options(**QUIET))
    unit.execute(
        delete(RelayedStatus).where(RelayedStatus.created_at < unit.now - KEEP_DAYS).execution_options(**QUIET)
    )
    unit.execute(delete(DeliveryDay).where(DeliveryDay.day < (unit.now - KEEP_DAYS).date()).execution_options(**QUIET))


def _record_outcomes(unit: Unit, attempts: Sequence[Attempt]) -> None:
    """Remove what arrived; note why the rest did not, unless its object is gone by now."""
    arrived = [entry.parcel.id for entry in attempts if isinstance(entry.outcome, Delivered)]
    failed = [row for entry in attempts if (row := _failure(unit, entry)) is not None]
    failed_ids = [row["key"] for row in failed]
    unit.run(_gone(), {"arrived": arrived, "failed": failed_ids})
    if failed:
        unit.connection().execute(_NOTE_FAILURE, failed)


@cache
def _gone() -> Delete:
    """Remove the deliveries `:arrived`, and those of `:failed` that were cancelled meanwhile."""
    arrived, failed = (Delivery.id.in_(bindparam(name, type_=Id, expanding=True)) for name in ("arrived", "failed"))
    return delete(Delivery).where(arrived | (failed & Delivery.cancelled))


def _failure(unit: Unit, entry: Attempt) -> dict[str, Any] | None:
    if isinstance(entry.outcome, Delivered):
        return None
    return {
        "key": entry.parcel.id,
        "tried": entry.parcel.attempts + 1,
        "reason": entry.outcome.reason,
        "over": unit.now if isinstance(entry.outcome, GiveUp) else None,
    }


def _give_up_the_oldest(unit: Unit, failing: Collection[int]) -> None:
    """Give up what has waited longer than the horizon in lanes that still fail, attempted itself or not."""
    if not failing:
        return
    unit.execute(
        update(Delivery)
        .where(Delivery.lane_id.in_(failing), waiting(), Delivery.created_at <= unit.now - HORIZON)
        .values(given_up_at=unit.now, last_error=func.coalesce(Delivery.last_error, BLOCKED))
        .execution_options(**QUIET)
    )


def _put_down(unit: Unit, holder: str, ends: Sequence[LaneEnd]) -> bool:
    """Remove lanes in which nothing waits, and end the lease of the others. Return whether one is due now."""
    if not ends:
        return False
    ours = {"lanes": [end.lane.id for end in ends], "holder": holder}
    unit.run(_emptied(), ours)
    left = frozenset(unit.run(_held(), ours).scalars())
    open_ends = [end for end in ends if end.lane.id in left]
    rows = [
        {"id": end.lane.id, "holder": None, "next_attempt_at": end.next_attempt_at, "failures": end.failures}
        for end in open_ends
    ]
    if rows:
        unit.execute(update(Lane), rows)
    return any(end.next_attempt_at <= unit.now for end in open_ends)


@cache
def _held() -> Select[int]:
    """Select those of `:lanes` that `:holder` has."""
    return select(Lane.id).where(Lane.id.in_(bindparam("lanes", type_=Id, expanding=True)), Lane.holder == _HOLDER)


@cache
def _emptied() -> Delete:
    """Remove those of `:lanes` that `:holder` has and in which nothing waits."""
    occupied = exists().where(Delivery.lane_id == Lane.id, waiting())
    ours = Lane.id.in_(bindparam("lanes", type_=Id, expanding=True)), Lane.holder == _HOLDER
    return delete(Lane).where(*ours, ~occupied)


def _note_hosts(unit: Unit, attempts: Sequence[Attempt]) -> None:
    alive = {entry.lane.host for entry in attempts if isinstance(entry.outcome, Delivered)}
    failed = {entry.lane.host for entry in attempts if isinstance(entry.outcome, RetryAt)}
    if alive or failed:
        note_hosts(unit, alive=alive, failed=failed)


def _count(unit: Unit, attempts: Sequence[Attempt]) -> None:
    """Count what hosts took today and what failed: one row for each, in the order of their names."""
    if not attempts:
        return
    taken = Counter(entry.lane.host for entry in attempts if isinstance(entry.outcome, Delivered))
    failed = Counter(entry.lane.host for entry in attempts if not isinstance(entry.outcome, Delivered))
    today = unit.now.date()
    rows = [
        {"host": host, "day": today, "delivered": taken[host], "failed": failed[host]}
        for host in sorted({*taken, *failed})
    ]
    unit.run(_counted(unit.get_bind().dialect.name), rows)


@cache
def _counted(dialect_name: str) -> Insert:
    statement = insert_for(dialect_name, DeliveryDay)
    more = {name: getattr(DeliveryDay, name) + statement.excluded[name] for name in ("delivered", "failed")}
    counted: Insert = statement.on_conflict_do_update(index_elements=["host", "day"], set_=more)
    return counted
