"""https://docs.joinmastodon.org/methods/bookmarks/"""

from fediverse_kommune.api.preload import load_timeline
from fediverse_kommune.api.routing import Answer, Call, Routes
from fediverse_kommune.models import Bookmark
from fediverse_kommune.services.keeping import kept_by

routes = Routes()


@routes.get("/api/v1/bookmarks", scope="read:bookmarks")
async def show_all(call: Call) -> Answer:
    """Return what one has bookmarked, the latest first. Pages go by the bookmark, not by the post."""
    found = await call.read(load_timeline, call.reader, kept_by(call.me.actor, Bookmark), call.page())
    return call.listing(found.entities, found.ids)
