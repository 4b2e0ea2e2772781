"""Admin::Report: a report as moderators see it. https://docs.joinmastodon.org/entities/Admin_Report/"""

from collections.abc import Mapping

from activitypub.documents import timestamp
from activitypub.models import Report
from fediverse_kommune.api.entities import Entity
from fediverse_kommune.api.entities.instance_texts import rule_entity
from fediverse_kommune.models import Rule


def admin_report_entity(
    report: Report, accounts: Mapping[int, Entity], statuses: Mapping[int, Entity], rules: Mapping[int, Rule]
) -> Entity:
    """Return a report with those whom it names. `accounts` are Admin::Accounts; what is gone is left out."""
    return {
        "id": str(report.id),
        "action_taken": report.resolved_at is not None,
        "action_taken_at": report.resolved_at and timestamp(report.resolved_at),
        "category": report.category,
        "comment": report.comment,
        "forwarded": report.forwarded,
        "created_at": timestamp(report.created_at),
        "updated_at": timestamp(report.updated_at),
        "account": accounts[report.actor_id],
        "target_account": accounts[report.target_id],
        "assigned_account": accounts.get(report.assigned_to_id or 0),
        "action_taken_by_account": accounts.get(report.resolved_by_id or 0),
        "statuses": [statuses[status_id] for status_id in report.status_ids if status_id in statuses],
        "rules": [rule_entity(rules[rule_id]) for rule_id in report.rule_ids if rule_id in rules],
    }
