"""https://docs.joinmastodon.org/methods/async_refreshes/

This server fetches nothing in the background that an answer promises, so it never sends `Mastodon-Async-Refresh` and
there is no refresh to ask about.
"""

from fediverse_kommune.api.routing import Call, Routes
from fediverse_kommune.services.refusals import NotFound

routes = Routes()


@routes.get("/api/v1_alpha/async_refreshes/<refresh>", scope="read")
async def show(_call: Call, refresh: str) -> None:
    """Return how far a refresh has come: there is none."""
    raise NotFound
