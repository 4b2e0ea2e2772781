"""Looking in the background whether pages that profiles name link back: through the one egress, bounded (row D08)."""

import asyncio
import logging
from collections.abc import Sequence

from activitypub.http import EgressError
from activitypub.tasks import Worker
from activitypub.uris import host_of
from fediverse_kommune.previews.backlinks import links_back
from fediverse_kommune.previews.reading import PAGE_TYPES
from fediverse_kommune.server import Server
from fediverse_kommune.services import verification
from fediverse_kommune.services.verification import Check, Finding

log = logging.getLogger(__name__)

ROOM = 2  # profiles looked into at once, one page after the other
PAGE_BYTES = 1_048_576  # Mastodon reads as much
SECONDS = 20.0  # for one page


class Verifying:
    """The profiles to be looked into, as a `Queue` for `activitypub.tasks.Worker`."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._db = server.db

    async def claim(self, room: int) -> Sequence[Check]:
        """Lease profiles that are due."""
        if not await self._db.read(verification.PROFILES.any_due, self._server.clock()):
            return []
        return await self._db.write_behind(verification.claim, room)

    async def work(self, item: Check) -> bool:
        """Read the pages that a profile names, and keep which of them link back."""
        findings = {link: await self._look(item, link) for link in item.links}
        await self._db.write_behind(verification.finish, item, findings)
        return False

    async def extend(self, items: Sequence[Check]) -> None:
        """Renew the leases of what is in hand."""
        await self._db.write_behind(verification.PROFILES.extend, [item.actor_id for item in items])

    async def release(self, items: Sequence[Check]) -> None:
        """Give back what was not finished."""
        await self._db.write_behind(verification.PROFILES.release, [item.actor_id for item in items])

    async def _look(self, item: Check, link: str) -> Finding:
        try:
            async with asyncio.timeout(SECONDS):
                answer = await self._server.resolver.ctx.http.get(
                    link, accept="text/html", expect=PAGE_TYPES, limit=PAGE_BYTES, beginning=True
                )
        except (EgressError, TimeoutError) as error:
            log.info("%s could not be asked whether it links back: %s", link, error)
            return Finding.UNKNOWN
        if answer.status >= 500 or answer.status == 429:
            return Finding.UNKNOWN
        if answer.status != 200 or not _is_same_site(link, answer.url):
            return Finding.NO
        body, content_type = answer.body, answer.headers.get("Content-Type")
        found = await asyncio.to_thread(links_back, body, content_type, answer.url, item.profiles)
        return Finding.YES if found else Finding.NO


def _is_same_site(link: str, final: str) -> bool:
    """True unless redirects led away: a site that passes people on anywhere would vouch for anybody."""
    return host_of(link).removeprefix("www.") == host_of(final).removeprefix("www.")


def verification_worker(server: Server) -> Worker[Check]:
    """Return the worker that looks whether pages link back."""
    return Worker(Verifying(server), name="verification", room=ROOM)
