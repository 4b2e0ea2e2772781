"""https://docs.joinmastodon.org/methods/favourites/"""

from activitypub.models import Like
from fediverse_kommune.api.preload import load_timeline
from fediverse_kommune.api.routing import Answer, Call, Routes
from fediverse_kommune.services.keeping import kept_by

routes = Routes()


@routes.get("/api/v1/favourites", scope="read:favourites")
async def show_all(call: Call) -> Answer:
    """Return what one likes, the latest first. Pages go by the like, not by the post."""
    found = await call.read(load_timeline, call.reader, kept_by(call.me.actor, Like), call.page())
    return call.listing(found.entities, found.ids)
