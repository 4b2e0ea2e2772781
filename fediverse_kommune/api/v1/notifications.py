"""https://docs.joinmastodon.org/methods/notifications/"""

from dataclasses import dataclass

from sqlalchemy import delete as remove
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from activitypub.models import Actor
from activitypub.unit import Unit
from fediverse_kommune.api.entities import Entity
from fediverse_kommune.api.entities.notification import notification_entity
from fediverse_kommune.api.pagination import Page
from fediverse_kommune.api.preload import Listing, Reader, status_entities
from fediverse_kommune.api.routing import Answer, Call, Routes
from fediverse_kommune.models import Notification, NotificationType
from fediverse_kommune.services.refusals import NotFound

routes = Routes()


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which notifications are asked for: only some kinds, without some, from one account."""

    types: frozenset[str]
    from_id: int | None


@routes.get("/api/v1/notifications", scope="read:notifications")
async def show_all(call: Call) -> Answer:
    """Return what one should hear about, newest first."""
    known = {kind.value for kind in NotificationType}
    types = call.params.many("types")
    wanted = Wanted(
        types=frozenset(
            (known if types is None else known & set(types)) - set(call.params.many("exclude_types") or ())
        ),
        from_id=call.params.integer("account_id"),
    )
    found = await call.read(_list, call.reader, wanted, call.page(default=40, most=80))
    return call.listing(found.entities, found.ids)


@routes.get("/api/v1/notifications/<notification_id>", scope="read:notifications")
async def show(call: Call, notification_id: int) -> Entity:
    """Return one notification."""
    return await call.read(_show, call.reader, notification_id)


@routes.post("/api/v1/notifications/clear", scope="write:notifications")
async def clear(call: Call) -> Entity:
    """Remove all notifications."""
    await call.write(_remove, call.me.actor.id, None)
    return {}


@routes.post("/api/v1/notifications/<notification_id>/dismiss", scope="write:notifications")
async def dismiss(call: Call, notification_id: int) -> Entity:
    """Remove one notification."""
    await call.write(_remove, call.me.actor.id, notification_id)
    return {}


def _list(session: Session, reader: Reader, wanted: Wanted, page: Page) -> Listing:
    query = (
        select(Notification)
        .join(Actor, Actor.id == Notification.from_actor_id)
        .where(Notification.actor_id == _me(reader), Notification.type.in_(wanted.types))
        .where(Actor.suspended_at.is_(None))
        .options(joinedload(Notification.from_actor))
    )
    if wanted.from_id is not None:
        query = query.where(Notification.from_actor_id == wanted.from_id)
    rows = page.in_order(list(session.scalars(page.select(query, Notification.id))))
    return Listing(_entities(session, reader, rows), [row.id for row in rows])


def _show(session: Session, reader: Reader, notification_id: int) -> Entity:
    query = select(Notification).where(Notification.id == notification_id, Notification.actor_id == _me(reader))
    row = session.scalar(query.options(joinedload(Notification.from_actor)))
    entities = _entities(session, reader, [row] if row else [])
    if not entities:
        raise NotFound
    return entities[0]


def _remove(unit: Unit, actor_id: int, notification_id: int | None) -> None:
    """Remove one's own notification, or all of them. Somebody else's does not exist (row H02)."""
    mine = remove(Notification).where(Notification.actor_id == actor_id)
    if notification_id is None:
        unit.execute(mine)
        return
    row = unit.get(Notification, notification_id)
    if row is None or row.actor_id != actor_id:
        raise NotFound
    unit.execute(mine.where(Notification.id == notification_id))


def _entities(session: Session, reader: Reader, rows: list[Notification]) -> list[Entity]:
    """Return the entities; one about a post that may not be read any more is left out."""
    ids = list(dict.fromkeys(row.status_id for row in rows if row.status_id is not None))
    statuses = status_entities(session, reader, ids)
    return [
        notification_entity(row, statuses.get(row.status_id) if row.status_id else None, reader.instance)
        for row in rows
        if row.status_id is None or row.status_id in statuses
    ]


def _me(reader: Reader) -> int:
    if reader.actor is None:
        raise AssertionError("notifications need Auth.PERSON")
    return reader.actor.id
