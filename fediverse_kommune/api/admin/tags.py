"""Hashtags for moderators: how they may be used here. The routes are Mastodon's, from its source.

https://docs.joinmastodon.org/entities/Tag/#admin
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from fediverse_kommune.api.entities import Entity
from fediverse_kommune.api.entities.admin_trend import admin_tag_entity
from fediverse_kommune.api.preload import Reader
from fediverse_kommune.api.preload_tags import tag_entities
from fediverse_kommune.api.routing import Answer, Call, Routes
from fediverse_kommune.api.v1.trends import Window
from fediverse_kommune.models import TrendKind
from fediverse_kommune.services import tags, trend_reviews
from fediverse_kommune.services.staff import Permission
from fediverse_kommune.services.trend_reviews import TAXONOMIES, TagChange

routes = Routes()

MAY_SEE: dict[str, Any] = {"scope": "admin:read", "permission": Permission.MANAGE_TAXONOMIES}
API = "/api/v1/admin/tags"


@routes.get(API, **MAY_SEE)
async def show_all(call: Call) -> Answer:
    """Return the hashtags in posts that are for everybody, the one that was used last first."""
    window = Window(call, default=100, most=200)
    found = await call.read(_all, call.reader, window.limit + 1, window.offset, reviewed=call.server.trends.reviewed)
    return window.answer(found[: window.limit], more=len(found) > window.limit)


@routes.get(f"{API}/<name>", **MAY_SEE)
async def show(call: Call, name: str) -> Entity:
    """Return one hashtag, which is its own id, and how it was used."""
    return await show_admin_tag(call, name)


@routes.put(f"{API}/<name>", scope="admin:write", permission=TAXONOMIES)
async def change(call: Call, name: str) -> Entity:
    """Say how a hashtag is written, whether it may be used and found, and whether it may be a trend."""
    params = call.params
    wanted = TagChange(
        name=params.text("display_name") or None,
        trendable=params.boolean("trendable"),
        usable=params.boolean("usable"),
        listable=params.boolean("listable"),
    )
    await call.carry_out(trend_reviews.update_tag, name, wanted)
    return await show_admin_tag(call, name)


async def show_admin_tag(call: Call, name: str) -> Entity:
    """Return one hashtag as moderators see it. Raises `NotFound` for what cannot be one."""
    return await call.read(_show, call.reader, name, reviewed=call.server.trends.reviewed)


def admin_tag_entities(session: Session, entities: Sequence[Entity], *, reviewed: bool) -> list[Entity]:
    """Return hashtags with what was decided about them. Two statements."""
    keys = [entity["id"] for entity in entities]
    rules = trend_reviews.rules_of(session, keys)
    reviews = trend_reviews.reviews_of(session, TrendKind.TAG, keys)
    return [
        admin_tag_entity(entity, rules.get(entity["id"]), reviews.get(entity["id"]), reviewed=reviewed)
        for entity in entities
    ]


def _show(session: Session, reader: Reader, name: str, *, reviewed: bool) -> Entity:
    found = tag_entities(session, reader, [tags.find_tag(session, name)])
    return admin_tag_entities(session, found, reviewed=reviewed)[0]


def _all(session: Session, reader: Reader, limit: int, offset: int, *, reviewed: bool) -> list[Entity]:
    found = tag_entities(session, reader, trend_reviews.all_tags(session, limit, offset))
    return admin_tag_entities(session, found, reviewed=reviewed)
