"""https://docs.joinmastodon.org/methods/blocks/"""

from sqlalchemy import select

from activitypub.models import Actor, Block
from fediverse_kommune.api.preload import load_accounts
from fediverse_kommune.api.routing import Answer, Call, Routes

routes = Routes()


@routes.get("/api/v1/blocks", scope="read:blocks")
async def show_all(call: Call) -> Answer:
    """Return whom one blocks."""
    query = select(Block.id, Actor).join(Actor, Actor.id == Block.target_id).where(Block.actor_id == call.me.actor.id)
    found = await call.read(load_accounts, call.reader, call.page(default=40, most=80), query, Block.id)
    return call.listing(found.entities, found.ids)
