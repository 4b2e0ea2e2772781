"""Reading old posts in the background: the worker behind `services/backfill.py`."""

import asyncio
import logging
from collections.abc import Sequence
from functools import partial

from activitypub.backfill import read_pins, read_profile, read_thread
from activitypub.fetch import FetchError, Unavailable
from activitypub.tasks import Worker
from fediverse_kommune.server import Server
from fediverse_kommune.services import backfill
from fediverse_kommune.services.backfill import Reading

log = logging.getLogger(__name__)

ROOM = 2  # actors and threads read at once
SECONDS = 300.0  # for one of them


class Backfilling:
    """What is to be read, as a `Queue` for `activitypub.tasks.Worker`."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._db = server.db

    async def claim(self, room: int) -> Sequence[Reading]:
        """Lease what is due."""
        if not await self._db.read(backfill.READINGS.any_due, self._server.clock()):
            return []
        return await self._db.write_behind(backfill.claim, room)

    async def work(self, item: Reading) -> bool:
        """Read it, as far as that is possible, and note how much was new."""
        try:
            async with asyncio.timeout(SECONDS):
                found = await self._read(item)
        except (Unavailable, TimeoutError) as error:
            log.info("%r cannot be read now: %s", item, error)
            await self._db.write_behind(backfill.put_off, item)
            return False
        except FetchError as error:
            log.info("%r is not read: %s", item, error)
            found = 0
        await self._db.write_behind(backfill.finish, item, found)
        return False

    async def extend(self, items: Sequence[Reading]) -> None:
        """Renew the leases of what is in hand."""
        await self._db.write_behind(backfill.READINGS.extend, [item.id for item in items])

    async def release(self, items: Sequence[Reading]) -> None:
        """Give back what was not finished."""
        await self._db.write_behind(backfill.READINGS.release, [item.id for item in items])

    async def _read(self, item: Reading) -> int:
        resolver = self._server.resolver
        if item.thread is not None:
            return await read_thread(resolver, item.thread, partial(self._note, item))
        if item.actor is None:
            return 0
        read = read_pins if item.only_pins else read_profile
        return await read(resolver, item.actor)

    async def _note(self, item: Reading, found: int) -> None:
        await self._db.write_behind(backfill.note_found, item, found)


def backfill_worker(server: Server) -> Worker[Reading]:
    """Return the worker that reads what was there before."""
    return Worker(Backfilling(server), name="backfill", room=ROOM)
