"""https://docs.joinmastodon.org/methods/preferences/ and https://docs.joinmastodon.org/methods/custom_emojis/"""

from fediverse_kommune.api.entities import Entity
from fediverse_kommune.api.entities.custom_emoji import own_emoji_entity
from fediverse_kommune.api.routing import Auth, Cache, Call, Routes
from fediverse_kommune.services.emojis import all_emojis
from fediverse_kommune.services.preferences import preference_of

routes = Routes()


@routes.get("/api/v1/preferences", scope="read:accounts")
async def show(call: Call) -> Entity:
    """Return how this person likes to write and read."""
    preference = await call.read(preference_of, call.me.actor.id)
    return {
        "posting:default:visibility": preference.visibility,
        "posting:default:sensitive": preference.sensitive,
        "posting:default:language": preference.language or call.me.locale.partition("-")[0],
        "posting:default:quote_policy": preference.quote_policy,
        "reading:expand:media": preference.expand_media,
        "reading:expand:spoilers": preference.expand_spoilers,
        "reading:autoplay:gifs": False,
    }


@routes.get("/api/v1/custom_emojis", auth=Auth.NOBODY_ASKED, cache=Cache.MINUTES)
async def custom_emojis(call: Call) -> list[Entity]:
    """Return the instance's own emoji."""
    return [own_emoji_entity(row, call.server.instance) for row in await call.read(all_emojis)]
