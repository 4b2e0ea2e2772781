"""Taking lanes in hand, keeping them and giving them back, as units of work.

A worker claims lanes, not deliveries: the oldest deliveries of a lane come along and are sent one after the
other. `Lane.holder` and `Lane.next_attempt_at` are the lease, and only its holder ends it.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from msgspec import Struct
from sqlalchemy import ColumnElement, delete, exists, func, select, update
from sqlalchemy.orm import Session

from activitypub.domain_blocks import suspended_hosts
from activitypub.followers_sync import HEADER, followers_by_host, header_of
from activitypub.models import Actor, ActorKey
from activitypub.tasks import LEASE
from activitypub.unit import Unit
from outbox.delivery import Letter, Parcel
from outbox.hosts import LANES_PER_HOST
from outbox.lanes import QUIET, waiting
from outbox.models import Delivery, Lane, OutgoingActivity

PARCELS = 16  # deliveries of one lane taken in hand together
TAKING_BACK = frozenset({"Undo", "Reject", "Delete"})
"""What still goes to a domain that was shut out while it waited: it tells nothing new (see outbox/farewell.py)."""


class TakenLane(Struct, frozen=True):
    """A lane in hand: its oldest deliveries, in their order. `failures` are those in a row so far."""

    id: int
    host: str
    failures: int
    is_troubled: bool
    parcels: tuple[Parcel, ...]


class Room(Struct, frozen=True):
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
    """Lease due lanes for `holder` with their oldest deliveries; give up what tells shut out domains anything."""
    due = _due_lanes(unit, room)
    shut_out = suspended_hosts(unit, unit.instance, {lane.host for lane in due})
    _shut(unit, [lane.id for lane in due if lane.host in shut_out])
    parcels = _oldest_parcels(unit, {lane.id: lane.host for lane in due})
    # What waited there may have been cancelled meanwhile, or given up just now.
    _remove(unit, [lane.id for lane in due if lane.id not in parcels])
    taken = [
        TakenLane(lane.id, lane.host, lane.failures, _is_troubled(lane, room), tuple(parcels[lane.id]))
        for lane in due
        if lane.id in parcels
    ]
    _lease(unit, holder, taken)
    return taken


def extend(unit: Unit, holder: str, lane_ids: Collection[int]) -> None:
    """Renew the leases of lanes in hand."""
    unit.execute(
        update(Lane)
        .where(Lane.id.in_(lane_ids), Lane.holder == holder)
        .values(next_attempt_at=unit.now + LEASE)
        .execution_options(**QUIET)
    )


def give_back(unit: Unit, holder: str, lane_ids: Collection[int] | None = None) -> None:
    """End the leases of these lanes, or of all that `holder` has: they are due at once."""
    which = [Lane.holder == holder] if lane_ids is None else [Lane.holder == holder, Lane.id.in_(lane_ids)]
    unit.execute(update(Lane).where(*which).values(next_attempt_at=unit.now, holder=None).execution_options(**QUIET))


# ----------------------------------------------------------------------------------------------- which lanes


class _DueLane(NamedTuple):
    id: int
    host: str
    failures: int


def _is_troubled(lane: _DueLane, room: Room) -> bool:
    return lane.failures > 0 or lane.host in room.slow


def _due_lanes(unit: Unit, room: Room) -> list[_DueLane]:
    """Return the lanes to take: first those that promise a quick answer, then the troubled ones."""
    promising = (Lane.failures == 0) & Lane.host.not_in(room.slow)
    healthy = _pick(unit, promising, room.lanes, room.free)
    taken = Counter(lane.host for lane in healthy)
    left = {host: room.free.get(host, LANES_PER_HOST) - lanes for host, lanes in taken.items()}
    troubled = min(room.troubled, room.lanes - len(healthy))
    return healthy + _pick(unit, ~promising, troubled, {**room.free, **left})


def _pick(unit: Unit, kind: ColumnElement[bool], limit: int, free: Mapping[str, int]) -> list[_DueLane]:
    """Return at most `limit` due lanes of this kind, and of each host no more than are free."""
    if limit <= 0:
        return []
    full = [host for host, lanes in free.items() if lanes <= 0]
    rows = unit.execute(
        select(Lane.id, Lane.host, Lane.failures)
        .where(kind, Lane.next_attempt_at <= unit.now, Lane.host.not_in(full))
        .order_by(Lane.next_attempt_at)
        .limit(2 * limit)  # some will be of hosts that have enough
        .with_for_update(skip_locked=True)
    )
    picked: list[_DueLane] = []
    per_host: Counter[str] = Counter()
    for lane in map(_DueLane._make, rows):
        if len(picked) < limit and per_host[lane.host] < free.get(lane.host, LANES_PER_HOST):
            picked.append(lane)
            per_host[lane.host] += 1
    return picked


def _lease(unit: Unit, holder: str, taken: Sequence[TakenLane]) -> None:
    """Take lanes in hand until the lease ends, and remember how far their deliveries have been in hand."""
    lease = {"holder": holder, "next_attempt_at": unit.now + LEASE}
    rows = [{"id": lane.id, **lease, "taken_up_to": lane.parcels[-1].id} for lane in taken]
    if rows:
        unit.execute(update(Lane), rows)


def _remove(unit: Unit, lane_ids: Collection[int]) -> None:
    if lane_ids:
        unit.execute(delete(Lane).where(Lane.id.in_(lane_ids)).execution_options(**QUIET))


def _shut(unit: Unit, lane_ids: Collection[int]) -> None:
    """Give up all that waits in lanes to domains that are shut out now, but for what takes something back."""
    if not lane_ids:
        return
    takes_back = exists().where(
        OutgoingActivity.id == Delivery.activity_id, OutgoingActivity.type.in_(sorted(TAKING_BACK))
    )
    unit.execute(
        update(Delivery)
        .where(Delivery.lane_id.in_(lane_ids), waiting(), ~takes_back)
        .values(given_up_at=unit.now, last_error="the domain is suspended here")
        .execution_options(**QUIET)
    )


# ------------------------------------------------------------------------------------------ what is in them


def _oldest_parcels(unit: Unit, hosts: Mapping[int, str]) -> dict[int, list[Parcel]]:
    """Return, for each of these lanes (to these hosts) in which something waits, its first deliveries."""
    if not hosts:
        return {}
    rows = _oldest_rows(unit, hosts.keys())
    letters = _letters(unit, {row.activity_id for row in rows})
    on_their_way = [(letters[row.activity_id], hosts[row.lane_id]) for row in rows]
    private = {(letter.actor_id, host) for letter, host in on_their_way if letter.followers_only}
    headers = _synchronization(unit, private)
    parcels: dict[int, list[Parcel]] = {}
    for row in rows:
        letter = letters[row.activity_id]
        further = headers.get((letter.actor_id, hosts[row.lane_id]), {}) if letter.followers_only else {}
        parcel = Parcel(row.id, row.inbox_uri, row.attempts, letter, further)
        parcels.setdefault(row.lane_id, []).append(parcel)
    return parcels


def _synchronization(unit: Unit, private: Collection[tuple[int, str]]) -> dict[tuple[int, str], dict[str, str]]:
    """Return the headers that say who follows, for each actor and each host that gets something for followers only."""
    if not private:
        return {}
    actor_ids = {actor_id for actor_id, _ in private}
    followers = followers_by_host(unit, actor_ids, {host for _, host in private})
    actors = unit.execute(select(Actor.id, Actor.uri, Actor.followers_uri).where(Actor.id.in_(actor_ids)))
    uris = {actor_id: (uri, collection) for actor_id, uri, collection in actors if collection is not None}
    return {
        (actor_id, host): {HEADER: header_of(*uris[actor_id], followers.get((actor_id, host), ()))}
        for actor_id, host in private
        if actor_id in uris
    }


def _oldest_rows(unit: Unit, lane_ids: Collection[int]) -> Sequence[Any]:
    """Return the rows of the first `PARCELS` deliveries of each lane, in their order."""
    place = func.row_number().over(partition_by=Delivery.lane_id, order_by=Delivery.id)
    columns = (Delivery.id, Delivery.lane_id, Delivery.inbox_uri, Delivery.activity_id, Delivery.attempts)
    ranked = select(*columns, place.label("place")).where(Delivery.lane_id.in_(lane_ids), waiting()).subquery()
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
            OutgoingActivity.followers_only,
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
            activity.actor_id,
            activity.followers_only,
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
