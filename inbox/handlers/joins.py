"""Taking part in events of ours: Join and Leave of others, and what they say to an invitation.

What becomes of a Join: at once a place, if the event is open to everybody and there is one; else the organiser decides,
or it is refused. Source: FEP-8a8e, https://docs.joinmobilizon.org/contribute/activity_pub/
"""

import logging
from functools import partial

from activitypub.access import may_read
from activitypub.graph import calendar as graph
from activitypub.graph.statuses import bury, find_status, is_buried
from activitypub.models import Actor, CalendarEvent, Participation, Status, Taking
from activitypub.properties import one_uri, text
from activitypub.sanitize import plain_text
from activitypub.unit import Unit
from activitypub.uris import same_origin
from activitypub.vocabulary import Activity, JoinMode
from inbox.arrival import Arrival, Effect, Ignored
from outbox import send_events

log = logging.getLogger(__name__)

MESSAGE_CHARACTERS = 500
NOBODY_JOINS = frozenset({JoinMode.EXTERNAL, JoinMode.NONE})


async def receive_join(ctx: Arrival, activity: Activity, sender: Actor) -> Effect | Ignored:
    """Somebody wants to take part in an event of ours. Hubzilla says so by accepting the event itself."""
    uri = activity.object.uri
    if uri is None or not ctx.resolver.ctx.instance.owns(uri):
        return Ignored("joins something that is not ours")
    message = " ".join(plain_text(text(activity.document, "participationMessage", MESSAGE_CHARACTERS)).split())
    return partial(_join, sender=sender, event_uri=uri, asked=graph.Asked(activity.id, message))


def _join(unit: Unit, *, sender: Actor, event_uri: str, asked: graph.Asked) -> None:
    found = _event(unit, sender, event_uri)
    if found is None or is_buried(unit, asked.uri):
        return
    status, event = found
    row = graph.find_participation(unit, status.id, sender.id)
    if row is not None and row.state is Taking.REJECTED:
        send_events.send_refusal(unit, _unstored(asked, sender), status)
    elif row is not None and row.state is not Taking.INVITED:
        _again(unit, row, status, asked)
    else:
        _decide(unit, status, event, sender, asked, invited=row is not None)


def _again(unit: Unit, row: Participation, status: Status, asked: graph.Asked) -> None:
    """Take over the id of a Join that comes a second time, and answer it as the first."""
    row.uri = asked.uri
    unit.flush()
    if row.state is Taking.ACCEPTED:
        send_events.send_answer(unit, row, status)


def _decide(
    unit: Unit, status: Status, event: CalendarEvent, sender: Actor, asked: graph.Asked, *, invited: bool
) -> None:
    reason = graph.why_not(event, unit.now, invited=invited)
    if reason is None and graph.places_left(event) == 0:
        reason = "All places are taken."
    if reason is not None:
        log.info("%s cannot join %s: %s", sender.uri, status.uri, reason)
        ignored = event.join_mode in NOBODY_JOINS
        send_events.send_refusal(unit, _unstored(asked, sender), status, ignored=ignored)
        return
    waits = event.join_mode is JoinMode.RESTRICTED and not invited
    row = graph.take_part(unit, status, sender, asked, Taking.REQUESTED if waits else Taking.ACCEPTED)
    if waits:
        graph.request(unit, row)
    else:
        send_events.send_answer(unit, row, status)


def _event(unit: Unit, sender: Actor, event_uri: str) -> tuple[Status, CalendarEvent] | None:
    """Return an event of ours that the sender may read, locked; nothing tells it from one that does not exist."""
    status = find_status(unit, event_uri)
    if status is None or not status.local or not may_read(unit, sender, status.id):
        return None
    event = graph.find_event(unit, status.id, lock=True)
    return None if event is None else (status, event)


def _unstored(asked: graph.Asked, sender: Actor) -> Participation:
    """Return what names a Join that is refused and not kept."""
    return Participation(uri=asked.uri, message=asked.message, actor_id=sender.id)


async def receive_leave(ctx: Arrival, activity: Activity, sender: Actor) -> Effect | Ignored:
    """Somebody does not come: the place is free again."""
    uri = activity.object.uri
    if uri is None or not ctx.resolver.ctx.instance.owns(uri):
        return Ignored("leaves something that is not ours")
    return partial(_leave, sender=sender, event_uri=uri)


def _leave(unit: Unit, *, sender: Actor, event_uri: str) -> None:
    status = find_status(unit, event_uri)
    row = graph.find_participation(unit, status.id, sender.id) if status is not None and status.local else None
    if row is not None:
        graph.find_event(unit, row.status_id, lock=True)
        graph.leave(unit, row)


async def receive_undo_join(_ctx: Arrival, activity: Activity, sender: Actor) -> Effect | Ignored:
    """Somebody takes a Join back, which others do by Leave."""
    document = activity.object.document or {}
    return partial(_undo_join, sender=sender, join_uri=activity.object.uri, event_uri=one_uri(document, "object"))


def _undo_join(unit: Unit, *, sender: Actor, join_uri: str | None, event_uri: str | None) -> None:
    row = graph.find_by_uri(unit, join_uri) if join_uri else None
    if row is not None and row.actor_id == sender.id:
        graph.leave(unit, row)
    elif row is None and event_uri is not None:
        _leave(unit, sender=sender, event_uri=event_uri)
    if row is None and join_uri and same_origin(join_uri, sender.uri):
        # It may have overtaken its Join: when that comes, it is over already.
        bury(unit, join_uri, former_type="Join")


async def receive_accept_invitation(_ctx: Arrival, activity: Activity, sender: Actor) -> Effect | Ignored:
    """Somebody whom one of ours has invited comes."""
    return partial(_answer_invitation, sender=sender, invite_uri=activity.object.uri or "", comes=True)


async def receive_reject_invitation(_ctx: Arrival, activity: Activity, sender: Actor) -> Effect | Ignored:
    """Somebody whom one of ours has invited does not come."""
    return partial(_answer_invitation, sender=sender, invite_uri=activity.object.uri or "", comes=False)


def _answer_invitation(unit: Unit, *, sender: Actor, invite_uri: str, comes: bool) -> None:
    """Give the invited a place, if there is one; who declines is not asked again."""
    row = graph.find_by_uri(unit, invite_uri)
    if row is None or row.actor_id != sender.id or row.state is not Taking.INVITED:
        return
    status, event = unit.get_one(Status, row.status_id), graph.find_event(unit, row.status_id, lock=True)
    if not status.local or event is None:
        return
    has_place = graph.why_not(event, unit.now, invited=True) is None and graph.places_left(event) != 0
    graph.answer(unit, row, Taking.ACCEPTED if comes and has_place else Taking.REJECTED)
    if comes and not has_place:
        send_events.send_answer(unit, row, status)
