"""https://docs.joinmastodon.org/methods/admin/email_domain_blocks/"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from fediverse_kommune.api.entities import Entity
from fediverse_kommune.api.entities.admin_blocks import email_domain_block_entity
from fediverse_kommune.api.pagination import Page
from fediverse_kommune.api.preload import Listing
from fediverse_kommune.api.routing import Answer, Call, Routes
from fediverse_kommune.models import EmailDomainBlock
from fediverse_kommune.services import admission
from fediverse_kommune.services.staff import Permission

routes = Routes()

SCOPE = "email_domain_blocks"
MAY_SEE: dict[str, Any] = {"scope": f"admin:read:{SCOPE}", "permission": Permission.MANAGE_BLOCKS}
MAY_ACT: dict[str, Any] = {"scope": f"admin:write:{SCOPE}", "permission": Permission.MANAGE_BLOCKS}
ALL = "/api/v1/admin/email_domain_blocks"
ONE = f"{ALL}/<block_id>"


@routes.get(ALL, **MAY_SEE)
async def show_all(call: Call) -> Answer:
    """Return all domains of addresses that cannot register."""
    found = await call.read(_list, call.page(default=100, most=200), call.server.clock())
    return call.listing(found.entities, found.ids)


@routes.get(ONE, **MAY_SEE)
async def show(call: Call, block_id: int) -> Entity:
    """Return one of them."""
    return await call.read(_show, block_id, call.server.clock())


@routes.post(ALL, **MAY_ACT)
async def create(call: Call) -> Entity:
    """Let nobody register with an address of a domain, or only after approval."""
    block = await call.carry_out(
        admission.block_email_domain,
        call.params.text("domain") or "",
        allow_with_approval=call.params.boolean("allow_with_approval") or False,
    )
    return await call.read(_show, block.id, call.server.clock())


@routes.delete(ONE, **MAY_ACT)
async def delete(call: Call, block_id: int) -> Entity:
    """Let people register with addresses of a domain again."""
    await call.carry_out(admission.unblock_email_domain, block_id)
    return {}


def _list(session: Session, page: Page, now: datetime) -> Listing:
    rows = page.in_order(list(session.scalars(page.select(select(EmailDomainBlock), EmailDomainBlock.id))))
    return Listing(_entities(session, rows, now), [row.id for row in rows])


def _show(session: Session, block_id: int, now: datetime) -> Entity:
    return _entities(session, [admission.find(session, EmailDomainBlock, block_id)], now)[0]


def _entities(session: Session, rows: Sequence[EmailDomainBlock], now: datetime) -> list[Entity]:
    histories = admission.sign_ups_by_domain(session, [row.domain for row in rows], now)
    return [email_domain_block_entity(row, _history(histories[row.domain])) for row in rows]


def _history(days: Sequence[admission.SignUps]) -> list[Entity]:
    return [
        {"day": str(int(day.day.timestamp())), "accounts": str(day.people), "uses": str(day.addresses)} for day in days
    ]
