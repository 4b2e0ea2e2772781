"""https://docs.joinmastodon.org/methods/filters/#v1: each word of a filter stands here as a filter of its own."""

from fediverse_kommune.api.entities import Entity
from fediverse_kommune.api.entities.filter import v1_filter_entity
from fediverse_kommune.api.params import Params
from fediverse_kommune.api.routing import Call, Routes
from fediverse_kommune.api.v2.filters import read_expiry
from fediverse_kommune.models import FilterAction
from fediverse_kommune.services import filters
from fediverse_kommune.services.filters import FilterForm, KeywordForm
from fediverse_kommune.services.refusals import Invalid

routes = Routes()


@routes.get("/api/v1/filters", scope="read:filters")
async def show_all(call: Call) -> list[Entity]:
    """Return one's filters."""
    return [v1_filter_entity(*found) for found in await call.read(filters.old_filters_of, call.me.actor.id)]


@routes.post("/api/v1/filters", scope="write:filters")
async def create(call: Call) -> Entity:
    """Create a filter of one word."""
    form = _form(call.params)
    return v1_filter_entity(*await call.write(filters.create_old_filter, call.me.actor.id, form))


@routes.get("/api/v1/filters/<keyword_id>", scope="read:filters")
async def show(call: Call, keyword_id: int) -> Entity:
    """Return one filter."""
    return v1_filter_entity(*await call.read(filters.find_old_filter, call.me.actor.id, keyword_id))


@routes.patch("/api/v1/filters/<keyword_id>", scope="write:filters")
async def update(call: Call, keyword_id: int) -> Entity:
    """Replace what a filter says."""
    form = _form(call.params)
    return v1_filter_entity(*await call.write(filters.update_old_filter, call.me.actor.id, keyword_id, form))


@routes.delete("/api/v1/filters/<keyword_id>", scope="write:filters")
async def delete(call: Call, keyword_id: int) -> Entity:
    """Take the word out of its filter, which may hold others."""
    await call.write(filters.remove_keyword, call.me.actor.id, keyword_id)
    return {}


def _form(params: Params) -> FilterForm:
    phrase, contexts = params.required("phrase"), params.many("context")
    if not contexts:
        raise Invalid("context is missing.")
    return FilterForm(
        title=phrase[: filters.TITLE_LENGTH],
        contexts=contexts,
        action=FilterAction.HIDE if params.boolean("irreversible") else FilterAction.WARN,
        expiry=read_expiry(params),
        keywords=[KeywordForm(phrase, params.boolean("whole_word") or False)],
    )
