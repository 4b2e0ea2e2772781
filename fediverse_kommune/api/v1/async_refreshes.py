"""https://docs.joinmastodon.org/methods/async_refreshes/

What is read in the background while an app shows a thread. The header `Mastodon-Async-Refresh` of the thread names it.
"""

from collections.abc import Mapping

from fediverse_kommune.api.entities import Entity
from fediverse_kommune.api.entities.async_refresh import async_refresh_entity
from fediverse_kommune.api.routing import Call, Routes
from fediverse_kommune.services import backfill
from fediverse_kommune.services.backfill import Refresh
from fediverse_kommune.services.refusals import NotFound

routes = Routes()

RETRY_SECONDS = 2


@routes.get("/api/v1_alpha/async_refreshes/<refresh_id>", scope="read")
async def show(call: Call, refresh_id: int) -> Entity:
    """Return how far a refresh has come."""
    refresh = await call.read(backfill.find, refresh_id)
    if refresh is None:
        raise NotFound
    return {"async_refresh": async_refresh_entity(refresh)}


def refresh_header(refresh: Refresh) -> Mapping[str, str]:
    """Return the header that tells an app which refresh to ask for."""
    told = f'id="{refresh.id}", retry={RETRY_SECONDS}, result_count={refresh.found}'
    return {"Mastodon-Async-Refresh": told}
