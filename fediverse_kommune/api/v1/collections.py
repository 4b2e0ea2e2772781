"""https://docs.joinmastodon.org/methods/collections/"""

from collections.abc import Callable

import msgspec
from sqlalchemy.orm import Session

from activitypub.models import Actor, Collection
from activitypub.unit import Unit
from fediverse_kommune.api.entities import Entity
from fediverse_kommune.api.entities.collection import (
    collection_entity,
    collection_item_entity,
    collection_with_accounts_entity,
    collections_entity,
)
from fediverse_kommune.api.pagination import offset_links, read_limit
from fediverse_kommune.api.params import Params
from fediverse_kommune.api.preload import Reader
from fediverse_kommune.api.routing import Answer, Auth, Call, Routes
from fediverse_kommune.models import Standing
from fediverse_kommune.services import collections
from fediverse_kommune.services.collections import CollectionForm, Shown
from fediverse_kommune.services.refusals import Invalid
from fediverse_kommune.services.relationships import find_target

routes = Routes()

Find = Callable[..., list[Shown]]


@routes.get("/api/v1/accounts/<account_id>/collections", scope="read:collections", auth=Auth.OPTIONAL)
async def of_account(call: Call, account_id: int) -> Answer:
    """Return the collections that an account made."""
    return await _several(call, account_id, collections.collections_of)


@routes.get("/api/v1/accounts/<account_id>/in_collections", scope="read:collections", auth=Auth.OPTIONAL)
async def with_account(call: Call, account_id: int) -> Answer:
    """Return the collections that show an account."""
    return await _several(call, account_id, collections.collections_with)


@routes.post("/api/v1/collections", scope="write:collections", standing=Standing.EDITOR)
async def create(call: Call) -> Entity | Answer:
    """Create a collection."""
    form, ids = _form(call.params), call.params.ids("account_ids")
    try:
        return await call.write(_create, call.reader, form, ids)
    except Invalid as invalid:
        return _wrapped(invalid)


@routes.get("/api/v1/collections/<collection_id>", scope="read:collections", auth=Auth.OPTIONAL)
async def show(call: Call, collection_id: int) -> Entity:
    """Return a collection with the accounts in it."""
    shown = await call.read(collections.find_collection, call.reader.actor, collection_id)
    return collection_with_accounts_entity(shown, call.server.instance)


@routes.patch("/api/v1/collections/<collection_id>", scope="write:collections", standing=Standing.EDITOR)
async def update(call: Call, collection_id: int) -> Entity | Answer:
    """Change what a collection says."""
    form = _form(call.params)
    try:
        return await call.write(_update, call.reader, collection_id, form)
    except Invalid as invalid:
        return _wrapped(invalid)


@routes.delete("/api/v1/collections/<collection_id>", scope="write:collections", standing=Standing.EDITOR)
async def delete(call: Call, collection_id: int) -> Entity:
    """Delete a collection."""
    await call.write(collections.delete_collection, call.me.actor, collection_id)
    return {}


@routes.post("/api/v1/collections/<collection_id>/items", scope="write:collections", standing=Standing.EDITOR)
async def add_item(call: Call, collection_id: int) -> Entity:
    """Show an account in a collection."""
    account_id = call.params.text("account_id")
    if not account_id:
        raise Invalid("`account_id` parameter is missing")
    known = call.params.one_id("account_id")
    item = await call.write(collections.add_item, call.me.actor, collection_id, known or 0)
    return {"collection_item": collection_item_entity(item)}


@routes.delete("/api/v1/collections/<collection_id>/items/<item_id>", scope="write:collections")
async def remove_item(call: Call, collection_id: int, item_id: int) -> Entity:
    """Show an account no longer."""
    await call.write(collections.remove_item, call.me.actor, collection_id, item_id)
    return {}


@routes.post("/api/v1/collections/<collection_id>/items/<item_id>/revoke", scope="write:collections")
async def revoke_item(call: Call, collection_id: int, item_id: int) -> Entity:
    """Take oneself out of somebody's collection."""
    await call.write(collections.revoke_item, call.me.actor, collection_id, item_id)
    return {}


async def _several(call: Call, account_id: int, find: Find) -> Answer:
    limit = read_limit(call.params, default=40, most=80)
    offset = max(0, min(call.params.integer("offset") or 0, 10_000))
    several = await call.read(_find, call.reader, account_id, find, offset, limit)
    url = call.server.instance.origin + call.request.path
    query = list(call.request.args.items(multi=True))
    link = offset_links(url, query, offset=offset, limit=limit, shown=len(several))
    entity = collections_entity(several, call.server.instance)
    return Answer(entity, headers={"Link": link} if link else {})


def _find(session: Session, reader: Reader, account_id: int, find: Find, offset: int, limit: int) -> list[Shown]:
    return find(session, reader.actor, find_target(session, account_id).id, offset=offset, limit=limit)


def _form(params: Params) -> CollectionForm:
    return CollectionForm(
        name=params.text("name"),
        description=params.text("description"),
        language=params.text("language"),
        tag=params.text("tag_name"),
        sensitive=params.boolean("sensitive"),
        discoverable=params.boolean("discoverable"),
    )


def _create(unit: Unit, reader: Reader, form: CollectionForm, ids: list[int]) -> Entity:
    return _entity(unit, reader, collections.create_collection(unit, _owner(reader), form, ids))


def _update(unit: Unit, reader: Reader, collection_id: int, form: CollectionForm) -> Entity:
    return _entity(unit, reader, collections.update_collection(unit, _owner(reader), collection_id, form))


def _entity(unit: Unit, reader: Reader, row: Collection) -> Entity:
    shown = collections.find_collection(unit, reader.actor, row.id)
    return {"collection": collection_entity(shown, reader.instance)}


def _owner(reader: Reader) -> Actor:
    if reader.actor is None:
        raise AssertionError("changing a collection needs Auth.PERSON")
    return reader.actor


def _wrapped(invalid: Invalid) -> Answer:
    """Answer with what is wrong in the shape of this page of the documentation, which has `error` twice."""
    details = msgspec.to_builtins(invalid.details)
    return Answer({"error": {"error": invalid.message, "details": details}}, status=422)
