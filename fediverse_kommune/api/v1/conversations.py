"""https://docs.joinmastodon.org/methods/conversations/, and "unread", which apps call as well."""

from typing import cast

from sqlalchemy import delete as remove
from sqlalchemy import select
from sqlalchemy.orm import Session

from activitypub.unit import Unit
from fediverse_kommune.api.entities import Entity
from fediverse_kommune.api.pagination import Cursor, Page
from fediverse_kommune.api.preload import Listing, Reader, load_timeline
from fediverse_kommune.api.preload_conversations import conversation_entities
from fediverse_kommune.api.routing import Answer, Call, Routes
from fediverse_kommune.models import Conversation
from fediverse_kommune.services import timelines
from fediverse_kommune.services.refusals import NotFound

routes = Routes()


@routes.get("/api/v1/conversations", scope="read:statuses")
async def show_all(call: Call) -> Answer:
    """Return one's direct conversations, the one in which something was said last first."""
    found = await call.read(_list, call.reader, call.me.actor.id, call.page())
    return call.listing(found.entities, found.ids)


@routes.delete("/api/v1/conversations/<conversation_id>", scope="write:conversations")
async def delete(call: Call, conversation_id: int) -> Entity:
    """Take a conversation off the list; the posts stay."""
    await call.write(_delete, call.me.actor.id, conversation_id)
    return {}


@routes.post("/api/v1/conversations/<conversation_id>/read", scope="write:conversations")
async def read(call: Call, conversation_id: int) -> Entity:
    """Note that a conversation was read."""
    return await call.write(_mark, call.reader, call.me.actor.id, conversation_id, unread=False)


@routes.post("/api/v1/conversations/<conversation_id>/unread", scope="write:conversations")
async def unread(call: Call, conversation_id: int) -> Entity:
    """Note that a conversation has to be read again."""
    return await call.write(_mark, call.reader, call.me.actor.id, conversation_id, unread=True)


@routes.get("/api/v1/timelines/direct", scope="read:statuses")
async def timeline(call: Call) -> Answer:
    """Return direct posts one by one, as clients did before there were conversations."""
    found = await call.read(load_timeline, call.reader, timelines.direct(call.me.actor), call.page())
    return call.listing(found.entities, found.ids)


# -------------------------------------------------------------------------------------------- units of work


def _list(session: Session, reader: Reader, actor_id: int, page: Page) -> Listing:
    shown = Conversation.last_status_id.is_not(None)
    query = select(Conversation).where(Conversation.actor_id == actor_id, shown)
    cursor = cast("Cursor", Conversation.last_status_id)  # not null, as `shown` says
    rows = page.in_order(list(session.scalars(page.select(query, cursor))))
    return Listing(conversation_entities(session, reader, actor_id, rows), [row.last_status_id or 0 for row in rows])


def _mark(unit: Unit, reader: Reader, actor_id: int, conversation_id: int, *, unread: bool) -> Entity:
    row = _own(unit, actor_id, conversation_id)
    row.unread = unread
    unit.flush()
    return conversation_entities(unit, reader, actor_id, [row])[0]


def _delete(unit: Unit, actor_id: int, conversation_id: int) -> None:
    row = _own(unit, actor_id, conversation_id)
    unit.execute(remove(Conversation).where(Conversation.id == row.id))


def _own(unit: Unit, actor_id: int, conversation_id: int) -> Conversation:
    row = unit.get(Conversation, conversation_id)
    if row is None or row.actor_id != actor_id:
        raise NotFound
    return row
