"""The order of what one actor sent survives the death of the worker that had the beginning of it in hand."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest

from activitypub.instance import LocalInstance
from activitypub.models import new_id
from activitypub.tasks import LEASE
from fediverse_kommune.database import Database, UnitSetting
from inbox.arrival import Ignored
from inbox.queue import insert_items
from inbox.worker import claim, finish, put_off, release_all

NUMBERS = count(1)


class Clock:
    """A clock that a test moves on."""

    now = datetime(2026, 11, 23, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def database(database_url: str, clock: Clock) -> AsyncIterator[Database]:
    opened = Database(database_url, UnitSetting(clock, LocalInstance("https://a.example", "a.example", "A"), {}))
    yield opened
    opened.close()


async def arrive(database: Database, clock: Clock, *actors: str) -> None:
    """Store an activity of each of these actors, in this order."""
    await database.write(insert_items, [_row(actor, clock.now) for actor in actors])


async def claimed(database: Database, limit: int = 10) -> list[tuple[str, int]]:
    """Claim as another process would, which knows nothing of who is busy here; return actors and ids in order."""
    return sorted((item.actor_uri, item.id) for item in await database.write(claim, limit))


async def test_nothing_overtakes_what_somebody_has_in_hand(database: Database, clock: Clock) -> None:
    await arrive(database, clock, "bob", "bob", "carl")
    ((actor, first),) = await claimed(database, limit=1)
    assert actor == "bob"

    clock.now += timedelta(seconds=5)
    assert [actor for actor, _ in await claimed(database)] == ["carl"]

    await database.write(finish, first, Ignored("a test"))
    assert [actor for actor, _ in await claimed(database)] == ["bob"]


async def test_when_the_lease_of_a_dead_worker_is_over_all_goes_on_in_order(database: Database, clock: Clock) -> None:
    await arrive(database, clock, "bob")
    in_hand = await claimed(database)
    clock.now += timedelta(seconds=5)
    await arrive(database, clock, "bob")
    assert await claimed(database) == []

    clock.now += LEASE
    assert await claimed(database, limit=1) == in_hand


async def test_what_was_put_off_holds_nothing_up_and_holds_again_once_in_hand(database: Database, clock: Clock) -> None:
    await arrive(database, clock, "bob", "bob")
    ((_, first),) = await claimed(database, limit=1)
    await database.write(put_off, first, 1, "the other server is away")
    ((_, second),) = await claimed(database)
    await database.write(finish, second, Ignored("a test"))

    clock.now += timedelta(minutes=1)
    assert await claimed(database) == [("bob", first)]
    await arrive(database, clock, "bob")
    assert await claimed(database) == []


async def test_a_restart_frees_also_what_had_been_put_off_before(database: Database, clock: Clock) -> None:
    await arrive(database, clock, "bob")
    ((_, first),) = await claimed(database)
    await database.write(put_off, first, 1, "the other server is away")
    clock.now += timedelta(minutes=1)
    assert await claimed(database) == [("bob", first)]
    await arrive(database, clock, "bob")

    clock.now += timedelta(seconds=5)
    await database.write(release_all)
    assert await claimed(database, limit=1) == [("bob", first)]


def _row(actor: str, now: datetime) -> dict[str, Any]:
    return {
        "id": new_id(now),
        "origin": "b.example",
        "activity_uri": f"https://b.example/{next(NUMBERS)}",
        "revision": "",
        "actor_uri": actor,
        "type": "Like",
        "hearsay": False,
        "body": b"{}",
        "recipient_id": None,
        "received_at": now,
        "attempts": 0,
        "next_attempt_at": now,
    }
