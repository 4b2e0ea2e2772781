"""https://github.com/mkljczk/pl-fe/blob/develop/packages/pl-api/lib/params/events.ts

Events as Rebased has them in its API, and Soapbox and pl-fe ask for them. An event is a Status with `pleroma.event`.
"""

import re
from collections.abc import Callable
from typing import Any

from msgspec.structs import replace
from quart import Response
from sqlalchemy.orm import Session

from activitypub.models import Actor, Participation, Status
from activitypub.unit import Unit
from activitypub.vocabulary import Visibility
from fediverse_kommune.api.entities import Entity
from fediverse_kommune.api.entities.account import account_entity
from fediverse_kommune.api.pagination import Page
from fediverse_kommune.api.params import Params
from fediverse_kommune.api.preload import Listing, Reader, show_status, status_entities
from fediverse_kommune.api.routing import Answer, Auth, Call, Routes
from fediverse_kommune.api.v1.statuses import KEY_CHARACTERS, visibility
from fediverse_kommune.mentions import resolve_mentions
from fediverse_kommune.models import Standing
from fediverse_kommune.services import calendar, events
from fediverse_kommune.services.events import EventForm, Manner, PlaceForm
from fediverse_kommune.services.refusals import Invalid, Repeated

routes = Routes()

_DECIMAL = re.compile(r"-?[0-9]{1,3}(?:\.[0-9]{1,20})?")

Act = Callable[[Unit, Actor, int], Status]


@routes.get("/api/v1/pleroma/events/joined_events", scope="read:statuses")
async def joined(call: Call) -> Answer:
    """Return the events that one has joined or asked to join, the last first; or those in one `state`."""
    found = await call.read(_joined, call.reader, call.params.text("state"), call.page(default=20, most=40))
    return call.listing(found.entities, found.ids)


@routes.post("/api/v1/pleroma/events/<status_id>/join", scope="write:statuses")
async def join(call: Call, status_id: int) -> Entity:
    """Take part in an event, or ask to, also elsewhere; an invitation is accepted. Others are shown who is `named`."""
    message = call.params.text("participation_message") or ""
    named = call.params.boolean("named")
    return await call.write(_join, call.reader, status_id, message, named=named)


@routes.post("/api/v1/pleroma/events/<status_id>/leave", scope="write:statuses")
async def leave(call: Call, status_id: int) -> Entity:
    """Take part no longer, take back that one asked to, or decline an invitation."""
    return await call.write(_act, call.reader, status_id, calendar.leave)


