"""https://docs.joinmastodon.org/methods/featured_tags/"""

from sqlalchemy.orm import Session

from activitypub.models import Actor
from activitypub.unit import Unit
from fediverse_kommune.api.entities import Entity
from fediverse_kommune.api.entities.featured_tag import featured_tag_entity
from fediverse_kommune.api.preload import Reader
from fediverse_kommune.api.preload_tags import featured_tag_entities, tag_entities
from fediverse_kommune.api.routing import Auth, Call, Routes
from fediverse_kommune.services import tags
from fediverse_kommune.services.relationships import find_target

routes = Routes()


@routes.get("/api/v1/featured_tags", scope="read:accounts")
async def show_all(call: Call) -> list[Entity]:
    """Return the hashtags one shows on the profile."""
    return await call.read(featured_tag_entities, call.reader, call.me.actor.id)


@routes.post("/api/v1/featured_tags", scope="write:accounts")
async def create(call: Call) -> Entity:
    """Show a hashtag on the profile."""
    return await call.write(_create, call.reader, call.me.actor.id, call.params.required("name"))


@routes.delete("/api/v1/featured_tags/<featured_tag_id>", scope="write:accounts")
async def delete(call: Call, featured_tag_id: int) -> Entity:
    """Show it there no longer."""
    await call.write(tags.unfeature_tag, call.me.actor, featured_tag_id)
    return {}


@routes.get("/api/v1/featured_tags/suggestions", scope="read:accounts")
async def suggestions(call: Call) -> list[Entity]:
    """Return the hashtags one uses most and does not show yet."""
    return await call.read(_suggestions, call.reader, call.me.actor)


@routes.get("/api/v1/accounts/<account_id>/featured_tags", scope="read:accounts", auth=Auth.OPTIONAL)
async def of_account(call: Call, account_id: int) -> list[Entity]:
    """Return the hashtags that somebody shows on the profile."""
    return await call.read(_of_account, call.reader, account_id)


def _create(unit: Unit, reader: Reader, actor_id: int, name: str) -> Entity:
    row = tags.feature_tag(unit, unit.get_one(Actor, actor_id), name)
    use = tags.count_featured(unit, actor_id, [row.tag]).get(row.tag, tags.FeaturedUse())
    return featured_tag_entity(row, use, reader.instance)


def _suggestions(session: Session, reader: Reader, actor: Actor) -> list[Entity]:
    return tag_entities(session, reader, tags.suggest_featured(session, actor))


def _of_account(session: Session, reader: Reader, account_id: int) -> list[Entity]:
    return featured_tag_entities(session, reader, find_target(session, account_id).id)
