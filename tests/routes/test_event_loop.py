"""Nothing holds the event loop: while it is held, nobody else is answered."""

import asyncio
import gc
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from activitypub.models import Status
from tests import acts
from tests.fediverse import Remote
from tests.town import Town

# Processor time, not time on the clock: another program on this machine cannot make the test fail.
LONGEST_TURN = 0.05


@asynccontextmanager
async def watched_loop() -> AsyncIterator[list[float]]:
    """Collect how much processor time the loop's thread took between two of our turns."""
    turns: list[float] = []

    async def watch() -> None:
        last = time.thread_time()
        while True:
            await asyncio.sleep(0)
            now = time.thread_time()
            turns.append(now - last)
            last = now

    # A full collection walks through what a thousand other tests left in this process; a server has none of that.
    gc.collect()
    gc.disable()
    task = asyncio.create_task(watch())
    try:
        yield turns
    finally:
        task.cancel()
        gc.enable()


async def test_the_loop_is_free_while_much_arrives_and_leaves(stadt: Town, nachbar: Remote) -> None:
    anna = await stadt.resident("anna")
    people = [nachbar.person(f"person{number}") for number in range(4)]
    for person in people:
        await stadt.accept(person, person.activity("Follow", anna.uri))
    # Signed before: to sign forty requests takes this thread longer than the town may take.
    letters = []
    for person in people * 10:
        body = json.dumps(person.create(person.note(to=[anna.uri]))).encode()
        letters.append((body, person.signed(f"{stadt.origin}/inbox", body)))

    async with watched_loop() as turns:
        answers = await asyncio.gather(*(stadt.post("/inbox", body, headers) for body, headers in letters))
        for _ in range(3):
            await stadt.write(acts.write, anna)
        await asyncio.gather(*(stadt.get(path) for path in ("/", "/@anna", "/users/anna/outbox?page=true") * 5))
        await stadt.settle()

    assert set(answers) == {202}
    assert await stadt.count(Status) == len(letters) + 3
    assert max(turns) < LONGEST_TURN


async def test_the_watch_would_see_a_blocked_loop() -> None:
    async with watched_loop() as turns:
        await asyncio.sleep(0.01)
        until = time.thread_time() + 2 * LONGEST_TURN
        while time.thread_time() < until:
            pass
        await asyncio.sleep(0.01)
    assert max(turns) > LONGEST_TURN