@routes.get("/api/v1/pleroma/events/<status_id>/ics", scope="read:statuses", auth=Auth.OPTIONAL)
async def ics(call: Call, status_id: int) -> Response:
    """Return an event, of ours or from elsewhere, as a file that calendars open."""
    response = Response(await call.read(_file, call.reader, status_id), content_type="text/calendar; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{status_id}.ics"'
    return response


@routes.post("/api/v1/pleroma/events", scope="write:statuses")
async def create(call: Call) -> Entity:
    """Announce an event. `status` describes it; `location` is an object, or there is an `online_url`."""
    form = replace(EventForm(language=call.me.locale.partition("-")[0]), **_fields(call.params))
    manner = _manner(call)
    await resolve_mentions(call.server, form.text)
    try:
        return await call.write(_create, call.reader, form, manner)
    except Repeated:
        # Two at once with one Idempotency-Key: the other one has been committed, so this finds its status.
        return await call.write(_create, call.reader, form, manner)


@routes.put("/api/v1/pleroma/events/<status_id>", scope="write:statuses", standing=Standing.EDITOR)
async def edit(call: Call, status_id: int) -> Entity:
    """Change an own event in what is sent; who takes part hears of it."""
    changes = _fields(call.params)
    await resolve_mentions(call.server, changes.get("text", ""))
    return await call.write(_edit, call.reader, status_id, changes)


@routes.post("/api/v1/pleroma/events/<status_id>/cancel", scope="write:statuses", standing=Standing.EDITOR)
async def cancel(call: Call, status_id: int) -> Entity:
    """Say that an own event does not take place; it stays to be read, and who takes part hears of it."""
    return await call.write(_act, call.reader, status_id, events.cancel_event)


@routes.post("/api/v1/pleroma/events/<status_id>/invite", scope="write:statuses", standing=Standing.EDITOR)
async def invite(call: Call, status_id: int) -> Entity:
    """Invite the accounts in `account_ids` to an own event."""
    return await call.write(_invite, call.reader, status_id, call.params.ids("account_ids"))


@routes.get("/api/v1/pleroma/events/<status_id>/participations", scope="read:accounts")
async def participations(call: Call, status_id: int) -> Answer:
    """Return who takes part in an own event; in that of somebody else here, those who want to be named."""
    found = await call.read(_guests, call.reader, status_id, call.page(default=40, most=80), waiting=False)
    return call.listing([guest["account"] for guest in found.entities], found.ids)


@routes.get("/api/v1/pleroma/events/<status_id>/participation_requests", scope="read:accounts")
async def participation_requests(call: Call, status_id: int) -> Answer:
    """Return who waits for one's word to take part in an own event, and what they say."""
    found = await call.read(_guests, call.reader, status_id, call.page(default=40, most=80), waiting=True)
    return call.listing(found.entities, found.ids)


@routes.post(
    "/api/v1/pleroma/events/<status_id>/participation_requests/<account_id>/authorize",
    scope="write:statuses",
    standing=Standing.EDITOR,
)
async def authorize(call: Call, status_id: int, account_id: int) -> Entity:
    """Let somebody take part in an own event."""
    return await call.write(_decide, call.reader, status_id, account_id, accept=True)


@routes.post(
    "/api/v1/pleroma/events/<status_id>/participation_requests/<account_id>/reject",
    scope="write:statuses",
    standing=Standing.EDITOR,
)
async def reject(call: Call, status_id: int, account_id: int) -> Entity:
    """Let somebody not take part in an own event, or no longer."""
    return await call.write(_decide, call.reader, status_id, account_id, accept=False)


# ------------------------------------------------------------------------------------------------- forms


def _fields(params: Params) -> dict[str, Any]:
    """Return the fields of an `EventForm` that were sent."""
    read: dict[str, Any] = {
        "name": params.text("name"),
        "text": params.text("status"),
        "time_zone": params.text("time_zone"),
        "online_url": params.text("online_url"),
        "join_mode": params.text("join_mode"),
        "external_url": params.text("external_url"),
        "language": params.text("language"),
    }
    found = {name: value for name, value in read.items() if value is not None}
    if "start_time" in params:
        found["starts_at"] = params.instant("start_time")
    if "end_time" in params:
        found["ends_at"] = params.instant("end_time")
    if "capacity" in params:
        found["capacity"] = params.integer("capacity")
    if "banner_id" in params:
        found["media_ids"] = params.ids("banner_id")
    if "location" in params:
        found["place"] = _place(params.nested("location"))
    return found


def _place(params: Params) -> PlaceForm:
    return PlaceForm(
        name=params.text("name") or "",
        street=params.text("street") or "",
        postal_code=params.text("postal_code") or "",
        locality=params.text("locality") or "",
        region=params.text("region") or "",
        country=params.text("country") or "",
        latitude=_degrees(params, "latitude"),
        longitude=_degrees(params, "longitude"),
    )


def _degrees(params: Params, name: str) -> float | None:
    text = params.text(name)
    if not text:
        return None
    if not _DECIMAL.fullmatch(text):
        raise Invalid(f"location[{name}] is a number such as 49.1427.")
    return float(text)


def _manner(call: Call) -> Manner:
    key = call.request.headers.get("Idempotency-Key")
    return Manner(
        visibility=visibility(call.params) or Visibility.PUBLIC,
        local_only=call.params.boolean("local_only") or False,
        idempotency_key=key[:KEY_CHARACTERS] if key else None,
    )


# ------------------------------------------------------------------------------------------ units of work


def _create(unit: Unit, reader: Reader, form: EventForm, manner: Manner) -> Entity:
    return show_status(unit, reader, events.create_event(unit, _author(unit, reader), form, manner).id)


def _edit(unit: Unit, reader: Reader, status_id: int, changes: dict[str, Any]) -> Entity:
    return show_status(unit, reader, events.edit_event(unit, _author(unit, reader), status_id, changes).id)


def _invite(unit: Unit, reader: Reader, status_id: int, account_ids: list[int]) -> Entity:
    return show_status(unit, reader, events.invite(unit, _author(unit, reader), status_id, account_ids).id)


def _decide(unit: Unit, reader: Reader, status_id: int, account_id: int, *, accept: bool) -> Entity:
    status = events.decide(unit, _author(unit, reader), status_id, account_id, accept=accept)
    return show_status(unit, reader, status.id)


def _guests(session: Session, reader: Reader, status_id: int, page: Page, *, waiting: bool) -> Listing:
    """Return accounts with what they say, as Rebased shows who waits."""
    query = events.participations(_me(reader), status_id, waiting=waiting)
    rows = page.in_order(list(session.execute(page.select(query, Participation.id))))
    entities = [
        {"account": account_entity(actor, reader.instance), "participation_message": message or None}
        for _, actor, message in rows
    ]
    return Listing(entities, [row_id for row_id, _, _ in rows])


def _file(session: Session, reader: Reader, status_id: int) -> bytes:
    return calendar.as_file(*calendar.find_event(session, reader.actor, status_id))


def _joined(session: Session, reader: Reader, state: str | None, page: Page) -> Listing:
    query = calendar.joined_by(_me(reader), state)
    rows = page.in_order(list(session.execute(page.select(query, Participation.id))))
    entities = status_entities(session, reader, [status_id for _, status_id in rows]) if rows else {}
    return Listing(
        [entities[status_id] for _, status_id in rows if status_id in entities], [row_id for row_id, _ in rows]
    )


def _join(unit: Unit, reader: Reader, status_id: int, message: str, *, named: bool | None) -> Entity:
    status = calendar.join(unit, _author(unit, reader), status_id, message, named=named)
    return show_status(unit, reader, status.id)


def _act(unit: Unit, reader: Reader, status_id: int, act: Act) -> Entity:
    return show_status(unit, reader, act(unit, _author(unit, reader), status_id).id)


def _author(unit: Unit, reader: Reader) -> Actor:
    return unit.get_one(Actor, _me(reader).id)


def _me(reader: Reader) -> Actor:
    if reader.actor is None:
        raise AssertionError("a route that acts has to declare Auth.PERSON")
    return reader.actor
