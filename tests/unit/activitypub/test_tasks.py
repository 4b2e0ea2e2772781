"""The loop of the workers: rings, bounds, heartbeats, failures, and stopping."""

import asyncio
import logging
from collections.abc import Sequence

import pytest

from activitypub.tasks import Worker


class Pile:
    """A queue in memory that notes what happens to it."""

    def __init__(self, *items: str) -> None:
        self.due = list(items)
        self.done: list[str] = []
        self.extended: list[list[str]] = []
        self.released: list[str] = []
        self.claims: list[int] = []
        self.failures = 0
        self.at_work = 0
        self.most_at_work = 0
        self.gate = asyncio.Event()
        self.gate.set()
        self.changed = asyncio.Event()
        self.more = False

    async def claim(self, room: int) -> Sequence[str]:
        self.claims.append(room)
        self.changed.set()
        if self.failures:
            self.failures -= 1
            raise OSError("the database is away")
        taken, self.due = self.due[:room], self.due[room:]
        return taken

    async def work(self, item: str) -> bool:
        self.at_work += 1
        self.most_at_work = max(self.most_at_work, self.at_work)
        self.changed.set()
        try:
            await self.gate.wait()
            if item == "poison":
                raise ValueError("this one always fails")
            self.done.append(item)
            return self.more
        finally:
            self.at_work -= 1
            self.changed.set()

    async def extend(self, items: Sequence[str]) -> None:
        self.extended.append(list(items))
        self.changed.set()

    async def release(self, items: Sequence[str]) -> None:
        self.released += items

    async def until(self, condition: str) -> None:
        """Wait until an expression about this pile holds."""
        async with asyncio.timeout(5):
            while not eval(condition, {"pile": self, "len": len}):
                self.changed.clear()
                await self.changed.wait()


def worker(pile: Pile, **settings: float) -> Worker[str]:
    return Worker(pile, name="test", **{"room": 4, "poll_seconds": 60, **settings})  # type: ignore[arg-type]


async def test_what_is_due_is_done_and_a_ring_brings_more() -> None:
    pile = Pile("a", "b")
    work = worker(pile)
    task = asyncio.create_task(work.run())
    await pile.until("len(pile.done) == 2")
    pile.due.append("c")
    work.wake()
    await pile.until("len(pile.done) == 3")
    await work.stop()
    await task


async def test_without_a_ring_polling_finds_it() -> None:
    pile = Pile()
    work = worker(pile, poll_seconds=0.01)
    task = asyncio.create_task(work.run())
    await pile.until("len(pile.claims) > 2")
    pile.due.append("a")
    await pile.until("pile.done == ['a']")
    await work.stop()
    await task


async def test_no_more_is_at_work_than_there_is_room_for() -> None:
    pile = Pile(*map(str, range(50)))
    pile.gate.clear()
    work = worker(pile)
    task = asyncio.create_task(work.run())
    await pile.until("pile.at_work == 4 and len(pile.claims) == 1")
    pile.gate.set()
    await pile.until("len(pile.done) == 50")
    assert pile.most_at_work == 4
    assert max(pile.claims) == 4
    await work.stop()
    await task


async def test_work_that_says_there_is_more_rings_itself() -> None:
    pile = Pile("a")
    pile.gate.clear()
    work = worker(pile)
    task = asyncio.create_task(work.run())
    await pile.until("pile.at_work == 1")
    pile.due.append("b")
    pile.more = True
    pile.gate.set()
    await pile.until("len(pile.done) == 2")
    await work.stop()
    await task


async def test_an_item_that_fails_stops_nothing(caplog: pytest.LogCaptureFixture) -> None:
    pile = Pile("poison", "a")
    work = worker(pile)
    task = asyncio.create_task(work.run())
    await pile.until("pile.done == ['a']")
    pile.due.append("b")
    work.wake()
    await pile.until("pile.done == ['a', 'b']")
    await work.stop()
    await task
    assert "poison" in caplog.text


async def test_a_claim_that_fails_is_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    pile = Pile("a")
    pile.failures = 3
    work = worker(pile, poll_seconds=0.001)
    task = asyncio.create_task(work.run())
    await pile.until("pile.done == ['a']")
    await work.stop()
    await task
    assert [record.levelno for record in caplog.records].count(logging.ERROR) == 3


async def test_leases_of_what_is_in_hand_are_renewed() -> None:
    pile = Pile("a", "b")
    pile.gate.clear()
    work = worker(pile, heartbeat_seconds=0.01)
    task = asyncio.create_task(work.run())
    await pile.until("len(pile.extended) >= 2")
    assert pile.extended[0] == ["a", "b"]
    pile.gate.set()
    await work.stop()
    await task


async def test_stopping_finishes_what_is_in_hand_and_claims_no_more() -> None:
    pile = Pile("a", "b")
    pile.gate.clear()
    work = worker(pile)
    task = asyncio.create_task(work.run())
    await pile.until("pile.at_work == 2")
    pile.due.append("c")
    stopping = asyncio.create_task(work.stop())
    await asyncio.sleep(0)
    pile.gate.set()
    await stopping
    await task
    assert sorted(pile.done) == ["a", "b"]
    assert pile.due == ["c"]
    assert pile.released == []


async def test_what_takes_longer_than_the_grace_is_given_back() -> None:
    pile = Pile("a", "b")
    pile.gate.clear()
    work = worker(pile, grace_seconds=0.01)
    task = asyncio.create_task(work.run())
    await pile.until("pile.at_work == 2")
    await work.stop()
    await task
    assert sorted(pile.released) == ["a", "b"]
    assert pile.at_work == 0


async def test_a_worker_stopped_before_it_began_does_nothing() -> None:
    pile = Pile("a")
    work = worker(pile)
    await work.stop()
    await work.run()
    assert pile.claims == []
