"""What moderators do with reports. https://docs.joinmastodon.org/methods/admin/reports/

Nobody decides on a report about themselves, or about somebody who stands above them.
"""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from sqlalchemy import Select, select

from activitypub.models import Report, ReportCategory
from activitypub.unit import Unit
from fediverse_kommune.services.refusals import Invalid, NotFound
from fediverse_kommune.services.reports import existing_rules
from fediverse_kommune.services.staff import Done, Officer, Permission, deed, require_impartial

NEEDED = Permission.MANAGE_REPORTS


class ReportFilter(Struct, frozen=True):
    """Which reports are wanted. `resolved`: the closed ones, else those that are open."""

    resolved: bool = False
    account_id: int | None = None
    target_id: int | None = None


class Classification(Struct, frozen=True):
    """What kind of report it is; None leaves it as it is."""

    category: ReportCategory | None = None
    rule_ids: Sequence[int] | None = None


def reports(wanted: ReportFilter) -> Select[Any]:
    """Return a query for reports."""
    query = select(Report).execution_options(populate_existing=True)
    query = query.where(Report.resolved_at.is_not(None) if wanted.resolved else Report.resolved_at.is_(None))
    if wanted.account_id is not None:
        query = query.where(Report.actor_id == wanted.account_id)
    if wanted.target_id is not None:
        query = query.where(Report.target_id == wanted.target_id)
    return query


@deed("report.update", NEEDED)
def classify(unit: Unit, officer: Officer, report_id: int, form: Classification) -> Done[None]:
    """Say what kind of report it is. Raises `NotFound`, and `Invalid` for rules that do not exist."""
    report = _report(unit, officer, report_id)
    category = form.category or report.category
    rule_ids = list(report.rule_ids if form.rule_ids is None else form.rule_ids)
    if category is not ReportCategory.VIOLATION:
        rule_ids = []
    elif not existing_rules(unit, rule_ids):
        raise Invalid("Validation failed: Rule ids does not reference valid rules")
    report.category, report.rule_ids = category, rule_ids
    return _done(unit, report, category=category, rule_ids=[str(rule_id) for rule_id in rule_ids])


@deed("report.assign", NEEDED)
def assign(unit: Unit, officer: Officer, report_id: int) -> Done[None]:
    """Take a report on. Raises `NotFound`."""
    report = _report(unit, officer, report_id)
    report.assigned_to_id = officer.actor_id
    return _done(unit, report)


@deed("report.unassign", NEEDED)
def unassign(unit: Unit, officer: Officer, report_id: int) -> Done[None]:
    """Let somebody else take a report on. Raises `NotFound`."""
    report = _report(unit, officer, report_id)
    report.assigned_to_id = None
    return _done(unit, report)


@deed("report.resolve", NEEDED)
def resolve(unit: Unit, officer: Officer, report_id: int) -> Done[None]:
    """Close a report. Raises `NotFound`."""
    report = _report(unit, officer, report_id)
    if report.resolved_at is None:
        report.resolved_at, report.resolved_by_id = unit.now, officer.actor_id
    return _done(unit, report)


@deed("report.reopen", NEEDED)
def reopen(unit: Unit, officer: Officer, report_id: int) -> Done[None]:
    """Open a report again. Raises `NotFound`."""
    report = _report(unit, officer, report_id)
    report.resolved_at = report.resolved_by_id = None
    return _done(unit, report)


def _report(unit: Unit, officer: Officer, report_id: int) -> Report:
    report = unit.get(Report, report_id)
    if report is None:
        raise NotFound
    require_impartial(unit, officer, report.target_id)
    return report


def _done(unit: Unit, report: Report, **details: Any) -> Done[None]:
    report.updated_at = unit.now
    return Done(str(report.id), None, details)
