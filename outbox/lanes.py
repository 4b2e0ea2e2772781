"""Lanes in SQL: opening, locking, and what everyone has to agree on: what waits, and what is in hand.

On PostgreSQL whoever adds to a lane, or takes from it, first locks its row: a lane found empty cannot be
filled by somebody else before it is removed. On SQLite there is only one writer, and the locks are not even
written.
"""

from collections.abc import Collection, Sequence
from datetime import timedelta

from sqlalchemy import ColumnElement, delete, exists, select, tuple_
from sqlalchemy.dialects import postgresql, sqlite

from activitypub.unit import Unit
from outbox.models import Delivery, Lane, OutgoingActivity

LaneKey = tuple[int, str]
"""What tells lanes apart: the id of the actor, and the host."""

QUIET = {"synchronize_session": False}  # no row of the queue is ever held as an object


def among(keys: Collection[LaneKey]) -> ColumnElement[bool]:
    """Return the condition on `Lane` that holds for these lanes."""
    return tuple_(Lane.actor_id, Lane.host).in_(list(keys))


def in_lanes(keys: Collection[LaneKey]) -> ColumnElement[bool]:
    """Return the condition on `Delivery` that holds for all in these lanes."""
    return tuple_(Delivery.actor_id, Delivery.host).in_(list(keys))


def waiting() -> ColumnElement[bool]:
    """Return the condition on `Delivery` that holds for what is still to be sent."""
    return Delivery.given_up_at.is_(None) & Delivery.cancelled.is_(False)


def same_lane() -> ColumnElement[bool]:
    """Return the condition that ties a `Delivery` to its `Lane`."""
    return (Lane.actor_id == Delivery.actor_id) & (Lane.host == Delivery.host)


def in_hand() -> ColumnElement[bool]:
    """Return the condition on `Delivery` that holds for what a worker has and may be sending right now."""
    return exists().where(same_lane(), Lane.holder.is_not(None), Lane.taken_up_to >= Delivery.id)


def open_lanes(unit: Unit, actor_id: int, hosts: Sequence[str]) -> None:
    """Make sure that this actor has a lane to each host, and lock them. New ones are due in this order."""
    places = {host: place for place, host in enumerate(dict.fromkeys(hosts))}
    rows = [
        {
            "actor_id": actor_id,
            "host": host,
            "next_attempt_at": unit.now - timedelta(microseconds=len(places) - places[host]),
        }
        for host in sorted(places)  # everyone locks in this order, so nobody waits in a circle
    ]
    dialect = postgresql if unit.get_bind().dialect.name == "postgresql" else sqlite
    statement = dialect.insert(Lane)
    # The update changes nothing; it is there for its lock.
    untouched = {"host": statement.excluded.host}
    unit.execute(statement.on_conflict_do_update(index_elements=[Lane.actor_id, Lane.host], set_=untouched), rows)


def lock_lanes(unit: Unit, which: ColumnElement[bool]) -> None:
    """Lock the lanes that `which` holds for, until the unit ends; always in the same order."""
    if unit.get_bind().dialect.name == "sqlite":
        return
    unit.execute(select(Lane.host).where(which).order_by(Lane.actor_id, Lane.host).with_for_update()).all()


def remove_finished(unit: Unit, activity_ids: Collection[int]) -> None:
    """Remove those of these activities that have no delivery left."""
    unfinished = exists().where(Delivery.activity_id == OutgoingActivity.id)
    unit.execute(
        delete(OutgoingActivity).where(OutgoingActivity.id.in_(activity_ids), ~unfinished).execution_options(**QUIET)
    )
