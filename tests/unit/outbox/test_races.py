"""Many hands on one queue: writers that queue and cancel while several workers claim and put down."""

import asyncio
import random
from collections import Counter

import pytest

from activitypub.models import Actor
from activitypub.unit import Unit
from fediverse_kommune.database import Database
from outbox.claims import Room, TakenLane, claim, is_due
from outbox.delivery import Delivered
from outbox.publish import cancel, publish
from outbox.recipients import Inbox
from outbox.record import Attempt, LaneEnd, record
from tests.unit.outbox.conftest import Clock, local, rows

INBOXES = [Inbox(f"https://h{number}.example/inbox", f"h{number}.example") for number in range(3)]
ROUNDS = 40
EMPTY = {"outgoing_activities": 0, "deliveries": 0, "delivery_lanes": 0}


def queue(unit: Unit, actor_id: int, about: str, kind: str) -> None:
    inboxes = random.sample(INBOXES, len(INBOXES))
    actor = unit.get_one(Actor, actor_id)
    publish(unit, {"id": about, "type": kind}, by=actor, object_uri=about, inboxes=inboxes)


async def work(db: Database, clock: Clock, holder: str, seen: Counter[tuple[str, str]], done: asyncio.Event) -> None:
    """A worker that delivers everything, until it is told that nothing more will come."""
    while not done.is_set() or await db.read(is_due, clock()):
        lanes: list[TakenLane] = await db.write(claim, holder, Room(2, 2, {}, frozenset()))
        for lane in lanes:
            attempts = [Attempt(lane, parcel, Delivered()) for parcel in lane.parcels]
            seen.update((parcel.letter.object_uri, parcel.inbox_uri) for parcel in lane.parcels)
            await db.write(record, holder, attempts, [LaneEnd(lane, clock(), 0)])
        await asyncio.sleep(0)


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_nothing_is_lost_or_sent_twice_however_units_meet(db: Database, clock: Clock, seed: int) -> None:
    random.seed(seed)
    people = [(await db.write(local, name)).id for name in ("anna", "bernd")]
    seen: Counter[tuple[str, str]] = Counter()
    done = asyncio.Event()
    workers = [asyncio.create_task(work(db, clock, name, seen, done)) for name in ("one", "two", "three")]
    expected = {f"{person}/{number}" for person in people for number in range(ROUNDS)}
    writers = [db.write(queue, int(about.partition("/")[0]), about, "Announce") for about in sorted(expected)]
    await asyncio.gather(*writers)
    done.set()
    await asyncio.gather(*workers)
    assert seen == Counter({(about, inbox.uri): 1 for about in expected for inbox in INBOXES})
    assert await db.read(rows) == EMPTY


async def test_cancelling_meets_delivering(db: Database, clock: Clock) -> None:
    """Whoever is told that an inbox never heard of something can rely on it."""
    person = (await db.write(local, "anna")).id
    seen: Counter[tuple[str, str]] = Counter()
    done = asyncio.Event()
    workers = [asyncio.create_task(work(db, clock, name, seen, done)) for name in ("one", "two")]
    unheard: dict[str, frozenset[str]] = {}

    async def say_and_take_back(about: str) -> None:
        await db.write(queue, person, about, "Create")
        unheard[about] = await db.write(cancel, about)

    await asyncio.gather(*(say_and_take_back(str(number)) for number in range(ROUNDS)))
    done.set()
    await asyncio.gather(*workers)
    for about, inboxes in unheard.items():
        for inbox in INBOXES:
            assert seen[about, inbox.uri] == (0 if inbox.uri in inboxes else 1)
    assert await db.read(rows) == EMPTY
