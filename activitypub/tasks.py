"""The loop of every worker: claim what is due, work on it, sleep until there is more.

What is queued are rows, and a claim is a lease: while the heartbeat renews it nobody else takes the item, and
when the worker dies it runs out and the item is due again. So `kill -9` loses nothing, and what was in hand
at that moment is worked on twice: the work must be harmless when repeated.
"""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Generic, Protocol, TypeVar

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
HEARTBEAT_SECONDS = 20.0  # two may fail before a lease runs out
POLL_SECONDS = 1.0  # how late work is noticed for which nobody rang, such as a retry that becomes due
FULL_SECONDS = 0.05  # between two claims while there is no room: they are made in sets, not item by item
GRACE_SECONDS = 10.0  # how long work in hand may go on when the server stops
LONGEST_PAUSE_SECONDS = 30.0  # between two claims while the database cannot be reached

Item = TypeVar("Item")


class Queue(Protocol[Item]):
    """What a worker works through. Everything but `work` may raise when the database cannot be reached."""

    async def claim(self, room: int) -> Sequence[Item]:
        """Lease at most `room` due items and return them."""
        ...

    async def work(self, item: Item) -> bool:
        """Deal with an item for good: done, due again later, or given up. Return whether more may be due now.

        What it raises is logged, and the item is due again when its lease has run out.
        """
        ...

    async def extend(self, items: Sequence[Item]) -> None:
        """Renew the leases of items in hand."""
        ...

    async def release(self, items: Sequence[Item]) -> None:
        """Give back items that were claimed and not finished: they are due at once."""
        ...


class Worker(Generic[Item]):
    """Works through a queue, on at most `room` items at once, until told to stop. No item makes it die."""

    def __init__(
        self,
        queue: Queue[Item],
        *,
        name: str,
        room: int,
        poll_seconds: float = POLL_SECONDS,
        heartbeat_seconds: float = HEARTBEAT_SECONDS,
        grace_seconds: float = GRACE_SECONDS,
    ) -> None:
        self._queue = queue
        self._name = name
        self._room = room
        self._poll_seconds = poll_seconds
        self._heartbeat_seconds = heartbeat_seconds
        self._grace_seconds = grace_seconds
        self._in_hand: dict[asyncio.Task[None], Item] = {}
        self._bell = asyncio.Event()
        self._stopping = False
        self._stopped = asyncio.Event()
        self._stopped.set()
        self._failed_claims = 0

    async def run(self) -> None:
        """Work until `stop` is called, then finish what is in hand. Cancelling it stops it at once."""
        self._stopped.clear()
        heartbeat = asyncio.create_task(self._beat(), name=f"{self._name} heartbeat")
        try:
            while not self._stopping:
                self._bell.clear()
                await self._rest(await self._begin_work())
            await self._finish()
        finally:
            heartbeat.cancel()
            for task in self._in_hand:
                task.cancel()
            self._stopped.set()

    async def run_until(self, stopping: asyncio.Event) -> None:
        """Work until `stopping`, then stop as `stop` does."""
        running = asyncio.create_task(self.run(), name=self._name)
        await stopping.wait()
        await self.stop()
        await running

    def wake(self) -> None:
        """Look for work now: something was queued. To be called in the event loop (`Unit.on_commit`)."""
        self._bell.set()

    async def stop(self) -> None:
        """Claim no more; return when what was in hand is finished, or given back after a time of grace."""
        self._stopping = True
        self._bell.set()
        await self._stopped.wait()

    async def _begin_work(self) -> float:
        """Claim what there is room for and begin; return how many seconds to rest unless it rings."""
        room = self._room - len(self._in_hand)
        if room <= 0:
            return FULL_SECONDS
        try:
            items = await self._queue.claim(room)
        except Exception:
            log.exception("%s could not claim work and tries again", self._name)
            self._failed_claims = min(self._failed_claims + 1, 10)
            return min(self._poll_seconds * (1 << self._failed_claims), LONGEST_PAUSE_SECONDS)
        self._failed_claims = 0
        for item in items:
            task = asyncio.create_task(self._work(item), name=self._name)
            self._in_hand[task] = item
            task.add_done_callback(self._put_down)
        return 0.0 if len(items) == room else self._poll_seconds

    async def _rest(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._bell.wait()

    async def _work(self, item: Item) -> None:
        try:
            if await self._queue.work(item):
                self._bell.set()
        except Exception:
            log.exception("%s failed on %r, which is due again when its lease runs out", self._name, item)

    def _put_down(self, task: asyncio.Task[None]) -> None:
        del self._in_hand[task]
        if len(self._in_hand) == self._room * 3 // 4:
            self._bell.set()  # there may have been no room; now a set fits in

    async def _beat(self) -> None:
        """Renew the leases again and again. One failure is bridged by the next beat."""
        while True:
            await asyncio.sleep(self._heartbeat_seconds)
            try:
                if self._in_hand:
                    await self._queue.extend(list(self._in_hand.values()))
            except Exception:
                log.exception("%s could not renew its leases", self._name)

    async def _finish(self) -> None:
        """Let what is in hand end; what takes too long is broken off and given back."""
        if not self._in_hand:
            return
        _, late = await asyncio.wait(self._in_hand, timeout=self._grace_seconds)
        items = [self._in_hand[task] for task in late]
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late)
            await self._give_back(items)

    async def _give_back(self, items: Sequence[Item]) -> None:
        try:
            await self._queue.release(items)
        except Exception:
            log.exception("%s could not give work back; it is due when its leases run out", self._name)
