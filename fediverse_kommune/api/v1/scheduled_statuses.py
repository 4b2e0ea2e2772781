"""https://docs.joinmastodon.org/methods/scheduled_statuses/"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from activitypub.models import Actor
from activitypub.unit import Unit
from fediverse_kommune.api.entities import Entity
from fediverse_kommune.api.entities.scheduled_status import scheduled_status_entity
from fediverse_kommune.api.pagination import Page
from fediverse_kommune.api.preload import Listing
from fediverse_kommune.api.routing import Answer, Call, Routes
from fediverse_kommune.models import ScheduledStatus
from fediverse_kommune.services import scheduled
from fediverse_kommune.services.refusals import Invalid
from fediverse_kommune.services.statuses import StatusForm

routes = Routes()


@routes.get("/api/v1/scheduled_statuses", scope="read:statuses")
async def show_all(call: Call) -> Answer:
    """Return what one has written for later, the latest written first."""
    found = await call.read(_list, call, call.page())
    return call.listing(found.entities, found.ids)


@routes.get("/api/v1/scheduled_statuses/<scheduled_id>", scope="read:statuses")
async def show(call: Call, scheduled_id: int) -> Entity:
    """Return one of them."""
    return await call.read(_show, call, scheduled_id)


@routes.put("/api/v1/scheduled_statuses/<scheduled_id>", scope="write:statuses")
async def move(call: Call, scheduled_id: int) -> Entity:
    """Let it be published at another time."""
    at = call.params.instant("scheduled_at")
    if at is None:
        raise Invalid("scheduled_at is missing.")
    return await call.write(_move, call, scheduled_id, at)


@routes.delete("/api/v1/scheduled_statuses/<scheduled_id>", scope="write:statuses")
async def cancel(call: Call, scheduled_id: int) -> Entity:
    """Do not publish it."""
    await call.write(_cancel, call, scheduled_id)
    return {}


def schedule(unit: Unit, call: Call, form: StatusForm, at: datetime) -> Entity:
    """Keep a post for later and return it: what POST /api/v1/statuses does if it is told a time."""
    author = unit.get_one(Actor, call.me.actor.id)
    return _entities(unit, call, [scheduled.schedule(unit, author, call.me.user_id, form, at)])[0]


def _list(session: Session, call: Call, page: Page) -> Listing:
    query = select(ScheduledStatus).where(ScheduledStatus.actor_id == call.me.actor.id)
    rows = page.in_order(list(session.scalars(page.select(query, ScheduledStatus.id))))
    return Listing(_entities(session, call, rows), [row.id for row in rows])


def _show(session: Session, call: Call, scheduled_id: int) -> Entity:
    return _entities(session, call, [scheduled.find_own(session, call.me.actor.id, scheduled_id)])[0]


def _move(unit: Unit, call: Call, scheduled_id: int, at: datetime) -> Entity:
    row = scheduled.move(unit, unit.get_one(Actor, call.me.actor.id), scheduled_id, at)
    return _entities(unit, call, [row])[0]


def _cancel(unit: Unit, call: Call, scheduled_id: int) -> None:
    scheduled.cancel(unit, unit.get_one(Actor, call.me.actor.id), scheduled_id)


def _entities(session: Session, call: Call, rows: Sequence[ScheduledStatus]) -> list[Entity]:
    media = scheduled.files(session, rows)
    application_id = call.viewer.application_id if call.viewer else 0
    return [scheduled_status_entity(row, media, call.server.instance, application_id) for row in rows]
