"""https://docs.joinmastodon.org/methods/admin/canonical_email_blocks/"""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from fediverse_kommune.api.entities import Entity
from fediverse_kommune.api.entities.admin_blocks import canonical_email_block_entity
from fediverse_kommune.api.pagination import Page
from fediverse_kommune.api.preload import Listing
from fediverse_kommune.api.routing import Answer, Call, Routes
from fediverse_kommune.models import CanonicalEmailBlock
from fediverse_kommune.services import admission
from fediverse_kommune.services.staff import Permission

routes = Routes()

SCOPE = "canonical_email_blocks"
MAY_SEE: dict[str, Any] = {"scope": f"admin:read:{SCOPE}", "permission": Permission.MANAGE_BLOCKS}
MAY_ACT: dict[str, Any] = {"scope": f"admin:write:{SCOPE}", "permission": Permission.MANAGE_BLOCKS}
ALL = "/api/v1/admin/canonical_email_blocks"
ONE = f"{ALL}/<block_id>"


@routes.get(ALL, **MAY_SEE)
async def show_all(call: Call) -> Answer:
    """Return all addresses that cannot register, as hashes."""
    found = await call.read(_list, call.page(default=100, most=200))
    return call.listing(found.entities, found.ids)


@routes.get(ONE, **MAY_SEE)
async def show(call: Call, block_id: int) -> Entity:
    """Return one of them."""
    return canonical_email_block_entity(await call.read(admission.find, CanonicalEmailBlock, block_id))


@routes.post(f"{ALL}/test", **MAY_SEE)
async def test(call: Call) -> list[Entity]:
    """Return the blocks that an address meets."""
    digest = admission.canonical_hash(call.params.required("email"))
    return [canonical_email_block_entity(row) for row in await call.read(admission.find_emails, digest)]


@routes.post(ALL, **MAY_ACT)
async def create(call: Call) -> Entity:
    """Let nobody register with an address again."""
    email, digest = call.params.text("email"), call.params.text("canonical_email_hash")
    return canonical_email_block_entity(await call.carry_out(admission.block_email, email, digest))


@routes.delete(ONE, **MAY_ACT)
async def delete(call: Call, block_id: int) -> Entity:
    """Let somebody register with an address again."""
    await call.carry_out(admission.unblock_email, block_id)
    return {}


def _list(session: Session, page: Page) -> Listing:
    rows = page.in_order(list(session.scalars(page.select(select(CanonicalEmailBlock), CanonicalEmailBlock.id))))
    return Listing([canonical_email_block_entity(row) for row in rows], [row.id for row in rows])
