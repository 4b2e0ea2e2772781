"""Taking lanes in hand, keeping them and giving them back, as units of work.

A worker claims lanes, not deliveries: the oldest deliveries of a lane come along and are sent one after the
other. `Lane.holder` and `Lane.next_attempt_at` are the lease, and only its holder ends it.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.orm import Session

from activitypub.models import ActorKey
from activitypub.tasks import LEASE
from activitypub.unit import Unit
from outbox.delivery import Letter, Parcel
from outbox.hosts import LANES_PER_HOST
from outbox.lanes import QUIET, LaneKey, among, in_lanes, waiting
from outbox.models import Delivery, Lane, OutgoingActivity
from outbox.recipients import suspended_hosts

PARCELS = 16  # deliveries of one lane taken in hand together


@dataclass(frozen=True, slots=True)
class TakenLane:
    """A lane in hand: its oldest deliveries, in their order. `failures` are those in a row so far."""

    key: LaneKey
    failures: int
    is_troubled: bool
    parcels: tuple[Parcel, ...]

    @property
    def host(self) -> str:
        """The host that all of it goes to."""
        return self.key[1]


@dataclass(frozen=True, slots=True)
class Room:
    """What a worker can take now: so many lanes, of which so many may be troubled, and `free` ones per host.

    A lane is troubled that failed last time or leads to a slow host: such lanes must not take up all the
    room. A host that is not in `free` has room for `LANES_PER_HOST`.
    """

    lanes: int
    troubled: int
    free: Mapping[str, int]
    slow: frozenset[str]


def is_due(session: Session, now: datetime) -> bool:
    """Whether any lane is due, whoever may take it."""
    return session.scalar(select(Lane.host).where(Lane.next_attempt_at <= now).limit(1)) is not None


def claim(unit: Unit, holder: str, room: Room) -> list[TakenLane]:
    """Lease due lanes for `holder` with their oldest deliveries; give up what goes to shut out domains."""
    due = _due_lanes(unit, room)
    shut_out = suspended_hosts(unit, {host for _, host in due})
    _close(unit, [key for key in due if key[1] in shut_out])
    parcels = _oldest_parcels(unit, [key for key in due if key[1] not in shut_out])
    taken = [
        TakenLane(key, due[key], due[key] > 0 or key[1] in room.slow, tuple(found))
        for key, found in parcels.items()
        if found
    ]
    _lease(unit, holder, taken)
    # What waited there may have been cancelled meanwhile.
    _remove(unit, [key for key, found in parcels.items() if not found])
    return taken


def extend(unit: Unit, holder: str, keys: Collection[LaneKey]) -> None:
    """Renew the leases of lanes in hand."""
    unit.execute(
        update(Lane)
        .where(among(keys), Lane.holder == holder)
        .values(next_attempt_at=unit.now + LEASE)
        .execution_options(**QUIET)
    )


def give_back(unit: Unit, holder: str, keys: Collection[LaneKey] | None = None) -> None:
    """End the leases of these lanes, or of all that `holder` has: they are due at once."""
    unit.execute(
        update(Lane)
        .where(Lane.holder == holder, *([] if keys is None else [among(keys)]))
        .values(next_attempt_at=unit.now, holder=None)
        .execution_options(**QUIET)
    )


# ----------------------------------------------------------------------------------------------- which lanes


def _due_lanes(unit: Unit, room: Room) -> dict[LaneKey, int]:
    """Return the lanes to take and how often each has failed: first those that promise a quick answer."""
    promising = (Lane.failures == 0) & Lane.host.not_in(room.slow)
    healthy = _pick(unit, promising, room.lanes, room.free)
    taken = Counter(host for _, host in healthy)
    left = {host: room.free.get(host, LANES_PER_HOST) - lanes for host, lanes in taken.items()}
    troubled = min(room.troubled, room.lanes - len(healthy))
    return healthy | _pick(unit, ~promising, troubled, {**room.free, **left})


def _pick(unit: Unit, kind: ColumnElement[bool], limit: int, free: Mapping[str, int]) -> dict[LaneKey, int]:
    """Return at most `limit` due lanes of this kind, and of each host no more than are free."""
    if limit <= 0:
        return {}
    full = [host for host, lanes in free.items() if lanes <= 0]
    rows = unit.execute(
        select(Lane.actor_id, Lane.host, Lane.failures)
        .where(kind, Lane.next_attempt_at <= unit.now, Lane.host.not_in(full))
        .order_by(Lane.next_attempt_at)
        .limit(2 * limit)  # some will be of hosts that have enough
        .with_for_update(skip_locked=True)
    )
    picked: dict[LaneKey, int] = {}
    per_host: Counter[str] = Counter()
    for actor_id, host, failures in rows:
        if len(picked) < limit and per_host[host] < free.get(host, LANES_PER_HOST):
            picked[actor_id, host] = failures
            per_host[host] += 1
    return picked


def _lease(unit: Unit, holder: str, taken: Sequence[TakenLane]) -> None:
    """Take lanes in hand until the lease ends, and remember how far their deliveries have been in hand."""
    rows = [
        {
            "actor_id": lane.key[0],
            "host": lane.host,
            "holder": holder,
            "next_attempt_at": unit.now + LEASE,
            "taken_up_to": lane.parcels[-1].id,
        }
        for lane in taken
    ]
    if rows:
        unit.execute(update(Lane), rows)


def _remove(unit: Unit, keys: Collection[LaneKey]) -> None:
    if keys:
        unit.execute(delete(Lane).where(among(keys)).execution_options(**QUIET))


def _close(unit: Unit, keys: Collection[LaneKey]) -> None:
    """Give up all that waits in lanes to domains that are shut out now."""
    if not keys:
        return
    unit.execute(
        update(Delivery)
        .where(in_lanes(keys), waiting())
        .values(given_up_at=unit.now, last_error="the domain is suspended here")
        .execution_options(**QUIET)
    )
    _remove(unit, keys)


# ------------------------------------------------------------------------------------------ what is in them


def _oldest_parcels(unit: Unit, keys: Collection[LaneKey]) -> dict[LaneKey, list[Parcel]]:
    """Return the first deliveries that wait in each of these lanes."""
    parcels: dict[LaneKey, list[Parcel]] = {key: [] for key in keys}
    if not keys:
        return parcels
    rows = _oldest_rows(unit, keys)
    letters = _letters(unit, {row.activity_id for row in rows})
    for row in rows:
        parcel = Parcel(row.id, row.inbox_uri, row.attempts, letters[row.activity_id])
        parcels[row.actor_id, row.host].append(parcel)
    return parcels


def _oldest_rows(unit: Unit, keys: Collection[LaneKey]) -> Sequence[Any]:
    """Return the rows of the first `PARCELS` deliveries of each lane, in their order."""
    place = func.row_number().over(partition_by=(Delivery.actor_id, Delivery.host), order_by=Delivery.id)
    ranked = (
        select(
            Delivery.id,
            Delivery.actor_id,
            Delivery.host,
            Delivery.inbox_uri,
            Delivery.activity_id,
            Delivery.attempts,
            place.label("place"),
        )
        .where(in_lanes(keys), waiting())
        .subquery()
    )
    return unit.execute(select(ranked).where(ranked.c.place <= PARCELS).order_by(ranked.c.id)).all()


def _letters(unit: Unit, activity_ids: Collection[int]) -> dict[int, Letter]:
    """Return the activities, each once however many inboxes it goes to, with the keys that sign them."""
    activities = unit.execute(
        select(
            OutgoingActivity.id,
            OutgoingActivity.actor_id,
            OutgoingActivity.object_uri,
            OutgoingActivity.body,
            OutgoingActivity.key_uri,
            OutgoingActivity.private_pem,
        ).where(OutgoingActivity.id.in_(activity_ids))
    ).all()
    keys = _keys(unit, {activity.actor_id for activity in activities})
    letters = {}
    for activity in activities:
        key_uri, private_pem = keys.get(activity.actor_id, (None, None))
        letters[activity.id] = Letter(
            activity.id,
            activity.object_uri,
            activity.body,
            activity.key_uri or key_uri,
            activity.private_pem or private_pem,
        )
    return letters


def _keys(unit: Unit, actor_ids: Collection[int]) -> dict[int, tuple[str, str]]:
    """Return the newest signing key of each actor, as (uri, private PEM)."""
    rows = unit.execute(
        select(ActorKey.actor_id, ActorKey.uri, ActorKey.private_pem)
        .where(ActorKey.actor_id.in_(actor_ids), ActorKey.private_pem.is_not(None))
        .order_by(ActorKey.created_at)
    )
    return {row.actor_id: (row.uri, row.private_pem) for row in rows}
