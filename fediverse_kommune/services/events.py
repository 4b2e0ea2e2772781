"""Events of our own: announced, changed and cancelled, as an office, a club or a person here does it (FEP-8a8e).

Who takes part in one is decided here as well. Taking part oneself is `services/calendar.py`.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import Select, and_, false, or_, select

from activitypub.access import readable_by
from activitypub.documents import STATUS_OPTIONS
from activitypub.events import StatusEdited
from activitypub.graph import calendar as graph
from activitypub.graph.calendar import EventDraft
from activitypub.graph.relationships import is_blocked_between
from activitypub.models import Actor, CalendarEvent, Participation, Status, Taking, new_id
from activitypub.properties import EARLIEST, LATEST
from activitypub.sanitize import safe_link
from activitypub.unit import Unit
from activitypub.vocabulary import EventState, JoinMode, Visibility
from fediverse_kommune.event_words import TOWN_TIME, in_short, language_of
from fediverse_kommune.services import statuses
from fediverse_kommune.services.refusals import Findings, Invalid, NotFound
from outbox import send, send_events

NAME_CHARACTERS = 200
PLACE_CHARACTERS = 200
URL_CHARACTERS = 2_048
LONGEST = timedelta(days=366)
OPEN_END = timedelta(hours=3)  # how long an event counts as going on if nobody says when it ends
MOST_PEOPLE = 100_000
INVITED = 40  # people whom one request invites
WAITING = (Taking.REQUESTED, Taking.TENTATIVE)


class PlaceForm(Struct, frozen=True):
    """A place as somebody filled it in."""

    name: str = ""
    street: str = ""
    postal_code: str = ""
    locality: str = ""
    region: str = ""
    country: str = ""
    latitude: float | None = None
    longitude: float | None = None


class EventForm(Struct, frozen=True):
    """An event as somebody filled it in. Without a `time_zone` it takes place by the town's clock."""

    name: str = ""
    text: str = ""
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    time_zone: str = TOWN_TIME.key
    place: PlaceForm = PlaceForm()
    online_url: str = ""
    join_mode: str = JoinMode.FREE
    external_url: str = ""
    capacity: int | None = None
    media_ids: Sequence[int] = ()
    language: str | None = None


class Manner(Struct, frozen=True):
    """For whom a new event is, and by which key a repeated request is known."""

    visibility: Visibility = Visibility.PUBLIC
    local_only: bool = False
    idempotency_key: str | None = None


def create_event(unit: Unit, author: Actor, form: EventForm, manner: Manner = Manner()) -> Status:  # noqa: B008 (frozen)
    """Announce an event to whoever follows its author, and return it. Raises `Invalid`, `Repeated`."""
    draft = draft_of(form)
    return statuses.create_status(
        unit,
        author,
        statuses.StatusForm(
            text=form.text,
            title=" ".join(form.name.split()),
            event=draft,
            media_ids=form.media_ids,
            language=form.language,
            visibility=manner.visibility,
            local_only=manner.local_only,
            idempotency_key=manner.idempotency_key,
        ),
    )


def edit_event(unit: Unit, author: Actor, status_id: int, changes: dict[str, Any]) -> Status:
    """Change an own event by fields of `EventForm`, and tell whoever has it or takes part.

    Raises `NotFound`, and `Invalid` also for one that is cancelled.
    """
    status, event = own_event(unit, author, status_id)
    form = replace(form_of(status, event), **changes)
    draft = replace(draft_of(form), state=event.state)
    if event.state is EventState.CANCELLED:
        raise Invalid("The event is cancelled.")
    return statuses.edit_status(
        unit,
        author,
        status.id,
        statuses.EditForm(
            text=form.text,
            title=" ".join(form.name.split()),
            event=draft,
            media_ids=form.media_ids,
            language=form.language,
            spoiler_text=status.summary,
            sensitive=status.sensitive,
        ),
    )


