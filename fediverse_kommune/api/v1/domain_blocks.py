"""https://docs.joinmastodon.org/methods/domain_blocks/, and what Mastodon's Android app asks for before."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from fediverse_kommune.api.entities import Entity
from fediverse_kommune.api.pagination import Page
from fediverse_kommune.api.routing import Answer, Call, Routes
from fediverse_kommune.models import DomainMute
from fediverse_kommune.services import domains

routes = Routes()


@routes.get("/api/v1/domain_blocks", scope="read:blocks")
async def show_all(call: Call) -> Answer:
    """Return the domains of which one wants to see nothing."""
    rows = await call.read(_list, call.me.actor.id, call.page(default=100, most=200))
    return call.listing([row.domain for row in rows], [row.id for row in rows])


@routes.get("/api/v1/domain_blocks/preview", scope="write:blocks")
async def preview(call: Call) -> Entity:
    """Return how many follows a block of a domain would end."""
    cost = await call.read(domains.count_cost, call.me.actor, _domain(call))
    return {"following_count": cost.following, "followers_count": cost.followers}


@routes.post("/api/v1/domain_blocks", scope="write:blocks")
async def block(call: Call) -> Entity:
    """See nothing of a domain any more."""
    await call.write(domains.block_domain, call.me.actor, _domain(call))
    return {}


@routes.delete("/api/v1/domain_blocks", scope="write:blocks")
async def unblock(call: Call) -> Entity:
    """See a domain again."""
    await call.write(domains.unblock_domain, call.me.actor, _domain(call))
    return {}


def _domain(call: Call) -> str:
    return domains.parse_domain(call.params.text("domain") or "", call.server.instance)


def _list(session: Session, actor_id: int, page: Page) -> list[DomainMute]:
    query = page.select(select(DomainMute).where(DomainMute.actor_id == actor_id), DomainMute.id)
    return page.in_order(list(session.scalars(query)))
