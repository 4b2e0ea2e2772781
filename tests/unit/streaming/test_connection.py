"""What waits for one reader, and how long."""

import asyncio
from contextlib import aclosing

import pytest

from activitypub.models import Actor
from fediverse_kommune.models import Standing
from fediverse_kommune.streaming.connection import Access, Caller, Connection, Ending

ANNA = Caller(1, Actor(id=7), Access(frozenset({"read"}), 7, Standing.OWNER), "192.0.2.1")


def connection(room: int = 3) -> Connection:
    return Connection(ANNA, lambda label, event, payload: f"{label[0]} {event} {payload}", room)


async def test_messages_come_in_order_with_heartbeats_between() -> None:
    ear = connection()
    ear.offer(["user"], "update", "1")
    ear.offer(["user"], "delete", "2")
    async with aclosing(ear.messages(heartbeat=":", every_seconds=0.01)) as messages:
        heard = [await anext(messages) for _ in range(3)]
        ear.offer(["public"], "update", "3")
        while (message := await anext(messages)) == ":":
            pass
    assert heard == ["user update 1", "user delete 2", ":"]
    assert message == "public update 3"


async def test_who_does_not_take_what_waits_is_hung_up_on_and_gets_nothing_more() -> None:
    ear = connection(room=3)
    for number in range(4):
        ear.offer(["user"], "update", str(number))
    assert ear.ended is Ending.TOO_SLOW
    assert [message async for message in ear.messages()] == []
    ear.offer(["user"], "update", "late")
    assert await ear.over() is Ending.TOO_SLOW


async def test_what_still_waits_when_access_ends_is_not_sent() -> None:
    ear = connection()
    ear.offer(["user"], "update", "secret")
    ear.end(Ending.NO_ACCESS)
    ear.end(Ending.STOPPING)
    assert [message async for message in ear.messages()] == []
    assert ear.ended is Ending.NO_ACCESS, "the first reason counts"


async def test_an_end_wakes_who_waits() -> None:
    ear = connection()

    async def listen() -> list[str]:
        return [message async for message in ear.messages()]

    task = asyncio.create_task(listen())
    await asyncio.sleep(0)
    ear.end(Ending.STOPPING)
    async with asyncio.timeout(1):
        assert await task == []


@pytest.mark.parametrize("ending", Ending)
def test_every_ending_has_a_code_that_may_be_sent(ending: Ending) -> None:
    code, reason = ending.value
    assert 1000 <= code < 5000
    assert code not in {1004, 1005, 1006, 1015}
    assert len(reason.encode()) <= 123