def cancel_event(unit: Unit, author: Actor, status_id: int) -> Status:
    """Say that an own event does not take place, to whoever has it or takes part. Raises `NotFound`."""
    status, event = own_event(unit, author, status_id)
    if event.state is not EventState.CANCELLED:
        event.state = EventState.CANCELLED
        event.summary = in_short(event, language_of(status.language))
        status.edited_at = unit.now
        unit.flush()
        unit.publish(StatusEdited(status))
        send.send_status_update(unit, status)
    return status


def own_event(unit: Unit, author: Actor, status_id: int) -> tuple[Status, CalendarEvent]:
    """Return an event of an actor with all that its document reads. Raises `NotFound`."""
    mine = select(Status).where(Status.id == status_id, Status.actor_id == author.id).options(*STATUS_OPTIONS)
    status = unit.scalar(mine)
    if status is None or status.event is None:
        raise NotFound
    return status, status.event


# ------------------------------------------------------------------------------------------- who takes part


def participations(reader: Actor, status_id: int, *, waiting: bool) -> Select[int, Actor, str]:
    """Return the query (Participation.id, actor, its message) of who takes part in an event of ours, or waits to.

    The organiser is told of everybody; others of those who take part and want to be named, if they may read the event.
    """
    states = WAITING if waiting else (Taking.ACCEPTED,)
    own = Status.actor_id == reader.id
    named = and_(Participation.named, Status.local, readable_by(reader)) if not waiting else false()
    return (
        select(Participation.id, Actor, Participation.message)
        .join(Actor, Actor.id == Participation.actor_id)
        .join(Status, Status.id == Participation.status_id)
        .where(
            Participation.status_id == status_id,
            or_(own, named),
            Participation.state.in_(states),
            Actor.suspended_at.is_(None),
        )
    )


def decide(unit: Unit, author: Actor, status_id: int, actor_id: int, *, accept: bool) -> Status:
    """Let somebody take part in an own event, or not, or no longer; and tell them. Raises `NotFound`, `Invalid`."""
    status, _ = own_event(unit, author, status_id)
    event = graph.find_event(unit, status.id, lock=True)
    row = graph.find_participation(unit, status.id, actor_id)
    if event is None or row is None or row.state in {Taking.INVITED, Taking.IGNORED}:
        raise NotFound
    if accept and row.state is not Taking.ACCEPTED and graph.places_left(event) == 0:
        raise Invalid("All places are taken.")
    taking = Taking.ACCEPTED if accept else Taking.REJECTED
    if row.state is not taking:
        graph.answer(unit, row, taking)
        send_events.send_answer(unit, row, status)
    return status


def invite(unit: Unit, author: Actor, status_id: int, actor_ids: Sequence[int]) -> Status:
    """Invite people to an own event who may read it; who has to do with it already is left alone. Raises `NotFound`."""
    status, event = own_event(unit, author, status_id)
    if len(actor_ids) > INVITED:
        raise Invalid(f"At most {INVITED} people can be invited at once.")
    if (reason := graph.why_not(event, unit.now, invited=True)) is not None:
        raise Invalid(reason)
    people = unit.scalars(select(Actor).where(Actor.id.in_(actor_ids), Actor.suspended_at.is_(None))).all()
    if len(people) < len(set(actor_ids)):
        raise NotFound
    for actor in people:
        if actor.id == author.id or is_blocked_between(unit, actor.id, author.id):
            continue
        row = graph.invite(unit, status, actor, uri=unit.instance.activity_uri(author.uri, "invite", new_id(unit.now)))
        if row is not None:
            send_events.send_invite(unit, row, status)
    return status


# --------------------------------------------------------------------------------------------------- forms


