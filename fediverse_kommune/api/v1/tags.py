"""https://docs.joinmastodon.org/methods/tags/ and https://docs.joinmastodon.org/methods/followed_tags/"""

from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.orm import Session

from activitypub.models import Actor
from activitypub.unit import Unit
from fediverse_kommune.api.entities import Entity
from fediverse_kommune.api.pagination import Page
from fediverse_kommune.api.preload import Listing, Reader
from fediverse_kommune.api.preload_tags import tag_entities
from fediverse_kommune.api.routing import Answer, Auth, Call, Routes
from fediverse_kommune.models import FollowedTag
from fediverse_kommune.services import tags

routes = Routes()


@routes.get("/api/v1/tags/<name>", auth=Auth.OPTIONAL)
async def show(call: Call, name: str) -> Entity:
    """Return one hashtag."""
    return await call.read(_show, call.reader, name)


@routes.post("/api/v1/tags/<name>/follow", scope="write:follows")
async def follow(call: Call, name: str) -> Entity:
    """Have public posts with a hashtag in the home timeline."""
    return await call.write(_change, call.reader, name, tags.follow_tag)


@routes.post("/api/v1/tags/<name>/unfollow", scope="write:follows")
async def unfollow(call: Call, name: str) -> Entity:
    """Have them there no longer."""
    return await call.write(_change, call.reader, name, tags.unfollow_tag)


@routes.post("/api/v1/tags/<name>/feature", scope="write:accounts")
async def feature(call: Call, name: str) -> Entity:
    """Show a hashtag on the profile."""
    return await call.write(_change, call.reader, name, _feature)


@routes.post("/api/v1/tags/<name>/unfeature", scope="write:accounts")
async def unfeature(call: Call, name: str) -> Entity:
    """Show it there no longer."""
    return await call.write(_change, call.reader, name, tags.unfeature_named)


@routes.get("/api/v1/followed_tags", scope="read:follows")
async def followed(call: Call) -> Answer:
    """Return the hashtags one follows, the latest first."""
    page = call.page(default=100, most=200)
    found = await call.read(_followed, call.reader, call.me.actor.id, page)
    return call.listing(found.entities, found.ids)


def _show(session: Session, reader: Reader, name: str) -> Entity:
    return tag_entities(session, reader, [tags.find_tag(session, name)])[0]


def _change(unit: Unit, reader: Reader, name: str, act: Callable[[Unit, Actor, str], tags.Tag]) -> Entity:
    if reader.actor is None:
        raise AssertionError("a route that acts has to declare Auth.PERSON")
    tag = act(unit, unit.get_one(Actor, reader.actor.id), name)
    return tag_entities(unit, reader, [tag])[0]


def _feature(unit: Unit, actor: Actor, name: str) -> tags.Tag:
    row = tags.feature_tag(unit, actor, tags.parse_tag(name).name)
    return tags.Tag(row.tag, row.name)


def _followed(session: Session, reader: Reader, actor_id: int, page: Page) -> Listing:
    query = select(FollowedTag).where(FollowedTag.actor_id == actor_id)
    rows = page.in_order(list(session.scalars(page.select(query, FollowedTag.id))))
    entities = tag_entities(session, reader, [tags.Tag(row.tag, row.name) for row in rows])
    return Listing(entities, [row.id for row in rows])
