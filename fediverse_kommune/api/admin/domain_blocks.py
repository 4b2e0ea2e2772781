"""https://docs.joinmastodon.org/methods/admin/domain_blocks/"""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from activitypub.models import DomainBlock, Severity
from fediverse_kommune.api.entities import Entity
from fediverse_kommune.api.entities.admin_blocks import domain_block_entity
from fediverse_kommune.api.pagination import Page
from fediverse_kommune.api.params import Params
from fediverse_kommune.api.preload import Listing
from fediverse_kommune.api.routing import Answer, Call, Routes
from fediverse_kommune.services import federation_policy
from fediverse_kommune.services.federation_policy import AlreadyBlocked, BlockForm
from fediverse_kommune.services.refusals import Invalid
from fediverse_kommune.services.staff import Permission

routes = Routes()

MAY_SEE: dict[str, Any] = {"scope": "admin:read:domain_blocks", "permission": Permission.MANAGE_FEDERATION}
MAY_ACT: dict[str, Any] = {"scope": "admin:write:domain_blocks", "permission": Permission.MANAGE_FEDERATION}
ALL = "/api/v1/admin/domain_blocks"
ONE = f"{ALL}/<block_id>"


@routes.get(ALL, **MAY_SEE)
async def show_all(call: Call) -> Answer:
    """Return all domains that are shut out."""
    found = await call.read(_list, call.page(default=100, most=200))
    return call.listing(found.entities, found.ids)


@routes.get(ONE, **MAY_SEE)
async def show(call: Call, block_id: int) -> Entity:
    """Return one of them."""
    return domain_block_entity(await call.read(federation_policy.find_block, block_id))


@routes.post(ALL, **MAY_ACT)
async def create(call: Call) -> Answer:
    """Shut a domain out."""
    name = call.params.text("domain") or ""
    if not name.strip():
        raise Invalid("Validation failed: Domain can't be blank")
    try:
        block = await call.carry_out(federation_policy.block_domain, name, _form(call.params))
    except AlreadyBlocked as refusal:
        known = domain_block_entity(refusal.block)
        return Answer({"error": refusal.message, "details": {}, "existing_domain_block": known}, 422)
    return Answer(domain_block_entity(block))


@routes.put(ONE, **MAY_ACT)
async def update(call: Call, block_id: int) -> Entity:
    """Shut a domain out more or less than before."""
    return domain_block_entity(await call.carry_out(federation_policy.update_block, block_id, _form(call.params)))


@routes.delete(ONE, **MAY_ACT)
async def delete(call: Call, block_id: int) -> Entity:
    """Shut a domain out no longer."""
    await call.carry_out(federation_policy.unblock_domain, block_id)
    return {}


def _form(params: Params) -> BlockForm:
    word = params.text("severity")
    if word and word not in set(Severity):
        raise Invalid("Validation failed: Severity is not included in the list")
    return BlockForm(
        severity=Severity(word) if word else None,
        reject_media=params.boolean("reject_media"),
        reject_reports=params.boolean("reject_reports"),
        private_comment=params.text("private_comment"),
        public_comment=params.text("public_comment"),
        obfuscate=params.boolean("obfuscate"),
    )


def _list(session: Session, page: Page) -> Listing:
    rows = page.in_order(list(session.scalars(page.select(select(DomainBlock), DomainBlock.id))))
    return Listing([domain_block_entity(row) for row in rows], [row.id for row in rows])