def form_of(status: Status, event: CalendarEvent) -> EventForm:
    """Return an event as its author would have filled it in."""
    place = {name: value for name, value in event.place.items() if name != "address"}
    return EventForm(
        name=status.title or "",
        text=status.source or "",
        starts_at=event.starts_at,
        ends_at=event.ends_at if event.shows_end else None,
        time_zone=event.time_zone or TOWN_TIME.key,
        place=PlaceForm(**place),
        online_url=event.online_url or "",
        join_mode=event.join_mode or JoinMode.FREE,
        external_url=event.external_url or "",
        capacity=event.capacity,
        media_ids=[media.id for media in status.media],
        language=status.language,
    )


def draft_of(form: EventForm) -> EventDraft:
    """Return the event that a form asks for. Raises `Invalid` with all that is wrong."""
    found = Findings()
    found.text("name", form.name, most=NAME_CHARACTERS)
    starts_at, ends_at = _check_times(found, form)
    if form.join_mode not in set(JoinMode):
        found.add("join_mode", "ERR_INCLUSION", f"is one of {', '.join(JoinMode)}")
    if form.join_mode == JoinMode.EXTERNAL and not form.external_url.strip():
        found.add("external_url", "ERR_BLANK", "can't be blank where people sign up elsewhere")
    if form.capacity is not None and not 1 <= form.capacity <= MOST_PEOPLE:
        found.add("capacity", "ERR_INVALID", f"is from 1 to {MOST_PEOPLE}")
    online_url = _checked_url(found, "online_url", form.online_url)
    external_url = _checked_url(found, "external_url", form.external_url)
    place = _checked_place(found, form.place)
    found.settle()
    draft = EventDraft(
        starts_at=starts_at,
        ends_at=ends_at or (starts_at + OPEN_END if starts_at else None),
        shows_end=ends_at is not None,
        time_zone=form.time_zone,
        place=place,
        join_mode=JoinMode(form.join_mode),
        capacity=form.capacity,
        online_url=online_url,
        external_url=external_url,
    )
    return replace(draft, summary=in_short(draft, language_of(form.language)))


def _check_times(found: Findings, form: EventForm) -> tuple[datetime | None, datetime | None]:
    """Return when it begins and ends; note what cannot be."""
    starts_at, ends_at = form.starts_at, form.ends_at
    if starts_at is None:
        found.add("start_time", "ERR_BLANK", "can't be blank")
    elif not EARLIEST <= starts_at <= LATEST - LONGEST:
        found.add("start_time", "ERR_INVALID", "is no time at which anything takes place")
    if starts_at and ends_at and not starts_at < ends_at <= starts_at + LONGEST:
        found.add("end_time", "ERR_INVALID", "is after the start, and at most a year later")
    try:
        ZoneInfo(form.time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        found.add("time_zone", "ERR_INVALID", "is a name such as Europe/Berlin")
    return starts_at, ends_at


def _checked_url(found: Findings, name: str, url: str) -> str | None:
    if not url.strip():
        return None
    link = safe_link(url) if len(url) <= URL_CHARACTERS else None
    if link is None:
        found.add(name, "ERR_INVALID", "is an address such as https://stadt.example/raum")
    return link


def _checked_place(found: Findings, form: PlaceForm) -> dict[str, Any]:
    """Return a place as it is stored; without a name, a street or a town there is none."""
    names = ("name", "street", "postal_code", "locality", "region", "country")
    kept = {name: " ".join(getattr(form, name).split()) for name in names}
    if any(len(text) > PLACE_CHARACTERS for text in kept.values()):
        found.add("location", "ERR_TOO_LONG", f"has parts of at most {PLACE_CHARACTERS} characters")
    degrees = {"latitude": (form.latitude, 90), "longitude": (form.longitude, 180)}
    for name, (value, limit) in degrees.items():
        if value is not None and not abs(value) <= limit:
            found.add("location", "ERR_INVALID", f"has a {name} from -{limit} to {limit}")
    place: dict[str, Any] = {name: text for name, text in kept.items() if text}
    if not place:
        return {}
    return place | {name: value for name, (value, _) in degrees.items() if value is not None}
