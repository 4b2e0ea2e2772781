"""Reporting an account to the moderators, and to those of its own server.

https://docs.joinmastodon.org/methods/reports/
"""

from collections.abc import Sequence

from msgspec import Struct
from sqlalchemy import select

from activitypub.access import readable_by
from activitypub.caps import CAPS
from activitypub.graph.reports import ReportDraft, file_report, reports_of_last_hour
from activitypub.models import Actor, Collection, Report, ReportCategory, Status
from activitypub.unit import Unit
from fediverse_kommune.models import Rule
from fediverse_kommune.services.refusals import Invalid, NotFound
from outbox import send

COMMENT_LENGTH = 1_000


class ReportForm(Struct, frozen=True):
    """What a resident reports."""

    target_id: int
    comment: str = ""
    category: ReportCategory | None = None
    status_ids: Sequence[int] = ()
    rule_ids: Sequence[int] = ()
    collection_ids: Sequence[int] = ()
    forward: bool = False


def report(unit: Unit, reporter: Actor, form: ReportForm) -> Report:
    """File a report. Raises `NotFound` for an account or posts that are not there to be seen, and `Invalid`."""
    target = unit.get(Actor, form.target_id)
    if target is None or target.purged_at is not None or (target.is_local and target.type == "Application"):
        raise NotFound
    if len(form.comment) > COMMENT_LENGTH:
        raise Invalid(f"The comment has more than {COMMENT_LENGTH} characters.")
    if reports_of_last_hour(unit, actor_id=reporter.id) >= CAPS.reports_per_hour:
        raise Invalid("You have reported very much within an hour. Please wait a little.")
    draft = ReportDraft(
        reporter,
        target,
        category=_category(unit, form),
        comment=form.comment,
        status_ids=_statuses(unit, reporter, target, form.status_ids),
        rule_ids=list(form.rule_ids),
        collection_ids=_collections(unit, target, form.collection_ids),
        forwarded=form.forward and not target.is_local,
    )
    row = file_report(unit, draft)
    if row.forwarded:
        send.send_report(unit, row)
    return row


def existing_rules(unit: Unit, rule_ids: Sequence[int]) -> bool:
    """True if all of these are rules of this instance, and still stand."""
    standing = unit.scalars(select(Rule.id).where(Rule.id.in_(rule_ids), Rule.deleted_at.is_(None)))
    return set(standing) == set(rule_ids)


def _category(unit: Unit, form: ReportForm) -> ReportCategory:
    """Return the category: whoever names rules reports that they are broken, whatever else is said."""
    if form.rule_ids:
        if not existing_rules(unit, form.rule_ids):
            raise Invalid("Validation failed: Rule ids does not reference valid rules")
        return ReportCategory.VIOLATION
    if form.category is ReportCategory.VIOLATION:
        raise Invalid("Validation failed: Rule ids does not reference valid rules")
    return form.category or ReportCategory.OTHER


def _statuses(unit: Unit, reporter: Actor, target: Actor, ids: Sequence[int]) -> list[int]:
    """Return the posts, in order. Raises `NotFound` for one that is not the target's, or hidden from the reporter."""
    seen = select(Status.id).where(Status.id.in_(ids), Status.actor_id == target.id, readable_by(reporter))
    found = list(unit.scalars(seen.order_by(Status.id)))
    if len(found) != len(set(ids)):
        raise NotFound
    return found


def _collections(unit: Unit, target: Actor, ids: Sequence[int]) -> list[int]:
    theirs = select(Collection.id).where(Collection.id.in_(ids), Collection.actor_id == target.id)
    found = list(unit.scalars(theirs.order_by(Collection.id)))
    if len(found) != len(set(ids)):
        raise NotFound
    return found
