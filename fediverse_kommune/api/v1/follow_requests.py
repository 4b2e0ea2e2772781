"""https://docs.joinmastodon.org/methods/follow_requests/"""

from sqlalchemy import select

from activitypub.models import Actor, Follow
from activitypub.unit import Unit
from fediverse_kommune.api.entities import Entity
from fediverse_kommune.api.entities.relationship import relationship_entity
from fediverse_kommune.api.preload import load_accounts
from fediverse_kommune.api.preload_ties import load_ties
from fediverse_kommune.api.routing import Answer, Call, Routes
from fediverse_kommune.models import Standing
from fediverse_kommune.services import relationships

routes = Routes()


@routes.get("/api/v1/follow_requests", scope="read:follows")
async def show_all(call: Call) -> Answer:
    """Return who wants to follow."""
    query = (
        select(Follow.id, Actor)
        .join(Actor, Actor.id == Follow.follower_id)
        .where(Follow.followed_id == call.me.actor.id, Follow.accepted_at.is_(None), Actor.suspended_at.is_(None))
    )
    found = await call.read(load_accounts, call.reader, call.page(default=40, most=80), query, Follow.id)
    return call.listing(found.entities, found.ids)


@routes.post("/api/v1/follow_requests/<account_id>/authorize", scope="write:follows", standing=Standing.EDITOR)
async def authorize(call: Call, account_id: int) -> Entity:
    """Let somebody follow."""
    return await call.write(_decide, call.me.actor.id, account_id, accept=True)


@routes.post("/api/v1/follow_requests/<account_id>/reject", scope="write:follows", standing=Standing.EDITOR)
async def reject(call: Call, account_id: int) -> Entity:
    """Do not let somebody follow."""
    return await call.write(_decide, call.me.actor.id, account_id, accept=False)


def _decide(unit: Unit, actor_id: int, follower_id: int, *, accept: bool) -> Entity:
    decide = relationships.authorize_follow if accept else relationships.reject_follow
    decide(unit, unit.get_one(Actor, actor_id), follower_id)
    return relationship_entity(follower_id, load_ties(unit, actor_id, [follower_id]))
