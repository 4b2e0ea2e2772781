"""https://docs.joinmastodon.org/methods/admin/domain_allows/"""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from activitypub.models import DomainAllow
from fediverse_kommune.api.entities import Entity
from fediverse_kommune.api.entities.admin_blocks import domain_allow_entity
from fediverse_kommune.api.pagination import Page
from fediverse_kommune.api.preload import Listing
from fediverse_kommune.api.routing import Answer, Call, Routes
from fediverse_kommune.services import federation_policy
from fediverse_kommune.services.refusals import Invalid
from fediverse_kommune.services.staff import Permission

routes = Routes()

MAY_SEE: dict[str, Any] = {"scope": "admin:read:domain_allows", "permission": Permission.MANAGE_FEDERATION}
MAY_ACT: dict[str, Any] = {"scope": "admin:write:domain_allows", "permission": Permission.MANAGE_FEDERATION}
ALL = "/api/v1/admin/domain_allows"
ONE = f"{ALL}/<allow_id>"


@routes.get(ALL, **MAY_SEE)
async def show_all(call: Call) -> Answer:
    """Return all domains that are let in where none is but those."""
    found = await call.read(_list, call.page(default=100, most=200))
    return call.listing(found.entities, found.ids)


@routes.get(ONE, **MAY_SEE)
async def show(call: Call, allow_id: int) -> Entity:
    """Return one of them."""
    return domain_allow_entity(await call.read(federation_policy.find_allow, allow_id))


@routes.post(ALL, **MAY_ACT)
async def create(call: Call) -> Entity:
    """Let a domain in. One that is already stays as it is."""
    name = call.params.text("domain") or ""
    if not name.strip():
        raise Invalid("Validation failed: Domain can't be blank")
    return domain_allow_entity(await call.carry_out(federation_policy.allow_domain, name))


@routes.delete(ONE, **MAY_ACT)
async def delete(call: Call, allow_id: int) -> Entity:
    """Let a domain in no longer."""
    await call.carry_out(federation_policy.disallow_domain, allow_id)
    return {}


def _list(session: Session, page: Page) -> Listing:
    rows = page.in_order(list(session.scalars(page.select(select(DomainAllow), DomainAllow.id))))
    return Listing([domain_allow_entity(row) for row in rows], [row.id for row in rows])
