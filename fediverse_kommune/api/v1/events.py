"""https://github.com/mkljczk/pl-fe/blob/develop/packages/pl-api/lib/params/events.ts

Events as Rebased has them in its API, and Soapbox and pl-fe ask for them. An event is a Status with `pleroma.event`.
"""

from collections.abc import Callable

from sqlalchemy.orm import Session

from activitypub.models import Actor, Participation, Status
from activitypub.unit import Unit
from fediverse_kommune.api.entities import Entity
from fediverse_kommune.api.pagination import Page
from fediverse_kommune.api.preload import Listing, Reader, show_status, status_entities
from fediverse_kommune.api.routing import Answer, Call, Routes
from fediverse_kommune.services import calendar

routes = Routes()

Act = Callable[[Unit, Actor, int], Status]


@routes.get("/api/v1/pleroma/events/joined_events", scope="read:statuses")
async def joined(call: Call) -> Answer:
    """Return the events that one has joined or asked to join, the last first; or those in one `state`."""
    found = await call.read(_joined, call.reader, call.params.text("state"), call.page(default=20, most=40))
    return call.listing(found.entities, found.ids)


@routes.post("/api/v1/pleroma/events/<status_id>/join", scope="write:statuses")
async def join(call: Call, status_id: int) -> Entity:
    """Take part in an event, or ask to, also elsewhere; an invitation is accepted."""
    message = call.params.text("participation_message") or ""
    return await call.write(_join, call.reader, status_id, message)


@routes.post("/api/v1/pleroma/events/<status_id>/leave", scope="write:statuses")
async def leave(call: Call, status_id: int) -> Entity:
    """Take part no longer, take back that one asked to, or decline an invitation."""
    return await call.write(_act, call.reader, status_id, calendar.leave)


def _joined(session: Session, reader: Reader, state: str | None, page: Page) -> Listing:
    query = calendar.joined_by(_me(reader), state)
    rows = page.in_order(list(session.execute(page.select(query, Participation.id))))
    entities = status_entities(session, reader, [status_id for _, status_id in rows]) if rows else {}
    return Listing(
        [entities[status_id] for _, status_id in rows if status_id in entities], [row_id for row_id, _ in rows]
    )


def _join(unit: Unit, reader: Reader, status_id: int, message: str) -> Entity:
    status = calendar.join(unit, unit.get_one(Actor, _me(reader).id), status_id, message)
    return show_status(unit, reader, status.id)


def _act(unit: Unit, reader: Reader, status_id: int, act: Act) -> Entity:
    return show_status(unit, reader, act(unit, unit.get_one(Actor, _me(reader).id), status_id).id)


def _me(reader: Reader) -> Actor:
    if reader.actor is None:
        raise AssertionError("a route that acts has to declare Auth.PERSON")
    return reader.actor
