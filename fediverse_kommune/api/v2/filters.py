"""https://docs.joinmastodon.org/methods/filters/, version 2."""

from fediverse_kommune.api.entities import Entity
from fediverse_kommune.api.entities.filter import filter_entity, filter_keyword_entity, filter_status_entity
from fediverse_kommune.api.params import Params
from fediverse_kommune.api.routing import Call, Routes
from fediverse_kommune.services import filters
from fediverse_kommune.services.filters import Expiry, FilterForm, KeywordForm
from fediverse_kommune.services.refusals import NotFound

routes = Routes()


# ------------------------------------------------------------------------------------------------- filters


@routes.get("/api/v2/filters", scope="read:filters")
async def show_all(call: Call) -> list[Entity]:
    """Return one's filters."""
    return [filter_entity(row) for row in await call.read(filters.filters_of, call.me.actor.id)]


@routes.post("/api/v2/filters", scope="write:filters")
async def create(call: Call) -> Entity:
    """Create a filter with its words."""
    call.params.required("title")
    return filter_entity(await call.write(filters.create_filter, call.me.actor.id, _form(call.params)))


@routes.get("/api/v2/filters/<filter_id>", scope="read:filters")
async def show(call: Call, filter_id: int) -> Entity:
    """Return one filter."""
    return filter_entity(await call.read(filters.find_filter, call.me.actor.id, filter_id))


@routes.patch("/api/v2/filters/<filter_id>", scope="write:filters")
async def update(call: Call, filter_id: int) -> Entity:
    """Change a filter; words are added, changed or removed with it."""
    return filter_entity(await call.write(filters.update_filter, call.me.actor.id, filter_id, _form(call.params)))


@routes.delete("/api/v2/filters/<filter_id>", scope="write:filters")
async def delete(call: Call, filter_id: int) -> Entity:
    """Delete a filter."""
    await call.write(filters.delete_filter, call.me.actor.id, filter_id)
    return {}


# ------------------------------------------------------------------------------------------------ keywords


@routes.get("/api/v2/filters/<filter_id>/keywords", scope="read:filters")
async def show_keywords(call: Call, filter_id: int) -> list[Entity]:
    """Return the words of a filter."""
    row = await call.read(filters.find_filter, call.me.actor.id, filter_id)
    return [filter_keyword_entity(word) for word in row.keywords]


@routes.post("/api/v2/filters/<filter_id>/keywords", scope="write:filters")
async def add_keyword(call: Call, filter_id: int) -> Entity:
    """Add a word to a filter."""
    form = KeywordForm(call.params.required("keyword"), call.params.boolean("whole_word"))
    return filter_keyword_entity(await call.write(filters.add_keyword, call.me.actor.id, filter_id, form))


@routes.get("/api/v2/filters/keywords/<keyword_id>", scope="read:filters")
async def show_keyword(call: Call, keyword_id: int) -> Entity:
    """Return one word."""
    return filter_keyword_entity(await call.read(filters.find_keyword, call.me.actor.id, keyword_id))


@routes.patch("/api/v2/filters/keywords/<keyword_id>", scope="write:filters")
async def update_keyword(call: Call, keyword_id: int) -> Entity:
    """Change one word."""
    form = KeywordForm(call.params.required("keyword"), call.params.boolean("whole_word"))
    return filter_keyword_entity(await call.write(filters.update_keyword, call.me.actor.id, keyword_id, form))


@routes.delete("/api/v2/filters/keywords/<keyword_id>", scope="write:filters")
async def remove_keyword(call: Call, keyword_id: int) -> Entity:
    """Take a word out of its filter."""
    await call.write(filters.remove_keyword, call.me.actor.id, keyword_id)
    return {}


# ------------------------------------------------------------------------------------------- single posts


@routes.get("/api/v2/filters/<filter_id>/statuses", scope="read:filters")
async def show_statuses(call: Call, filter_id: int) -> list[Entity]:
    """Return the posts in a filter."""
    row = await call.read(filters.find_filter, call.me.actor.id, filter_id)
    return [filter_status_entity(entry) for entry in row.statuses]


@routes.post("/api/v2/filters/<filter_id>/statuses", scope="write:filters")
async def add_status(call: Call, filter_id: int) -> Entity:
    """Put a post into a filter."""
    call.params.required("status_id")
    status_id = call.params.one_id("status_id")
    if status_id is None:
        raise NotFound
    return filter_status_entity(await call.write(filters.add_status, call.me.actor, filter_id, status_id))


@routes.get("/api/v2/filters/statuses/<filter_status_id>", scope="read:filters")
async def show_status(call: Call, filter_status_id: int) -> Entity:
    """Return one post in a filter."""
    return filter_status_entity(await call.read(filters.find_status, call.me.actor.id, filter_status_id))


@routes.delete("/api/v2/filters/statuses/<filter_status_id>", scope="write:filters")
async def remove_status(call: Call, filter_status_id: int) -> Entity:
    """Take a post out of its filter; the answer is what was taken out."""
    return filter_status_entity(await call.write(filters.remove_status, call.me.actor.id, filter_status_id))


# --------------------------------------------------------------------------------------------------- forms


def _form(params: Params) -> FilterForm:
    return FilterForm(
        title=params.text("title"),
        contexts=params.many("context"),
        action=params.text("filter_action"),
        expiry=read_expiry(params),
        keywords=[_keyword(item) for item in params.entries("keywords_attributes") or ()],
    )


def read_expiry(params: Params) -> Expiry | None:
    """Return when a filter is to end; blank or null is never, and absent leaves it."""
    return Expiry(params.integer("expires_in")) if "expires_in" in params else None


def _keyword(item: Params) -> KeywordForm:
    return KeywordForm(
        keyword=item.text("keyword"),
        whole_word=item.boolean("whole_word"),
        id=item.integer("id"),
        remove=item.boolean("_destroy") or False,
    )
