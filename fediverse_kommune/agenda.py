"""What is due: the end of a poll, a post that was written for this hour, what follows from a decision of somebody.

Everything on the agenda is a row, and is done in the transaction that takes it off again. So it happens
once, also if the server dies meanwhile or several work on one database, and what came due while none ran is done late.
"""

import asyncio
import logging
from collections.abc import Awaitable
from contextlib import suppress

from activitypub.unit import StorageUnavailable
from fediverse_kommune.mentions import resolve_mentions
from fediverse_kommune.server import Server
from fediverse_kommune.services import moves, polls, scheduled, search_index
from fediverse_kommune.services.refusals import Refusal

log = logging.getLogger(__name__)

EVERY_SECONDS = 1.0


class Agenda:
    """Looks for what is due until the server stops."""

    def __init__(self, server: Server, *, every_seconds: float = EVERY_SECONDS) -> None:
        self._server = server
        self._every_seconds = every_seconds

    async def run(self, stopping: asyncio.Event) -> None:
        """Do what is due, every second, until `stopping`. A database that does not answer costs one round."""
        while not stopping.is_set():
            try:
                await self.round()
            except StorageUnavailable as error:
                log.warning("what is due is put off: %s", error)
            with suppress(TimeoutError):
                async with asyncio.timeout(self._every_seconds):
                    await stopping.wait()

    async def round(self) -> None:
        """Do all that is due now."""
        for poll_id in await self._server.db.read(polls.due, self._server.clock()):
            await self._attend(f"poll {poll_id}", self._server.db.write_behind(polls.attend, poll_id))
        for scheduled_id, text in await self._server.db.read(scheduled.due, self._server.clock()):
            await self._attend(f"scheduled post {scheduled_id}", self._publish(scheduled_id, text))
        for actor_id in await self._server.db.read(search_index.revisions):
            work = self._server.db.write_behind(search_index.revise, actor_id)
            await self._attend(f"the words of what {actor_id} wrote", work)

        for actor_id in await self._server.db.read(moves.due):
            await self._attend(f"the move of {actor_id}", self._server.db.write_behind(moves.go_along, actor_id))

    async def _publish(self, scheduled_id: int, text: str) -> None:
        """Publish a post that was written for now; one that is refused waits for its author to look at it."""
        await resolve_mentions(self._server, text)
        try:
            await self._server.db.write(scheduled.publish, scheduled_id)
        except Refusal as refusal:
            log.warning("scheduled post %s is not published: %s", scheduled_id, refusal)
            await self._server.db.write(scheduled.note_failure, scheduled_id, refusal)

    async def _attend(self, what: str, work: Awaitable[None]) -> None:
        """Do one thing. Whatever is wrong with it, the next one is done as well."""
        try:
            await work
        except StorageUnavailable:
            raise
        except Exception:
            log.exception("%s could not be attended to and stays due", what)
