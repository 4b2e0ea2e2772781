"""Taking part in an event on its page: what is offered to whom, and the forms' address. Works without JavaScript.

What changes something is a form of our own (row J04) and acts as the person who is logged in. Who comes is shown only
of those who want that; everybody else is a number (FEP-8a8e leaves that to the organiser's server).
"""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

from msgspec import Struct
from quart import Blueprint, Response, request
from sqlalchemy.orm import Session
from werkzeug.exceptions import BadRequest

from activitypub.graph import calendar as graph
from activitypub.models import Actor, CalendarEvent, Participation, Status, Taking
from activitypub.models.calendar import COMING
from activitypub.unit import Unit
from activitypub.vocabulary import EventState, JoinMode
from fediverse_kommune.api.routing import Auth, Cache, Declaration, declared
from fediverse_kommune.catalogues import sentence
from fediverse_kommune.server import Server
from fediverse_kommune.services import calendar
from fediverse_kommune.services.refusals import Forbidden, Invalid
from fediverse_kommune.web.forms import FormGuard
from fediverse_kommune.web.login import local_target, login_page_for
from fediverse_kommune.web.reading import row_id
from fediverse_kommune.web.sessions import Sessions

PATH = "/participation"
PAGE = Declaration(Auth.COOKIE, Cache.NEVER)
GUESTS = 100  # names on a page; the number beside them counts everybody

STANDINGS = {
    Taking.INVITED: sentence("You are invited."),
    Taking.REQUESTED: sentence("You have asked to take part. The organiser has not answered yet."),
    Taking.TENTATIVE: sentence("You have asked to take part. The organiser is not sure yet."),
    Taking.ACCEPTED: sentence("You take part."),
    Taking.REJECTED: sentence("The organiser has declined that you take part."),
    Taking.IGNORED: sentence("The organiser's server takes nobody this way."),
}
OWN = sentence("This is your own event.")
CANCELLED = sentence("The event is cancelled.")
OVER = sentence("The event is over.")
FULL = sentence("All places are taken.")
INVITED_ONLY = sentence("This event is for invited people only.")


class Offer(Struct, frozen=True):
    """What an event offers somebody: sentences on how it stands, and which buttons there are."""

    said: Sequence[str] = ()
    joins: bool = False
    leaves: bool = False


class Gathering(Struct, frozen=True):
    """What the page of an event says of taking part to one reader. `is_named`: the reader is among `guests`."""

    offer: Offer
    taking: Taking | None = None
    asks: bool = False
    is_named: bool = False
    guests: Sequence[Actor] = ()


def offer(event: CalendarEvent, taking: Taking | None, now: datetime, *, is_own: bool = False) -> Offer:
    """Say what an event offers somebody between whom and it it stands so (None: nothing yet, or a visitor)."""
    invited = taking is Taking.INVITED
    stands = [STANDINGS[taking]] if taking else []
    closed = _why_closed(event, now, invited=invited)
    wants_in = taking in {None, Taking.INVITED, Taking.IGNORED}
    if is_own:
        return Offer([OWN, *([closed] if closed else [])])
    joins = wants_in and closed is None and graph.why_not(event, now, invited=invited) is None
    is_still_told = closed if wants_in or closed in {CANCELLED, OVER} else None
    leaves = taking in COMING and not graph.is_over(event, now)
    return Offer([*stands, *([is_still_told] if is_still_told else [])], joins, leaves)


def _why_closed(event: CalendarEvent, now: datetime, *, invited: bool) -> str | None:
    """Return what a page says where nobody, or nobody more, can join. How else to take part stands in its facts."""
    if event.state is EventState.CANCELLED:
        return CANCELLED
    if graph.is_over(event, now):
        return OVER
    if event.join_mode is JoinMode.INVITE and not invited:
        return INVITED_ONLY
    takes_people = graph.why_not(event, now, invited=invited) is None
    return FULL if takes_people and graph.places_left(event) == 0 else None


def read_gathering(session: Session, status: Status, viewer: Actor | None, now: datetime) -> Gathering | None:
    """Return what a page says of taking part in an event; None of a post that is none. Its event has to be loaded."""
    event = status.event
    if event is None:
        return None
    row = graph.find_participation(session, status.id, viewer.id) if viewer else None
    taking = row.state if row else None
    query = graph.named_guests(status.id).order_by(Participation.id).limit(GUESTS)
    return Gathering(
        offer(event, taking, now, is_own=viewer is not None and viewer.id == status.actor_id),
        taking,
        asks=event.join_mode is not JoinMode.FREE and taking is not Taking.INVITED,
        is_named=row is not None and row.named,
        guests=[actor for _, actor in session.execute(query)] if status.local and event.participants else (),
    )


def blueprint(server: Server, sessions: Sessions, guard: FormGuard) -> Blueprint:
    """Return what the forms of an event's page lead to, and back from."""
    routes = Blueprint("participation", __name__)

    @routes.post(PATH)
    @declared(PAGE)
    async def act() -> Response:
        await guard.check()
        form = await request.form
        page = local_target(form.get("page"))
        person = await sessions.current(request)
        if person is None:
            return Response(b"", 303, {"Location": login_page_for(page)})
        message = form.get("message", "")
        if len(message) > calendar.MESSAGE_CHARACTERS:
            raise Invalid(f"A message to the organiser has at most {calendar.MESSAGE_CHARACTERS} characters.")
        wish = Wish(form.get("action", ""), row_id(form.get("id", "")), message, named="named" in form)
        # What was cancelled, full or closed meanwhile: the page says which, in the reader's language.
        with suppress(Invalid, Forbidden):
            await server.db.write(perform, person.actor, wish)
        return Response(b"", 303, {"Location": f"{page}#taking-part"})

    return routes


class Wish(Struct, frozen=True):
    """What a form asks for."""

    action: str
    status_id: int
    message: str = ""
    named: bool = False


def perform(unit: Unit, actor: Actor, wish: Wish) -> None:
    """Do what a button says. Raises like the services, and `BadRequest` for no such button."""
    match wish.action:
        case "join":
            calendar.join(unit, actor, wish.status_id, wish.message, named=wish.named)
        case "leave":
            calendar.leave(unit, actor, wish.status_id)
        case "name":
            calendar.be_named(unit, actor, wish.status_id, named=wish.named)
        case _:
            raise BadRequest
