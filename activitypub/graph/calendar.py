"""Events of the calendar: stored with their status, changed with it; and who takes part. Source: FEP-8a8e.

Who takes part in an event of ours are rows, and they are counted. Of an event elsewhere we hold what our own people
want, and the number of participants is its server's word.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct, field
from sqlalchemy import Select, delete, func, select, update
from sqlalchemy.orm import Session

from activitypub.events import (
    ParticipationAnswered,
    ParticipationEnded,
    ParticipationInvited,
    ParticipationRequested,
)
from activitypub.graph.threads import upwards_from
from activitypub.models import Actor, CalendarEvent, Participation, Status, Taking, attach, new_id
from activitypub.sanitize import plain_text
from activitypub.unit import Unit
from activitypub.vocabulary import EventState, JoinMode, RemoteEvent, RemotePlace

CLOSED = "closed"
"""Mobilizon's word for an event that takes no comments."""


class EventDraft(Struct, frozen=True):
    """What a status of type Event says beside its text; the columns of `CalendarEvent`."""

    starts_at: datetime | None
    ends_at: datetime | None = None
    shows_end: bool = True
    time_zone: str | None = None
    state: EventState = EventState.SCHEDULED
    place: Mapping[str, Any] = field(default_factory=dict)
    online_url: str | None = None
    join_mode: JoinMode | None = None
    external_url: str | None = None
    capacity: int | None = None
    participants: int | None = 0
    remaining: int | None = None
    categories: Sequence[str] = ()
    organisers: Sequence[str] = ()
    comments: str | None = None
    summary: str | None = None


# Numbers that move while people sign up: news, but no other event than before.
MOVING = frozenset({"participants", "remaining"})


def remote_event(event: RemoteEvent | None) -> EventDraft | None:
    """Return what another server says of an event, its names as plain text."""
    if event is None:
        return None
    return EventDraft(
        starts_at=event.starts_at,
        ends_at=event.ends_at,
        shows_end=event.shows_end,
        time_zone=event.time_zone,
        state=event.state,
        place=_place(event.place),
        online_url=event.online_url,
        join_mode=event.join_mode,
        external_url=event.external_url,
        capacity=event.capacity,
        participants=event.participants,
        remaining=event.remaining,
        categories=event.categories,
        organisers=event.organisers,
        comments=event.comments,
    )


def _place(place: RemotePlace | None) -> dict[str, Any]:
    if place is None:
        return {}
    texts = {"name": place.name, "address": place.address, **place.parts}
    degrees = {"latitude": place.latitude, "longitude": place.longitude}
    kept = {name: shown for name, text in texts.items() if (shown := plain_text(text))}
    return kept | {name: value for name, value in degrees.items() if value is not None}


def schedule(unit: Unit, status: Status, draft: EventDraft | None) -> None:
    """Give a new status its place in the calendar, if it has one."""
    event = None
    if draft is not None:
        event = CalendarEvent(status_id=status.id, **_columns(draft))
        unit.add(event)
        unit.flush()
    attach(status, event=event)


def reschedule(unit: Unit, status: Status, draft: EventDraft | None) -> bool:
    """Bring the event of an edited status up to date; True if it is told otherwise now. `status` has `event` loaded.

    An event that its new version says nothing of stays: who has joined still finds it. Of ours the participants are
    counted here, whatever a draft says.
    """
    event = status.event
    if event is None or draft is None:
        if event is None and draft is not None:
            schedule(unit, status, draft)
        return draft is not None
    values = _columns(draft)
    if status.local:
        values = {name: value for name, value in values.items() if name not in MOVING}
    changed = {name for name, value in values.items() if getattr(event, name) != value}
    for name in changed:
        setattr(event, name, values[name])
    unit.flush()
    return bool(changed - MOVING)


def _columns(draft: EventDraft) -> dict[str, Any]:
    values = {name: getattr(draft, name) for name in draft.__struct_fields__}
    lists = {"categories": list(draft.categories), "organisers": list(draft.organisers)}
    return {**values, **lists, "place": dict(draft.place)}


