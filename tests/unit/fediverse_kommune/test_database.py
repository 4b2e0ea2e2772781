"""Units of work on both databases: all or nothing, committed in groups, answered after the commit."""

import asyncio
import threading
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from activitypub.instance import LocalInstance
from activitypub.models import Tombstone
from activitypub.unit import StorageUnavailable, Unit
from fediverse_kommune.database import Database, UnitSetting, driver_url

INSTANCE = LocalInstance("https://stadt.example", "stadt.example", "Stadt")


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = Database(database_url, UnitSetting(lambda: datetime.now(UTC), INSTANCE, {}))
    yield opened
    opened.close()


def bury(unit: Unit, uri: str) -> str:
    unit.add(Tombstone(uri=uri, deleted_at=unit.now))
    return uri


def bury_and_fail(unit: Unit, uri: str) -> None:
    bury(unit, uri)
    unit.flush()
    raise LookupError("changed my mind")


def buried(session: Session) -> set[str]:
    return set(session.scalars(select(Tombstone.uri)))


async def test_a_unit_returns_what_it_returns_once_it_is_stored(database: Database) -> None:
    assert await database.write(bury, "a") == "a"
    assert await database.read(buried) == {"a"}


async def test_a_unit_that_fails_leaves_nothing_and_harms_no_neighbour(database: Database) -> None:
    units = [
        database.write(bury_and_fail, f"bad-{n}") if n % 3 == 0 else database.write(bury, f"good-{n}")
        for n in range(30)
    ]
    results = await asyncio.gather(*units, return_exceptions=True)

    assert [type(result) is LookupError for result in results] == [n % 3 == 0 for n in range(30)]
    assert await database.read(buried) == {f"good-{n}" for n in range(30) if n % 3}


async def test_of_two_that_write_the_same_one_fails(database: Database) -> None:
    results = await asyncio.gather(*(database.write(bury, "same") for _ in range(2)), return_exceptions=True)

    assert sorted(type(result).__name__ for result in results) == [IntegrityError.__name__, "str"]


async def test_callbacks_run_in_the_event_loop_after_the_commit_and_only_then(database: Database) -> None:
    ran: list[tuple[str, int]] = []

    def with_callback(unit: Unit, uri: str, *, fail: bool) -> None:
        unit.on_commit(lambda: ran.append((uri, threading.get_ident())))
        bury(unit, uri)
        if fail:
            raise LookupError

    await database.write(with_callback, "kept", fail=False)
    with pytest.raises(LookupError):
        await database.write(with_callback, "dropped", fail=True)

    assert ran == [("kept", threading.get_ident())]


async def test_a_reader_cannot_write(database: Database) -> None:
    def sneak(session: Session) -> None:
        session.execute(text("DELETE FROM tombstones"))

    await database.write(bury, "a")
    with pytest.raises(Exception, match="read"):
        await database.read(sneak)
    assert await database.read(buried) == {"a"}


async def test_requests_go_before_work_that_nobody_waits_for(database: Database) -> None:
    order: list[str] = []
    begun, go_on = threading.Event(), threading.Event()

    def hold(unit: Unit) -> None:
        begun.set()
        go_on.wait(5)

    def note(unit: Unit, name: str) -> None:
        order.append(name)

    holding = asyncio.create_task(database.write(hold))
    await asyncio.to_thread(begun.wait, 5)
    behind = [asyncio.create_task(database.write_behind(note, "behind")) for _ in range(3)]
    await asyncio.sleep(0)
    urgent = [asyncio.create_task(database.write(note, "urgent")) for _ in range(3)]
    await asyncio.sleep(0)
    go_on.set()
    await asyncio.gather(holding, *behind, *urgent)

    if database.url.get_backend_name() == "sqlite":
        assert order == ["urgent"] * 3 + ["behind"] * 3
    assert sorted(order) == ["behind"] * 3 + ["urgent"] * 3


async def test_a_caller_that_goes_away_does_not_undo_its_unit(database: Database) -> None:
    task = asyncio.create_task(database.write(bury, "a"))
    await asyncio.sleep(0)
    task.cancel()
    await database.write(bury, "b")
    async with asyncio.timeout(5):
        while await database.read(buried) != {"a", "b"}:
            await asyncio.sleep(0.01)


async def test_what_the_database_cannot_take_is_said_so(database: Database) -> None:
    def ask_nonsense(unit: Unit) -> None:
        unit.execute(text("SELECT * FROM nowhere"))

    if database.url.get_backend_name() == "sqlite":
        with pytest.raises(StorageUnavailable):
            await database.write(ask_nonsense)
    assert await database.read(lambda session: session.scalar(select(func.count()).select_from(Tombstone))) == 0


def test_other_databases_are_refused() -> None:
    with pytest.raises(ValueError, match="mysql is not a database"):
        driver_url("mysql://host/name")
