"""https://docs.joinmastodon.org/methods/reports/"""

from activitypub.caps import CAPS
from activitypub.models import Actor, ReportCategory
from activitypub.unit import Unit
from fediverse_kommune.api.entities import Entity
from fediverse_kommune.api.entities.report import report_entity
from fediverse_kommune.api.params import Params
from fediverse_kommune.api.routing import Call, Routes
from fediverse_kommune.services.refusals import Invalid, NotFound
from fediverse_kommune.services.reports import ReportForm, report

routes = Routes()


@routes.post("/api/v1/reports", scope="write:reports")
async def create(call: Call) -> Entity:
    """Report an account to the moderators."""
    return await call.write(_create, call.me.actor.id, report_form(call.params))


def report_form(params: Params) -> ReportForm:
    """Read a report. Raises `NotFound` without an account, as the documentation has it."""
    target_id = params.integer("account_id")
    if target_id is None:
        raise NotFound
    status_ids = params.ids("status_ids")
    if len(status_ids) > CAPS.report_objects:
        raise Invalid(f"A report names at most {CAPS.report_objects} posts.")
    return ReportForm(
        target_id,
        comment=(params.text("comment") or "").strip(),
        category=category(params),
        status_ids=status_ids,
        rule_ids=params.ids("rule_ids"),
        collection_ids=params.ids("collection_ids")[: CAPS.report_objects],
        forward=params.boolean("forward") or False,
    )


def category(params: Params) -> ReportCategory | None:
    """Read what kind of report it is; None if that was not said. Raises `Invalid`."""
    word = params.text("category")
    if not word:
        return None
    if word not in set(ReportCategory):
        raise Invalid(f"category is one of {', '.join(ReportCategory)}.")
    return ReportCategory(word)


def _create(unit: Unit, actor_id: int, form: ReportForm) -> Entity:
    row = report(unit, unit.get_one(Actor, actor_id), form)
    return report_entity(row, row.target, unit.instance)
