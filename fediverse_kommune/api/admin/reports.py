"""https://docs.joinmastodon.org/methods/admin/reports/"""

from typing import Any

from sqlalchemy.orm import Session

from activitypub.models import Report
from fediverse_kommune.api.entities import Entity
from fediverse_kommune.api.pagination import Page
from fediverse_kommune.api.preload import Listing, Reader
from fediverse_kommune.api.preload_admin import report_entities
from fediverse_kommune.api.routing import Answer, Call, Routes
from fediverse_kommune.api.v1.reports import category
from fediverse_kommune.services import report_desk
from fediverse_kommune.services.refusals import NotFound
from fediverse_kommune.services.report_desk import Classification, ReportFilter
from fediverse_kommune.services.staff import Deed, Permission

routes = Routes()

MAY_SEE: dict[str, Any] = {"scope": "admin:read:reports", "permission": Permission.MANAGE_REPORTS}
MAY_ACT: dict[str, Any] = {"scope": "admin:write:reports", "permission": Permission.MANAGE_REPORTS}
ONE = "/api/v1/admin/reports/<report_id>"


@routes.get("/api/v1/admin/reports", **MAY_SEE)
async def show_all(call: Call) -> Answer:
    """Return reports: the open ones, unless the others are asked for."""
    wanted = ReportFilter(
        resolved=call.params.boolean("resolved") or False,
        account_id=call.params.integer("account_id"),
        target_id=call.params.integer("target_account_id"),
    )
    found = await call.read(_list, call.reader, wanted, call.page(default=100, most=200))
    return call.listing(found.entities, found.ids)


@routes.get(ONE, **MAY_SEE)
async def show(call: Call, report_id: int) -> Entity:
    """Return one report."""
    return await call.read(_show, call.reader, report_id)


@routes.put(ONE, **MAY_ACT)
async def update(call: Call, report_id: int) -> Entity:
    """Say what kind of report it is."""
    rule_ids = call.params.ids("rule_ids") if "rule_ids" in call.params else None
    await call.carry_out(report_desk.classify, report_id, Classification(category(call.params), rule_ids))
    return await call.read(_show, call.reader, report_id)


@routes.post(f"{ONE}/assign_to_self", **MAY_ACT)
async def assign_to_self(call: Call, report_id: int) -> Entity:
    """Take a report on."""
    return await _change(call, report_desk.assign, report_id)


@routes.post(f"{ONE}/unassign", **MAY_ACT)
async def unassign(call: Call, report_id: int) -> Entity:
    """Let somebody else take a report on."""
    return await _change(call, report_desk.unassign, report_id)


@routes.post(f"{ONE}/resolve", **MAY_ACT)
async def resolve(call: Call, report_id: int) -> Entity:
    """Close a report."""
    return await _change(call, report_desk.resolve, report_id)


@routes.post(f"{ONE}/reopen", **MAY_ACT)
async def reopen(call: Call, report_id: int) -> Entity:
    """Open a report again."""
    return await _change(call, report_desk.reopen, report_id)


async def _change(call: Call, what: Deed[[int], None], report_id: int) -> Entity:
    await call.carry_out(what, report_id)
    return await call.read(_show, call.reader, report_id)


def _list(session: Session, reader: Reader, wanted: ReportFilter, page: Page) -> Listing:
    rows = page.in_order(list(session.scalars(page.select(report_desk.reports(wanted), Report.id))))
    return Listing(report_entities(session, reader, rows), [row.id for row in rows])


def _show(session: Session, reader: Reader, report_id: int) -> Entity:
    report = session.get(Report, report_id)
    if report is None:
        raise NotFound
    return report_entities(session, reader, [report])[0]
