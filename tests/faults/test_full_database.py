"""A database that takes no more pages: whatever was answered is stored, and whatever is stored was answered.

SQLite may answer a full disk in the middle of a transaction by taking all of it back, also what earlier units of the
same group had written (https://www.sqlite.org/lang_transaction.html, "Response To Errors Within A Transaction").
"""

import asyncio
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text, update
from sqlalchemy.orm import Session

from activitypub.instance import LocalInstance
from activitypub.models import Follow
from activitypub.unit import StorageUnavailable, Unit
from fediverse_kommune.database import Database, UnitSetting
from inbox.models import InboxItem
from tests.fediverse import Remote
from tests.town import Town

PAGES = 20
ROOMY = 200_000  # bytes: more than those pages hold


async def test_no_unit_of_a_group_is_acknowledged_in_vain(tmp_path: Path) -> None:
    setting = UnitSetting(lambda: datetime.now(UTC), LocalInstance("https://a.example", "a.example", "A"), {})
    database = Database(f"sqlite:///{tmp_path}/small.db", setting)
    event.listen(database.engine, "connect", _limit)
    await database.write(_make)
    sizes = [1, 1, ROOMY, 1, ROOMY, 1]

    results = await _write_as_one_group(database, sizes)

    assert [isinstance(result, StorageUnavailable) for result in results] == [size == ROOMY for size in sizes]
    assert await database.read(_names) == [name for name, size in enumerate(sizes) if size != ROOMY]
    await database.write(_store, len(sizes), 1)
    assert len(await database.read(_names)) == 5
    database.close()


async def test_what_is_in_hand_when_the_disk_is_full_does_not_wait_for_its_lease(
    stadt: Town, nachbar: Remote, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("inbox.worker.PAUSE_SECONDS", 0.01)
    anna, bob = await stadt.resident("anna"), nachbar.person("bob")
    database, turned_away = stadt.app.server.db, asyncio.Event()
    write, failures = database.write_behind, [2]

    async def while_it_is_full(work: Any, *args: Any) -> Any:
        if work.__name__ in {"finish", "put_off"} and failures[0]:
            failures[0] -= 1
            raise StorageUnavailable("disk full")
        result = await write(work, *args)
        if work.__name__ == "put_off":
            turned_away.set()
        return result

    monkeypatch.setattr(database, "write_behind", while_it_is_full)
    assert await stadt.deliver(bob, bob.activity("Follow", anna.uri)) == 202
    await asyncio.wait_for(turned_away.wait(), 10)

    await stadt.write(lambda unit: unit.execute(update(InboxItem).values(last_error=None, next_attempt_at=unit.now)))
    await stadt.settle()
    assert await stadt.count(Follow, Follow.accepted_at.is_not(None)) == 1


async def _write_as_one_group(database: Database, sizes: list[int]) -> list[Any]:
    """Let the units wait behind another one, so that they are committed together."""
    begun, go_on = threading.Event(), threading.Event()

    def hold(_: Unit) -> None:
        begun.set()
        go_on.wait(10)

    holding = asyncio.create_task(database.write(hold))
    await asyncio.to_thread(begun.wait, 10)
    units = [asyncio.create_task(database.write(_store, name, size)) for name, size in enumerate(sizes)]
    await asyncio.sleep(0)
    go_on.set()
    await holding
    return await asyncio.gather(*units, return_exceptions=True)


def _limit(connection: Any, _record: Any) -> None:
    connection.execute(f"PRAGMA max_page_count = {PAGES}")


def _make(unit: Unit) -> None:
    unit.execute(text("CREATE TABLE things (name INTEGER, content BLOB)"))


def _store(unit: Unit, name: int, size: int) -> None:
    unit.execute(text("INSERT INTO things VALUES (:name, zeroblob(:size))"), {"name": name, "size": size})


def _names(session: Session) -> list[int]:
    return list(session.scalars(text("SELECT name FROM things ORDER BY name")))
