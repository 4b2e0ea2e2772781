"""Results on their way to the database: while one set is being written, the next one gathers.

So a thousand deliveries a second cost a few dozen transactions, and one delivery alone is written down at
once.
"""

import asyncio
import logging

from activitypub.unit import StorageUnavailable, UnitsOfWork
from outbox.record import Attempt, LaneEnd, record

log = logging.getLogger(__name__)

PAUSE_SECONDS = 1.0  # between two attempts to write while the database takes nothing


class Ledger:
    """Writes down, for one worker, what came of deliveries."""

    def __init__(self, db: UnitsOfWork, holder: str) -> None:
        self._db = db
        self._holder = holder
        self._attempts: list[Attempt] = []
        self._ends: list[tuple[LaneEnd, asyncio.Future[bool]]] = []
        self._writing: asyncio.Task[None] | None = None

    def note(self, attempt: Attempt) -> None:
        """Write an attempt down soon, before the end of its lane."""
        self._attempts.append(attempt)
        self._begin()

    async def close(self, end: LaneEnd) -> bool:
        """Put a lane down; return, once that and its attempts are written, whether more is due now."""
        written: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._ends.append((end, written))
        self._begin()
        return await written

    async def settle(self) -> None:
        """Return when all that was noted is written."""
        if self._writing is not None:
            await self._writing

    def _begin(self) -> None:
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_all(), name="delivery ledger")

    async def _write_all(self) -> None:
        while self._attempts or self._ends:
            attempts, self._attempts = self._attempts, []
            ends, self._ends = self._ends, []
            more = await self._write(attempts, [end for end, _ in ends])
            for _, written in ends:
                if not written.done():
                    written.set_result(more)

    async def _write(self, attempts: list[Attempt], ends: list[LaneEnd]) -> bool:
        """Write a set, again and again while the database takes nothing: what arrived must not go twice.

        It goes before other work: what waits here when the server is killed is sent again.
        """
        while True:
            try:
                return await self._db.write(record, self._holder, attempts, ends)
            except StorageUnavailable:
                log.warning("results of deliveries cannot be written down yet", exc_info=True)
                await asyncio.sleep(PAUSE_SECONDS)
            except Exception:
                log.exception("results of %d deliveries are lost; they will be sent again", len(attempts))
                return False
