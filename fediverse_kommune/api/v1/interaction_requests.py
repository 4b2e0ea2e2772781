"""What others want to do with one's posts, to be allowed or refused.

https://docs.gotosocial.org/en/latest/api/swagger/ (interaction_requests)
"""

from collections.abc import Callable, Collection, Sequence

from sqlalchemy.orm import Session

from activitypub.models import Actor, InteractionRequest, Wish
from activitypub.unit import Unit
from fediverse_kommune.api.entities import Entity
from fediverse_kommune.api.entities.interaction_request import interaction_request_entity
from fediverse_kommune.api.pagination import Page
from fediverse_kommune.api.preload import Listing, Reader, account_entities, status_entities
from fediverse_kommune.api.routing import Answer, Call, Routes
from fediverse_kommune.models import Standing
from fediverse_kommune.services import interaction_requests
from fediverse_kommune.services.refusals import Invalid, NotFound

routes = Routes()

Decide = Callable[[Unit, Actor, int], InteractionRequest]

# The parameters that leave a kind in or out; who leaves one out of a request wants it.
KINDS = {"favourites": Wish.LIKE, "replies": Wish.REPLY, "reblogs": Wish.ANNOUNCE, "quotes": Wish.QUOTE}


@routes.get("/api/v1/interaction_requests", scope="read:notifications")
async def show_all(call: Call) -> Answer:
    """Return what waits for one's decision, the latest first."""
    wishes = [wish for name, wish in KINDS.items() if call.params.boolean(name) is not False]
    if not wishes:
        raise Invalid(f"At least one of {', '.join(KINDS)} has to be wanted.")
    status_id = call.params.integer("status_id")
    found = await call.read(_list, call.reader, wishes, status_id, call.page(default=40, most=80))
    return call.listing(found.entities, found.ids)


@routes.get("/api/v1/interaction_requests/<wish_id>", scope="read:notifications")
async def show(call: Call, wish_id: int) -> Entity:
    """Return one request, also after it was decided."""
    return await call.read(_show, call.reader, wish_id)


@routes.post("/api/v1/interaction_requests/<wish_id>/authorize", scope="write:statuses", standing=Standing.EDITOR)
async def authorize(call: Call, wish_id: int) -> Entity:
    """Let it happen."""
    return await call.write(_decide, call.reader, wish_id, interaction_requests.authorize)


@routes.post("/api/v1/interaction_requests/<wish_id>/reject", scope="write:statuses", standing=Standing.EDITOR)
async def reject(call: Call, wish_id: int) -> Entity:
    """Let it never happen."""
    return await call.write(_decide, call.reader, wish_id, interaction_requests.reject)


def _list(session: Session, reader: Reader, wishes: Collection[Wish], status_id: int | None, page: Page) -> Listing:
    query = interaction_requests.waiting_for(_me(reader), wishes, status_id)
    rows = page.in_order(list(session.scalars(page.select(query, InteractionRequest.id))))
    return Listing(_entities(session, reader, rows), [row.id for row in rows])


def _show(session: Session, reader: Reader, request_id: int) -> Entity:
    entities = _entities(session, reader, [interaction_requests.find_own(session, _me(reader).id, request_id)])
    if not entities:
        raise NotFound
    return entities[0]


def _decide(unit: Unit, reader: Reader, request_id: int, decide: Decide) -> Entity:
    """Decide, and show the request as it is then; an answer that was refused is shown as it was."""
    before = _show(unit, reader, request_id)
    decide(unit, unit.get_one(Actor, _me(reader).id), request_id)
    return before | _show(unit, reader, request_id)


def _entities(session: Session, reader: Reader, rows: Sequence[InteractionRequest]) -> list[Entity]:
    """Return requests with all that they name, each kind of it in sets."""
    status_ids = {row.status_id for row in rows} | {row.reply_id for row in rows if row.reply_id is not None}
    statuses = status_entities(session, reader, list(status_ids)) if rows else {}
    actor_ids = list({row.actor_id for row in rows})
    accounts = {entity["id"]: entity for entity in account_entities(session, reader, actor_ids)} if rows else {}
    return [
        interaction_request_entity(
            row,
            account=accounts[str(row.actor_id)],
            status=statuses[row.status_id],
            reply=statuses.get(row.reply_id) if row.reply_id is not None else None,
        )
        for row in rows
        if str(row.actor_id) in accounts and row.status_id in statuses
    ]


def _me(reader: Reader) -> Actor:
    if reader.actor is None:
        raise AssertionError("a route about one's own posts has to declare Auth.PERSON")
    return reader.actor
