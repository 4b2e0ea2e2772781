"""https://docs.joinmastodon.org/methods/announcements/"""

from fediverse_kommune.api.entities import Entity
from fediverse_kommune.api.entities.announcement import announcement_entity
from fediverse_kommune.api.routing import Call, Routes
from fediverse_kommune.models import Standing
from fediverse_kommune.services import announcements
from fediverse_kommune.services.scopes import SCOPES

routes = Routes()

# The documentation names none: whatever an app may read, it may read these.
ANY_READING = tuple(scope for scope in SCOPES if scope.startswith(("profile", "read")))


@routes.get("/api/v1/announcements", scope=ANY_READING)
async def show_all(call: Call) -> list[Entity]:
    """Return what is announced now; what one has dismissed only if it is asked for."""
    instance = call.server.instance
    with_dismissed = call.params.boolean("with_dismissed") or False
    found = await call.read(
        announcements.current, call.me.actor.id, call.server.clock(), instance, with_dismissed=with_dismissed
    )
    return [announcement_entity(shown, instance) for shown in found]


@routes.post("/api/v1/announcements/<announcement_id>/dismiss", scope="write:accounts", standing=Standing.VIEWER)
async def dismiss(call: Call, announcement_id: int) -> Entity:
    """Note that one has read an announcement."""
    await call.write(announcements.dismiss, call.me.actor.id, announcement_id)
    return {}


@routes.put("/api/v1/announcements/<announcement_id>/reactions/<name>", scope="write:favourites")
async def react(call: Call, announcement_id: int, name: str) -> Entity:
    """Put an emoji below an announcement."""
    await call.write(announcements.react, call.me.actor.id, announcement_id, name)
    return {}


@routes.delete("/api/v1/announcements/<announcement_id>/reactions/<name>", scope="write:favourites")
async def unreact(call: Call, announcement_id: int, name: str) -> Entity:
    """Take one's emoji back."""
    await call.write(announcements.unreact, call.me.actor.id, announcement_id, name)
    return {}
