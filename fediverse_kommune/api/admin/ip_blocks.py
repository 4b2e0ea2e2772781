"""https://docs.joinmastodon.org/methods/admin/ip_blocks/"""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from fediverse_kommune.api.entities import Entity
from fediverse_kommune.api.entities.admin_blocks import ip_block_entity
from fediverse_kommune.api.pagination import Page
from fediverse_kommune.api.params import Params
from fediverse_kommune.api.preload import Listing
from fediverse_kommune.api.routing import Answer, Call, Routes
from fediverse_kommune.models import IpBlock, IpBlockSeverity
from fediverse_kommune.services import admission
from fediverse_kommune.services.admission import IpForm
from fediverse_kommune.services.refusals import Invalid
from fediverse_kommune.services.staff import Permission

routes = Routes()

MAY_SEE: dict[str, Any] = {"scope": "admin:read:ip_blocks", "permission": Permission.MANAGE_BLOCKS}
MAY_ACT: dict[str, Any] = {"scope": "admin:write:ip_blocks", "permission": Permission.MANAGE_BLOCKS}
ALL = "/api/v1/admin/ip_blocks"
ONE = f"{ALL}/<block_id>"


@routes.get(ALL, **MAY_SEE)
async def show_all(call: Call) -> Answer:
    """Return all rules about networks."""
    found = await call.read(_list, call.page(default=100, most=200))
    return call.listing(found.entities, found.ids)


@routes.get(ONE, **MAY_SEE)
async def show(call: Call, block_id: int) -> Entity:
    """Return one of them."""
    return ip_block_entity(await call.read(admission.find, IpBlock, block_id))


@routes.post(ALL, **MAY_ACT)
async def create(call: Call) -> Entity:
    """Keep a network out, or from registering."""
    return ip_block_entity(await call.carry_out(admission.block_ip, _form(call.params)))


@routes.put(ONE, **MAY_ACT)
async def update(call: Call, block_id: int) -> Entity:
    """Change a rule about a network."""
    return ip_block_entity(await call.carry_out(admission.update_ip_block, block_id, _form(call.params)))


# The documentation names the scope for domains here, and the one for networks everywhere else; either will do.
@routes.delete(ONE, **MAY_ACT | {"scope": ("admin:write:ip_blocks", "admin:write:domain_blocks")})
async def delete(call: Call, block_id: int) -> Entity:
    """Let a network in again."""
    await call.carry_out(admission.unblock_ip, block_id)
    return {}


def _form(params: Params) -> IpForm:
    word = params.text("severity")
    if word and word not in set(IpBlockSeverity):
        raise Invalid("Validation failed: Severity is not included in the list")
    return IpForm(
        network=params.text("ip"),
        severity=IpBlockSeverity(word) if word else None,
        comment=params.text("comment"),
        expires_in=params.integer("expires_in"),
    )


def _list(session: Session, page: Page) -> Listing:
    rows = page.in_order(list(session.scalars(page.select(select(IpBlock), IpBlock.id))))
    return Listing([ip_block_entity(row) for row in rows], [row.id for row in rows])