def find_event(session: Session, status_id: int, *, lock: bool = False) -> CalendarEvent | None:
    """Return the event of a status; `lock` keeps others from taking its places until this unit ends."""
    query = select(CalendarEvent).where(CalendarEvent.status_id == status_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return session.scalar(query)


def is_over(event: CalendarEvent, now: datetime) -> bool:
    """True if nobody can join any more, because it is past."""
    end = event.ends_at or event.starts_at
    return end is not None and end <= now


def takes_comments(session: Session, status: Status) -> bool:
    """False for an event elsewhere whose organiser wants no comments, and for what stands below one."""
    if status.in_reply_to_id is None and status.type != "Event":
        return True
    above = upwards_from(status.id)
    closed = select(CalendarEvent.status_id).join(above, above.c.id == CalendarEvent.status_id)
    return session.scalar(closed.where(CalendarEvent.comments == CLOSED).limit(1)) is None


def places_left(event: CalendarEvent) -> int | None:
    """Return how many can still join; None if there is no limit, or none that is known."""
    if event.remaining is not None or event.capacity is None:
        return event.remaining
    return max(0, event.capacity - (event.participants or 0))


def speaks_for(session: Session, actor: Actor, status: Status) -> bool:
    """True if an actor may say who takes part in an event: its author, or whom that names on its own server."""
    event = find_event(session, status.id)
    return event is not None and (status.actor_id == actor.id or actor.uri in event.organisers)


def find_by_uri(session: Session, uri: str) -> Participation | None:
    """Return what the Join, or the Invite, with this id is about."""
    return session.scalar(select(Participation).where(Participation.uri == uri))


def find_participation(session: Session, status_id: int, actor_id: int) -> Participation | None:
    """Return how it stands between an actor and an event."""
    return session.scalar(
        select(Participation).where(Participation.status_id == status_id, Participation.actor_id == actor_id)
    )


def named_guests(status_id: int) -> Select[int, Actor]:
    """Return the query (Participation.id, actor) of those who come to an event of ours and want to be named."""
    return (
        select(Participation.id, Actor)
        .join(Actor, Actor.id == Participation.actor_id)
        .join(Status, Status.id == Participation.status_id)
        .where(
            Participation.status_id == status_id,
            Participation.state == Taking.ACCEPTED,
            Participation.named,
            Status.local,
            Actor.suspended_at.is_(None),
        )
    )


# ------------------------------------------------------------------------------------------------ taking part


class Asked(Struct, frozen=True):
    """Somebody wants to take part: the id of the Join, and what the actor says to the organiser.

    `named` if others may read that it comes. No activity says that, so of somebody elsewhere it is not known.
    """

    uri: str
    message: str = ""
    named: bool = False


def why_not(event: CalendarEvent, now: datetime, *, invited: bool) -> str | None:
    """Return why nobody, or nobody uninvited, can join an event (any more); None if that can be asked for.

    Whether there is a place left is another question (`places_left`).
    """
    if event.state is EventState.CANCELLED:
        return "The event is cancelled."
    if is_over(event, now):
        return "The event is over."
    if event.join_mode is JoinMode.EXTERNAL:
        return "For this event people sign up on the organiser's own page."
    if event.join_mode is JoinMode.NONE:
        return "For this event nobody has to sign up."
    if event.join_mode is JoinMode.INVITE and not invited:
        return "This event is for invited people only."
    return None


def take_part(unit: Unit, status: Status, actor: Actor, asked: Asked, taking: Taking) -> Participation:
    """Note how it stands between an actor and an event; a second time the row takes over the id, as of a Follow."""
    row = find_participation(unit, status.id, actor.id)
    if row is None:
        row = Participation(
            id=new_id(unit.now), status_id=status.id, actor_id=actor.id, created_at=unit.now, answered_at=None
        )
        unit.add(row)
    row.uri, row.message, row.named = asked.uri, asked.message, asked.named
    _stand(unit, row, taking)
    return attach(row, actor=actor)


def answer(unit: Unit, row: Participation, taking: Taking) -> None:
    """Note what the organiser says to somebody who wants to take part, and tell of it."""
    before = row.state
    row.answered_at = unit.now
    _stand(unit, row, taking)
    if taking is not before and taking in {Taking.ACCEPTED, Taking.REJECTED}:
        unit.publish(ParticipationAnswered(row, unit.get_one(Status, row.status_id)))


def request(unit: Unit, row: Participation) -> None:
    """Tell the organiser that somebody waits for an answer."""
    unit.publish(ParticipationRequested(row, unit.get_one(Status, row.status_id)))


def invite(unit: Unit, status: Status, actor: Actor, *, uri: str) -> Participation | None:
    """Note that an actor is invited, and tell of it; None if it stands otherwise between the two already."""
    if find_participation(unit, status.id, actor.id) is not None:
        return None
    row = take_part(unit, status, actor, Asked(uri), Taking.INVITED)
    unit.publish(ParticipationInvited(row, status))
    return row


def leave(unit: Unit, row: Participation) -> None:
    """Take part no longer, or no longer want to; who has been refused stays refused."""
    if row.state is not Taking.REJECTED:
        unit.publish(ParticipationEnded(row.actor_id, row.status_id))
        unit.execute(delete(Participation).where(Participation.id == row.id))
        unit.expunge(row)
        _recount(unit, row.status_id)


def forget_guest(unit: Unit, actor_id: int) -> None:
    """Free the places of an actor who goes with all it has."""
    mine = Participation.actor_id == actor_id
    events = unit.scalars(select(Participation.status_id).where(mine)).all()
    if events:
        unit.execute(delete(Participation).where(mine))
        for status_id in events:
            _recount(unit, status_id)


def _stand(unit: Unit, row: Participation, taking: Taking) -> None:
    row.state = taking
    unit.flush()
    _recount(unit, row.status_id)


def _recount(unit: Unit, status_id: int) -> None:
    """Count who takes part in an event of ours; of others their server says it."""
    accepted = select(func.count()).where(Participation.status_id == status_id, Participation.state == Taking.ACCEPTED)
    ours = select(Status.id).where(Status.local)
    unit.execute(
        update(CalendarEvent)
        .where(CalendarEvent.status_id == status_id, CalendarEvent.status_id.in_(ours))
        .values(participants=accepted.scalar_subquery())
        .execution_options(synchronize_session="fetch")
    )
