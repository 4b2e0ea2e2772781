"""Taking part in events, as a local actor does it: here, and by Join and Leave elsewhere (FEP-8a8e)."""

from importlib import import_module

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from activitypub.access import readable_by
from activitypub.graph import calendar as graph
from activitypub.graph.relationships import is_blocked_between
from activitypub.models import Actor, CalendarEvent, Participation, Status, Taking, new_id
from activitypub.unit import Unit
from activitypub.vocabulary import JoinMode
from fediverse_kommune.services.interactions import find_readable
from fediverse_kommune.services.refusals import Forbidden, Invalid, NotFound
from outbox import send_events

MESSAGE_CHARACTERS = 500  # what somebody says to the organiser
# Rebased's words for how it stands, by which joined events can be asked for.
STATES = {
    "pending": (Taking.REQUESTED, Taking.TENTATIVE),
    "accept": (Taking.ACCEPTED,),
    "reject": (Taking.REJECTED, Taking.IGNORED),
    "invited": (Taking.INVITED,),
}


def find_event(session: Session, reader: Actor | None, status_id: int) -> tuple[Status, CalendarEvent]:
    """Return an event and its status, if `reader` may read it. Raises `NotFound`."""
    status = find_readable(session, reader, status_id)
    event = graph.find_event(session, status.id)
    if event is None:
        raise NotFound
    return status, event


def join(unit: Unit, actor: Actor, status_id: int, message: str = "", *, named: bool | None = None) -> Status:
    """Take part in an event, or ask its organiser for that; a second time changes nothing but whether one is `named`.

    Who is named stands among those who come, for whoever may read an event of ours. An invitation is accepted. Raises
    `NotFound`, `Forbidden` if the organiser has refused or invites, and `Invalid` for an event that takes nobody (any
    more) this way.
    """
    status, _ = find_event(unit, actor, status_id)
    event = graph.find_event(unit, status.id, lock=True)
    if event is None or is_blocked_between(unit, actor.id, status.actor_id):
        raise NotFound
    row = graph.find_participation(unit, status.id, actor.id)
    if row is not None and row.state not in {Taking.INVITED, Taking.REJECTED, Taking.IGNORED}:
        if named is not None:
            be_named(unit, actor, status.id, named=named)
        return status
    is_named = bool(named) and status.local
    _check(unit, actor, status, event, row, message)
    if row is not None and row.state is Taking.INVITED:
        if not status.local:
            send_events.send_accept_invitation(unit, row, status)
        graph.take_part(unit, status, actor, graph.Asked(row.uri, named=is_named), Taking.ACCEPTED)
        return status
    uri = unit.instance.activity_uri(actor.uri, "join", new_id(unit.now))
    at_once = status.local and event.join_mode is JoinMode.FREE
    taking = Taking.ACCEPTED if at_once else Taking.REQUESTED
    row = graph.take_part(unit, status, actor, graph.Asked(uri, " ".join(message.split()), is_named), taking)
    if not status.local:
        send_events.send_join(unit, row, status)
    elif taking is Taking.REQUESTED:
        graph.request(unit, row)
    return status


def leave(unit: Unit, actor: Actor, status_id: int) -> Status:
    """Take part no longer, take a request back, or decline an invitation. Raises `NotFound`."""
    status, _ = find_event(unit, actor, status_id)
    row = graph.find_participation(unit, status.id, actor.id)
    if row is not None and row.state is not Taking.REJECTED:
        graph.leave(unit, row)
        if not status.local and row.state is Taking.INVITED:
            send_events.send_reject_invitation(unit, row, status)
        elif not status.local:
            send_events.send_leave(unit, row, status)
    return status


def be_named(unit: Unit, actor: Actor, status_id: int, *, named: bool) -> None:
    """Be shown among those who come to an event of ours, or no longer; nothing to who does not. Raises `NotFound`."""
    status, _ = find_event(unit, actor, status_id)
    row = graph.find_participation(unit, status.id, actor.id)
    if row is not None:
        row.named = named and status.local
        unit.flush()


def as_file(status: Status, event: CalendarEvent) -> bytes:
    """Return an event as a file that calendars open.

    What writes these files takes as long to load as all of a start, and few ask for one: so it is loaded for the first.
    """
    file: bytes = import_module("fediverse_kommune.calendar_file").event_file(status, event)
    return file


def joined_by(actor: Actor, state: str | None) -> Select[int, int]:
    """Return the query (Participation.id, id of the status) of the events an actor has to do with, or in one state.

    Raises `Invalid` for a word that is none.
    """
    if state is not None and state not in STATES:
        raise Invalid(f"state is one of {', '.join(STATES)}.")
    wanted = STATES[state] if state else tuple(taking for taking in Taking if taking is not Taking.INVITED)
    return (
        select(Participation.id, Participation.status_id)
        .join(Status, Status.id == Participation.status_id)
        .where(Participation.actor_id == actor.id, Participation.state.in_(wanted), readable_by(actor))
    )


def _check(
    unit: Unit, actor: Actor, status: Status, event: CalendarEvent, row: Participation | None, message: str
) -> None:
    """Raise why somebody cannot take part."""
    if status.actor_id == actor.id:
        raise Invalid("This is your own event.")
    if len(message) > MESSAGE_CHARACTERS:
        raise Invalid(f"participation_message has at most {MESSAGE_CHARACTERS} characters.")
    if row is not None and row.state is Taking.REJECTED:
        raise Forbidden("The organiser has declined that you take part.")
    invited = row is not None and row.state is Taking.INVITED
    reason = graph.why_not(event, unit.now, invited=invited)
    if reason is not None:
        raise Forbidden(reason) if event.join_mode is JoinMode.INVITE and not invited else Invalid(reason)
    if graph.places_left(event) == 0:
        raise Invalid("All places are taken.")
