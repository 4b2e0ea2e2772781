"""What comes along with a delivery for followers: which of ours they are by the sender's word (FEP-8fcf)."""

import asyncio
import logging
from collections.abc import Iterable

from activitypub.context import FederationContext
from activitypub.events import FollowersDiffer
from activitypub.followers_sync import HEADER, agrees, read_header
from activitypub.kept import Remembered
from activitypub.resolver import SigningKey
from activitypub.unit import StorageUnavailable, Unit
from activitypub.uris import same_origin

log = logging.getLogger(__name__)

ACTORS_REMEMBERED = 10_000
LOOKED_AT_SECONDS = 300.0  # an actor's followers are compared at most once in this time

_HEADER = HEADER.lower().encode()


class FollowersWatch:
    """Compares what senders say of their followers with what is stored, and tells if that is not the same."""

    def __init__(self, ctx: FederationContext) -> None:
        self._ctx = ctx
        self._looked_at: Remembered[float] = Remembered(ACTORS_REMEMBERED)

    async def notice(self, signer: SigningKey, headers: Iterable[tuple[bytes, bytes]]) -> None:
        """Look at the header of a delivery that `signer` signed. An actor speaks for its own followers alone."""
        text = next((value.decode("latin-1") for name, value in headers if name == _HEADER), None)
        said = read_header(text, allow_http=self._ctx.instance.test_network) if text else None
        if said is None or not same_origin(said.url, signer.actor_uri) or self._is_recent(signer.actor_id):
            return
        try:
            if not await self._ctx.db.read(agrees, signer.actor_id, said):
                await self._ctx.db.write(_tell, FollowersDiffer(signer.actor_id, said.url))
        except StorageUnavailable as error:
            log.info("followers of %s are not compared: %s", signer.actor_uri, error)

    def _is_recent(self, actor_id: int) -> bool:
        now = asyncio.get_running_loop().time()
        before = self._looked_at.get(actor_id)
        if before is not None and now - before < LOOKED_AT_SECONDS:
            return True
        self._looked_at[actor_id] = now
        return False


def _tell(unit: Unit, event: FollowersDiffer) -> None:
    unit.publish(event)
