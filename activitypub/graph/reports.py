"""Reports, wherever they come from."""

from collections.abc import Sequence
from datetime import timedelta

from msgspec import Struct
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from activitypub.events import ReportFiled
from activitypub.graph.domains import blocks_on_hosts
from activitypub.models import Actor, Report, ReportCategory, attach, new_id
from activitypub.unit import Unit

HOUR = timedelta(hours=1)


class ReportDraft(Struct, frozen=True):
    """A report about to exist. `uri` is the id of the Flag; one of ours gets its own."""

    reporter: Actor
    target: Actor
    category: ReportCategory = ReportCategory.OTHER
    comment: str = ""
    status_ids: Sequence[int] = ()
    rule_ids: Sequence[int] = ()
    collection_ids: Sequence[int] = ()
    forwarded: bool = False
    uri: str | None = None


def file_report(unit: Unit, draft: ReportDraft) -> Report:
    """Store a report and tell of it; one with an id that is known is returned as it is."""
    known = unit.scalar(select(Report).where(Report.uri == draft.uri)) if draft.uri else None
    if known is not None:
        return known
    report_id = new_id(unit.now)
    row = Report(
        id=report_id,
        # Never below the reporter's own id: the server of the target reads it.
        uri=draft.uri or unit.instance.activity_uri(unit.instance.actor_uri, "report", report_id),
        actor_id=draft.reporter.id,
        target_id=draft.target.id,
        category=draft.category,
        comment=draft.comment,
        status_ids=list(draft.status_ids),
        rule_ids=list(draft.rule_ids),
        collection_ids=list(draft.collection_ids),
        forwarded=draft.forwarded,
        created_at=unit.now,
        updated_at=unit.now,
    )
    unit.add(row)
    unit.flush()
    unit.publish(ReportFiled(attach(row, actor=draft.reporter, target=draft.target)))
    return row


def reports_of_last_hour(unit: Unit, *, host: str | None = None, actor_id: int | None = None) -> int:
    """Return how many reports came from a server, or from one actor, within an hour."""
    reporter = Actor.host == host if host is not None else Actor.id == actor_id
    recent = select(func.count()).select_from(Report).join(Actor, Actor.id == Report.actor_id)
    return unit.scalar(recent.where(reporter, Report.created_at > unit.now - HOUR)) or 0


def rejects_reports(session: Session, hosts: Sequence[str]) -> bool:
    """True if moderators want no reports from one of these hosts, or a domain above it."""
    return any(block.reject_reports for block in blocks_on_hosts(session, hosts))
