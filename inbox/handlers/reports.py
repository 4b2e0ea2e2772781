"""Flag: somebody on another server reports one of ours. https://docs.joinmastodon.org/spec/activitypub/#Flag"""

import logging
from collections.abc import Sequence
from functools import partial

from sqlalchemy import select

from activitypub.caps import CAPS
from activitypub.graph.reports import ReportDraft, file_report, rejects_reports, reports_of_last_hour
from activitypub.models import Actor, Status
from activitypub.properties import text
from activitypub.sanitize import plain_text
from activitypub.unit import Unit
from activitypub.vocabulary import Activity
from inbox.arrival import Arrival, Effect, Ignored

log = logging.getLogger(__name__)


async def receive_flag(ctx: Arrival, activity: Activity, sender: Actor) -> Effect | Ignored:
    """Keep a report for the moderators. Its sender is mostly the server's own actor, or else who reports."""
    owns = ctx.resolver.ctx.instance.owns
    ours = [named.uri for named in activity.objects if named.uri and owns(named.uri)]
    if not ours:
        return Ignored("reports nothing of ours")
    return partial(_file, sender=sender, uri=activity.id, named=ours, comment=plain_text(_reason(activity)))


def _reason(activity: Activity) -> str:
    """Return what is said of it: Mastodon's `content`, PieFed's `summary`."""
    return activity.content or text(activity.document, "summary", CAPS.report_characters)


def _file(unit: Unit, *, sender: Actor, uri: str, named: Sequence[str], comment: str) -> None:
    """File one report, about the actor that is named, or else the author of what is (row I08)."""
    if rejects_reports(unit, [sender.host, sender.domain or sender.host]):
        return
    if reports_of_last_hour(unit, host=sender.host) >= CAPS.reports_per_hour:
        log.warning("%s has sent %s reports within an hour; more are dropped", sender.host, CAPS.reports_per_hour)
        return
    statuses = unit.scalars(select(Status).where(Status.uri.in_(named), Status.local).order_by(Status.id)).all()
    target = _target(unit, named, statuses)
    if target is None:
        return
    status_ids = [status.id for status in statuses if status.actor_id == target.id]
    file_report(unit, ReportDraft(sender, target, comment=comment, status_ids=status_ids, uri=uri))


def _target(unit: Unit, named: Sequence[str], statuses: Sequence[Status]) -> Actor | None:
    ours = select(Actor).where(Actor.domain.is_(None), Actor.type != "Application").order_by(Actor.id).limit(1)
    actor = unit.scalar(ours.where(Actor.uri.in_(named)))
    return actor or (unit.scalar(ours.where(Actor.id == statuses[0].actor_id)) if statuses else None)
