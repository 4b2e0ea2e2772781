"""https://docs.joinmastodon.org/methods/preferences/ and https://docs.joinmastodon.org/methods/custom_emojis/"""

from fediverse_kommune.api.entities import Entity
from fediverse_kommune.api.entities.custom_emoji import own_emoji_entity
from fediverse_kommune.api.routing import Auth, Cache, Call, Routes
from fediverse_kommune.services.emojis import all_emojis

routes = Routes()


@routes.get("/api/v1/preferences", scope="read:accounts")
async def show(call: Call) -> Entity:
    """Return how this person likes to write and read."""
    return {
        "posting:default:visibility": "public",
        "posting:default:sensitive": False,
        "posting:default:language": call.me.locale.partition("-")[0],
        "posting:default:quote_policy": "nobody",
        "reading:expand:media": "default",
        "reading:expand:spoilers": False,
        "reading:autoplay:gifs": False,
    }


@routes.get("/api/v1/custom_emojis", auth=Auth.NOBODY_ASKED, cache=Cache.MINUTES)
async def custom_emojis(call: Call) -> list[Entity]:
    """Return the instance's own emoji."""
    return [own_emoji_entity(row, call.server.instance) for row in await call.read(all_emojis)]
