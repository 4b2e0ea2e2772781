"""Collections around events of ours (FEP-8a8e): who takes part, who organises one, and what an actor has coming up."""

from datetime import datetime

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session

from activitypub.access import readable_by
from activitypub.caps import CAPS
from activitypub.collection_documents import ordered_collection
from activitypub.documents import STATUS_OPTIONS, Document, note_document
from activitypub.event_documents import organizers_uri
from activitypub.graph.calendar import named_guests
from activitypub.instance import LocalInstance
from activitypub.models import Actor, Announce, CalendarEvent, Participation, Status
from activitypub.vocabulary import Visibility


def attendees(session: Session, status: Status) -> Document:
    """Return how many take part in an event, and those of them who want to be named."""
    taking_part = (status.event.participants or 0) if status.event else 0
    query = named_guests(status.id).order_by(Participation.id).limit(CAPS.collection_items)
    named = [actor.uri for _, actor in session.execute(query)] if taking_part else []
    return ordered_collection(f"{status.uri}/attendees", total=taking_part, items=named or None)


def organizers(status: Status) -> Document:
    """Return who organises an event: its author."""
    return ordered_collection(organizers_uri(status), total=1, items=[status.actor.uri])


def upcoming_events(session: Session, actor: Actor, now: datetime, instance: LocalInstance) -> Document:
    """Return the public events of an actor of ours that are not over, the soonest first.

    With those of others here that it has passed on, which is how a club or the town has a calendar.
    """
    passed_on = exists().where(
        Announce.status_id == Status.id, Announce.actor_id == actor.id, Announce.visibility == Visibility.PUBLIC
    )
    ends = func.coalesce(CalendarEvent.ends_at, CalendarEvent.starts_at)
    rows = session.scalars(
        select(Status)
        .join(CalendarEvent, CalendarEvent.status_id == Status.id)
        .where(or_(Status.actor_id == actor.id, passed_on), Status.local, Status.visibility == Visibility.PUBLIC)
        .where(readable_by(None), ends >= now)
        .order_by(CalendarEvent.starts_at, Status.id)
        .limit(CAPS.upcoming_events)
        .options(*STATUS_OPTIONS)
    ).all()
    items = [note_document(row, instance) for row in rows]
    return ordered_collection(f"{actor.uri}/upcoming_events", total=len(items), items=items)
