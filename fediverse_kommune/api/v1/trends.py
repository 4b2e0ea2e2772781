"""https://docs.joinmastodon.org/methods/trends/"""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from sqlalchemy.orm import Session

from fediverse_kommune.api.entities import Entity
from fediverse_kommune.api.entities.preview_card import preview_card_entity
from fediverse_kommune.api.entities.tag import history_entities, tag_entity
from fediverse_kommune.api.pagination import read_limit
from fediverse_kommune.api.preload import Reader, status_entities
from fediverse_kommune.api.routing import Answer, Auth, Call, Routes
from fediverse_kommune.services.tags import Tag, Use, followed_among
from fediverse_kommune.services.trends import Talk, load_links

routes = Routes()


@routes.get("/api/v1/trends", auth=Auth.OPTIONAL)
@routes.get("/api/v1/trends/tags", auth=Auth.OPTIONAL)
async def tags(call: Call) -> Answer:
    """Return the hashtags that several people use these days."""
    part = tag_part(call, await call.server.trends.now())
    return part.answer(await call.read(tag_entities, call.reader, part.items))


@routes.get("/api/v1/trends/links", auth=Auth.OPTIONAL)
async def links(call: Call) -> Answer:
    """Return the pages that several people link to these days."""
    part = link_part(call, await call.server.trends.now())
    return part.answer(list((await call.read(link_entities, call.reader, part.items)).values()))


@routes.get("/api/v1/trends/statuses", auth=Auth.OPTIONAL)
async def statuses(call: Call) -> Answer:
    """Return the posts that are liked and passed on these days."""
    part = status_part(call, await call.server.trends.now())
    return part.answer(list((await call.read(status_entities, call.reader, part.items)).values()))


class Window:
    """The part of a list that was asked for by `offset` and `limit`."""

    def __init__(self, call: Call, *, default: int, most: int) -> None:
        self.limit = read_limit(call.params, default=default, most=most)
        self.offset = max(0, call.params.integer("offset") or 0)
        self._url = call.server.instance.origin + call.request.path

    def answer(self, entities: list[Entity], *, more: bool) -> Answer:
        """Answer with entities, and with where the parts before and after them are."""
        links = []
        if more:
            links.append(self._link(self.offset + self.limit, "next"))
        if self.offset > 0:
            links.append(self._link(max(0, self.offset - self.limit), "prev"))
        return Answer(entities, headers={"Link": ", ".join(links)} if links else {})

    def _link(self, offset: int, relation: str) -> str:
        return f'<{self._url}?{urlencode({"limit": self.limit, "offset": offset})}>; rel="{relation}"'


class Part:
    """The part of a short list that was asked for: `items`."""

    def __init__(self, call: Call, everything: Sequence[Any], *, default: int, most: int) -> None:
        self._window = Window(call, default=default, most=most)
        end = self._window.offset + self._window.limit
        self.items = everything[self._window.offset : end]
        self._more = end < len(everything)

    def answer(self, entities: list[Entity]) -> Answer:
        """Answer with the entities of the items."""
        return self._window.answer(entities, more=self._more)


def tag_part(call: Call, talk: Talk) -> Part:
    """Return the hashtags that were asked for."""
    return Part(call, talk.tags, default=10, most=20)


def link_part(call: Call, talk: Talk) -> Part:
    """Return the pages that were asked for."""
    return Part(call, talk.links, default=10, most=20)


def status_part(call: Call, talk: Talk) -> Part:
    """Return the ids of the posts that were asked for."""
    return Part(call, talk.statuses, default=20, most=40)


def tag_entities(session: Session, reader: Reader, found: Sequence[tuple[Tag, Sequence[Use]]]) -> list[Entity]:
    """Return the entities of hashtags that were counted."""
    keys = [tag.key for tag, _ in found]
    followed = followed_among(session, reader.actor, keys) if reader.actor else frozenset()
    return [
        tag_entity(tag.key, tag.name, reader.instance, history, following=tag.key in followed) for tag, history in found
    ]


def link_entities(session: Session, reader: Reader, found: Sequence[tuple[int, Sequence[Use]]]) -> dict[int, Entity]:
    """Return the entities of pages that were counted, by the ids of their cards."""
    cards = load_links(session, [card_id for card_id, _ in found])
    return {
        card_id: preview_card_entity(cards[card_id], reader.instance) | {"history": history_entities(history)}
        for card_id, history in found
        if card_id in cards
    }
