"""https://docs.joinmastodon.org/methods/admin/trends/

Nobody reviews trends here: what is talked about is counted, and moderators see the same as everybody.
"""

from dataclasses import replace
from typing import Any

from sqlalchemy.orm import Session

from fediverse_kommune.api.entities import Entity
from fediverse_kommune.api.entities.tag import tag_entity
from fediverse_kommune.api.preload import Reader
from fediverse_kommune.api.routing import Answer, Call, Routes
from fediverse_kommune.api.v1 import trends
from fediverse_kommune.services.staff import Permission
from fediverse_kommune.services.tags import count_uses, find_tag

routes = Routes()

MAY_SEE: dict[str, Any] = {"scope": "admin:read", "permission": Permission.MANAGE_TAXONOMIES}

# Admin::Tag: every hashtag may be used and may become a trend without anybody's consent.
UNREVIEWED = {"trendable": True, "usable": True, "requires_review": False}


@routes.get("/api/v1/admin/trends/tags", **MAY_SEE)
async def tags(call: Call) -> Answer:
    """Return the hashtags that several people use these days."""
    answer: Answer = await trends.tags(call)
    return replace(answer, body=[tag | UNREVIEWED for tag in answer.body])


@routes.get("/api/v1/admin/trends/links", **MAY_SEE)
async def links(call: Call) -> Answer:
    """Return the pages that several people link to these days."""
    answer: Answer = await trends.links(call)
    return answer


@routes.get("/api/v1/admin/trends/statuses", **MAY_SEE)
async def statuses(call: Call) -> Answer:
    """Return the posts that are liked and passed on these days."""
    answer: Answer = await trends.statuses(call)
    return answer


@routes.get("/api/v1/admin/tags/<name>", **MAY_SEE)
async def tag(call: Call, name: str) -> Entity:
    """Return one hashtag, which is its own id, and how it was used."""
    return await call.read(_tag, call.reader, name)


def _tag(session: Session, reader: Reader, name: str) -> Entity:
    found = find_tag(session, name)
    uses = count_uses(session, [found.key], reader.now)[found.key]
    return tag_entity(found.key, found.name, reader.instance, uses) | UNREVIEWED
