"""Comparing followers with other servers in the background: the worker behind `services/followers_sync.py`."""

import logging
from collections.abc import Sequence

from activitypub.fetch import FetchBudget, FetchError, Unavailable
from activitypub.listings import read_whole_listing
from activitypub.properties import uri_of
from activitypub.tasks import Worker
from fediverse_kommune.server import Server
from fediverse_kommune.services import followers_sync
from fediverse_kommune.services.followers_sync import Check

log = logging.getLogger(__name__)

ROOM = 2
POLL_SECONDS = 5.0  # nobody waits for it


class FollowersChecking:
    """The actors whose followers are to be compared, as a `Queue` for `activitypub.tasks.Worker`."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._db = server.db

    async def claim(self, room: int) -> Sequence[Check]:
        """Lease what is due."""
        if not await self._db.read(followers_sync.CHECKS.any_due, self._server.clock()):
            return []
        return await self._db.write_behind(followers_sync.claim, room)

    async def work(self, item: Check) -> bool:
        """Read which of ours follow by the word of the other server, and mend what we see otherwise."""
        since, listed = self._server.clock(), None
        try:
            entries = await read_whole_listing(self._server.resolver.ctx, item.url, FetchBudget())
            listed = [uri for entry in entries if (uri := uri_of(entry))]
        except Unavailable as error:
            log.info("%s cannot be read now: %s", item.url, error)
            await self._db.write_behind(followers_sync.put_off, item)
            return False
        except FetchError as error:
            log.info("followers are not compared with %s: %s", item.url, error)
        await self._db.write_behind(followers_sync.finish, item, listed, since)
        return False

    async def extend(self, items: Sequence[Check]) -> None:
        """Renew the leases of what is in hand."""
        await self._db.write_behind(followers_sync.CHECKS.extend, [item.actor_id for item in items])

    async def release(self, items: Sequence[Check]) -> None:
        """Give back what was not finished."""
        await self._db.write_behind(followers_sync.CHECKS.release, [item.actor_id for item in items])


def followers_worker(server: Server) -> Worker[Check]:
    """Return the worker that compares followers with other servers."""
    return Worker(FollowersChecking(server), name="followers", room=ROOM, poll_seconds=POLL_SECONDS)
