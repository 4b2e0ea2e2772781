"""What has to be done from time to time and that nobody waits for.

Uploads that nobody used, mutes that are over, feeds that grew too long.
"""

import asyncio
import logging
from contextlib import suppress

from activitypub.unit import StorageUnavailable
from fediverse_kommune.fanout.timelines import trim_feeds
from fediverse_kommune.server import Server
from fediverse_kommune.services import (
    backfill,
    media,
    moderation,
    previews,
    registration,
    relationships,
    subscriptions,
    trend_reviews,
)
from fediverse_kommune.services.staff import COMMAND_LINE, carry_out
from fediverse_kommune.subscribed_lists import read_due
from outbox.groups import forget_waiting

log = logging.getLogger(__name__)

EVERY_SECONDS = 60.0
TRIM_EVERY = 60  # of those rounds
PURGED_AT_ONCE = 5  # accounts that a round removes for good: each may have written much


class Housekeeping:
    """Does its rounds until the server stops."""

    def __init__(self, server: Server, *, every_seconds: float = EVERY_SECONDS) -> None:
        self._server = server
        self._every_seconds = every_seconds

    async def run(self, stopping: asyncio.Event) -> None:
        """Do a round every minute until `stopping`, the first when the start is over.

        A database that does not answer costs one round.
        """
        rounds = 0
        while not await self._stops(stopping):
            try:
                await self.round(trim=rounds % TRIM_EVERY == 0)
            except StorageUnavailable as error:
                log.warning("housekeeping is put off: %s", error)
            rounds += 1

    async def _stops(self, stopping: asyncio.Event) -> bool:
        """Wait for the next round, or return True as soon as there is none."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self._every_seconds):
                await stopping.wait()
        return stopping.is_set()

    async def _purge_expired(self) -> None:
        """Remove for good what was suspended long enough, a few accounts in each round."""
        db = self._server.db
        for account_id in await db.read(moderation.expired, self._server.clock(), PURGED_AT_ONCE):
            files = await db.write(carry_out, COMMAND_LINE, moderation.purge_expired, account_id)
            await self._server.studio.remove(*files)

    async def round(self, *, trim: bool) -> None:
        """Remove uploads that waited too long and mutes that are over; with `trim`, old lines and previews, too."""
        await self._server.studio.remove(*await self._server.db.write(media.sweep))
        await self._clear_arrivals()
        await self._server.db.write(relationships.end_mutes)
        await self._purge_expired()
        if trim:
            await self._server.db.write(registration.forget_unconfirmed)
            await self._server.db.write(subscriptions.forget_unconfirmed)
            await self._server.db.write(trim_feeds)
            await self._server.studio.remove(*await self._server.db.write(previews.sweep))
            await self._server.db.write(trend_reviews.sweep)
            await self._server.db.write(backfill.sweep)
            await self._server.db.write(forget_waiting)
        await read_due(self._server)

    async def _clear_arrivals(self) -> None:
        """Remove what a crash left in the folder of arrivals."""
        store = self._server.studio.store
        names = await asyncio.to_thread(store.left_since, self._server.clock() - media.WAITS)
        for name in await self._server.db.read(media.unknown_arrivals, names):
            await asyncio.to_thread(store.clear, name)
