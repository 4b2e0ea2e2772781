"""Lanes in SQL: opening, locking, and what everyone has to agree on: what waits, and what is in hand.

On PostgreSQL whoever adds to a lane, or takes from it, first locks its row: a lane found empty cannot be
filled by somebody else before it is removed. On SQLite there is only one writer, and the locks are not even
written.
"""

from collections.abc import Collection, Sequence
from datetime import timedelta
from functools import cache

from sqlalchemy import ColumnElement, Delete, Select, bindparam, delete, exists, select
from sqlalchemy.sql.dml import ReturningInsert

from activitypub.models.base import Id
from activitypub.on_conflict import insert_for
from activitypub.unit import Unit
from outbox.models import Delivery, Lane, OutgoingActivity

QUIET = {"synchronize_session": False}  # no row of the queue is ever held as an object


def waiting() -> ColumnElement[bool]:
    """Return the condition on `Delivery` that holds for what is still to be sent."""
    return Delivery.given_up_at.is_(None) & Delivery.cancelled.is_(False)


def in_hand() -> ColumnElement[bool]:
    """Return the condition on `Delivery` that holds for what a worker has and may be sending right now."""
    return exists().where(Lane.id == Delivery.lane_id, Lane.holder.is_not(None), Lane.taken_up_to >= Delivery.id)


def open_lanes(unit: Unit, actor_id: int, hosts: Sequence[str]) -> dict[str, int]:
    """Return the id of this actor's lane to each host. They are locked; those made here are due in this order."""
    places = {host: place for place, host in enumerate(dict.fromkeys(hosts))}
    rows = [
        {
            "actor_id": actor_id,
            "host": host,
            "next_attempt_at": unit.now - timedelta(microseconds=len(places) - places[host]),
        }
        for host in sorted(places)  # everyone locks in this order, so nobody waits in a circle
    ]
    found = unit.run(_opened(unit.get_bind().dialect.name), rows)
    return {row.host: row.id for row in found}


@cache
def _opened(dialect_name: str) -> ReturningInsert[str, int]:
    """Insert lanes. One that is there stays as it is: the update is for its lock, and for its id."""
    statement = insert_for(dialect_name, Lane)
    kept = statement.on_conflict_do_update(
        index_elements=[Lane.actor_id, Lane.host], set_={"host": statement.excluded.host}
    )
    opened: ReturningInsert[str, int] = kept.returning(Lane.host, Lane.id)
    return opened


def lock_lanes(unit: Unit, which: ColumnElement[bool]) -> None:
    """Lock the lanes that `which` holds for, until the unit ends; always in the same order."""
    _lock(unit, select(Lane.id).where(which).order_by(Lane.actor_id, Lane.host))


def remove_finished(unit: Unit, activity_ids: Collection[int]) -> None:
    """Remove those of these activities that have no delivery left."""
    if not activity_ids:
        return
    concerned = OutgoingActivity.id.in_(activity_ids)
    # Two units that each take one of the last two deliveries would each see the other's, and both leave the activity.
    _lock(unit, select(OutgoingActivity.id).where(concerned).order_by(OutgoingActivity.id))
    unit.run(_finished(), {"activities": sorted(activity_ids)})


@cache
def _finished() -> Delete:
    """Remove those of `:activities` that have no delivery left."""
    unfinished = exists().where(Delivery.activity_id == OutgoingActivity.id)
    concerned = OutgoingActivity.id.in_(bindparam("activities", type_=Id, expanding=True))
    return delete(OutgoingActivity).where(concerned, ~unfinished)


def _lock(unit: Unit, rows: Select[int]) -> None:
    if unit.get_bind().dialect.name == "postgresql":
        unit.execute(rows.with_for_update()).all()
