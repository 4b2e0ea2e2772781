"""https://docs.joinmastodon.org/methods/admin/trends/, and the routes by which Mastodon's moderators decide.

What moderators read is all that is talked about, also what they have taken out or not yet let in.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from fediverse_kommune.api.admin.tags import admin_tag_entities, show_admin_tag
from fediverse_kommune.api.entities import Entity
from fediverse_kommune.api.entities.admin_trend import admin_link_entity, needs_review, publisher_entity
from fediverse_kommune.api.preload import Reader, status_entities
from fediverse_kommune.api.routing import Answer, Call, Routes
from fediverse_kommune.api.v1.trends import link_entities, link_part, status_part, tag_entities, tag_part
from fediverse_kommune.models import TrendKind
from fediverse_kommune.services import trend_reviews
from fediverse_kommune.services.refusals import NotFound
from fediverse_kommune.services.staff import Permission
from fediverse_kommune.services.tags import Tag, Use
from fediverse_kommune.services.trend_reviews import TAXONOMIES
from fediverse_kommune.services.trends import count_links, load_links

routes = Routes()

MAY_SEE: dict[str, Any] = {"scope": "admin:read", "permission": Permission.MANAGE_TAXONOMIES}
MAY_ACT: dict[str, Any] = {"scope": "admin:write", "permission": TAXONOMIES}
API = "/api/v1/admin/trends"

Counted = Sequence[tuple[int, Sequence[Use]]]


# ---------------------------------------------------------------------------------------------------- hashtags


@routes.get(f"{API}/tags", **MAY_SEE)
async def tags(call: Call) -> Answer:
    """Return the hashtags that several people use these days."""
    part = tag_part(call, await call.server.trends.now(everything=True))
    return part.answer(await call.read(_tags, call.reader, part.items, reviewed=call.server.trends.reviewed))


@routes.post(f"{API}/tags/<name>/approve", **MAY_ACT)
async def approve_tag(call: Call, name: str) -> Entity:
    """Let a hashtag be a trend."""
    await call.carry_out(trend_reviews.approve, TrendKind.TAG, name)
    return await show_admin_tag(call, name)


@routes.post(f"{API}/tags/<name>/reject", **MAY_ACT)
async def reject_tag(call: Call, name: str) -> Entity:
    """Let a hashtag not be a trend."""
    await call.carry_out(trend_reviews.reject, TrendKind.TAG, name)
    return await show_admin_tag(call, name)


# ------------------------------------------------------------------------------------------------------- pages


@routes.get(f"{API}/links", **MAY_SEE)
async def links(call: Call) -> Answer:
    """Return the pages that several people link to these days."""
    part = link_part(call, await call.server.trends.now(everything=True))
    return part.answer(await call.read(_links, call.reader, part.items, reviewed=call.server.trends.reviewed))


@routes.post(f"{API}/links/<link_id>/approve", **MAY_ACT)
async def approve_link(call: Call, link_id: int) -> Entity:
    """Let a page be a trend."""
    await call.carry_out(trend_reviews.approve, TrendKind.LINK, str(link_id))
    return await call.read(_link, call.reader, link_id, reviewed=call.server.trends.reviewed)


@routes.post(f"{API}/links/<link_id>/reject", **MAY_ACT)
async def reject_link(call: Call, link_id: int) -> Entity:
    """Let a page not be a trend."""
    await call.carry_out(trend_reviews.reject, TrendKind.LINK, str(link_id))
    return await call.read(_link, call.reader, link_id, reviewed=call.server.trends.reviewed)


# ------------------------------------------------------------------------------------------------------- sites


@routes.get(f"{API}/links/publishers", **MAY_SEE)
async def publishers(call: Call) -> list[Entity]:
    """Return the sites whose pages several people link to these days."""
    talk = await call.server.trends.now(everything=True)
    found = await call.read(trend_reviews.publishers_of, [card_id for card_id, _ in talk.links])
    return [publisher_entity(publisher, reviewed=call.server.trends.reviewed) for publisher in found]


@routes.post(f"{API}/links/publishers/<domain>/approve", **MAY_ACT)
async def approve_publisher(call: Call, domain: str) -> Entity:
    """Let the pages of a site be trends."""
    await call.carry_out(trend_reviews.approve, TrendKind.PUBLISHER, domain)
    return await _publisher(call, domain)


@routes.post(f"{API}/links/publishers/<domain>/reject", **MAY_ACT)
async def reject_publisher(call: Call, domain: str) -> Entity:
    """Let the pages of a site not be trends."""
    await call.carry_out(trend_reviews.reject, TrendKind.PUBLISHER, domain)
    return await _publisher(call, domain)


# ------------------------------------------------------------------------------------------------------- posts


@routes.get(f"{API}/statuses", **MAY_SEE)
async def statuses(call: Call) -> Answer:
    """Return the posts that are liked and passed on these days."""
    part = status_part(call, await call.server.trends.now(everything=True))
    return part.answer(await call.read(_statuses, call.reader, part.items, reviewed=call.server.trends.reviewed))


@routes.post(f"{API}/statuses/<status_id>/approve", **MAY_ACT)
async def approve_status(call: Call, status_id: int) -> Entity:
    """Let a post be a trend."""
    await call.carry_out(trend_reviews.approve, TrendKind.STATUS, str(status_id))
    return await _status(call, status_id)


@routes.post(f"{API}/statuses/<status_id>/reject", **MAY_ACT)
async def reject_status(call: Call, status_id: int) -> Entity:
    """Let a post not be a trend."""
    await call.carry_out(trend_reviews.reject, TrendKind.STATUS, str(status_id))
    return await _status(call, status_id)


# ----------------------------------------------------------------------------------------------- units of work


def _tags(
    session: Session, reader: Reader, found: Sequence[tuple[Tag, Sequence[Use]]], *, reviewed: bool
) -> list[Entity]:
    return admin_tag_entities(session, tag_entities(session, reader, found), reviewed=reviewed)


def _links(session: Session, reader: Reader, found: Counted, *, reviewed: bool) -> list[Entity]:
    entities = link_entities(session, reader, found)
    reviews = trend_reviews.reviews_of(session, TrendKind.LINK, [str(card_id) for card_id in entities])
    origins = {entity["provider_url"] for entity in entities.values()}
    sites = trend_reviews.reviews_of(session, TrendKind.PUBLISHER, origins)
    return [
        admin_link_entity(
            card_id, entity, reviews.get(str(card_id)), sites.get(entity["provider_url"]), reviewed=reviewed
        )
        for card_id, entity in entities.items()
    ]


def _link(session: Session, reader: Reader, card_id: int, *, reviewed: bool) -> Entity:
    if not load_links(session, [card_id]):
        raise NotFound
    uses = count_links(session, [card_id], reader.now)[card_id]
    return _links(session, reader, [(card_id, uses)], reviewed=reviewed)[0]


def _statuses(session: Session, reader: Reader, ids: Sequence[int], *, reviewed: bool) -> list[Entity]:
    entities = status_entities(session, reader, list(ids))
    reviews = trend_reviews.reviews_of(session, TrendKind.STATUS, [str(status_id) for status_id in entities])
    return [
        entity | needs_review(reviews.get(str(status_id)), reviewed=reviewed) for status_id, entity in entities.items()
    ]


async def _status(call: Call, status_id: int) -> Entity:
    found = await call.read(_statuses, call.reader, [status_id], reviewed=call.server.trends.reviewed)
    if not found:
        raise NotFound
    return found[0]


async def _publisher(call: Call, domain: str) -> Entity:
    found = await call.read(trend_reviews.find_publisher, domain)
    return publisher_entity(found, reviewed=call.server.trends.reviewed)
