"""Report. https://docs.joinmastodon.org/entities/Report/"""

from activitypub.documents import timestamp
from activitypub.instance import LocalInstance
from activitypub.models import Actor, Report
from fediverse_kommune.api.entities import Entity
from fediverse_kommune.api.entities.account import account_entity


def report_entity(report: Report, target: Actor, instance: LocalInstance) -> Entity:
    """Return a report as the one who filed it sees it."""
    return {
        "id": str(report.id),
        "action_taken": report.resolved_at is not None,
        "action_taken_at": report.resolved_at and timestamp(report.resolved_at),
        "category": report.category,
        "comment": report.comment,
        "forwarded": report.forwarded,
        "created_at": timestamp(report.created_at),
        "status_ids": [str(status_id) for status_id in report.status_ids],
        "collection_ids": [str(collection_id) for collection_id in report.collection_ids],
        "rule_ids": [str(rule_id) for rule_id in report.rule_ids],
        "target_account": account_entity(target, instance),
    }
