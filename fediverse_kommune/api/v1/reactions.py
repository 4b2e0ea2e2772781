"""https://docs.pleroma.social/backend/development/API/pleroma_api/

Reactions to posts, at the addresses of Pleroma and Akkoma and at those of glitch-soc.
"""

from sqlalchemy.orm import Session

from activitypub.models import Actor
from activitypub.unit import Unit
from fediverse_kommune.api.entities import Entity
from fediverse_kommune.api.preload import Reader, show_status
from fediverse_kommune.api.preload_reactions import list_reactions
from fediverse_kommune.api.routing import Auth, Call, Routes
from fediverse_kommune.services import reactions

routes = Routes()

PATH = "/api/v1/pleroma/statuses/<status_id>/reactions"
WRITE = ("write:statuses", "write:favourites")
"""Pleroma asks for the first, glitch-soc for the second."""


@routes.get(PATH, scope="read:statuses", auth=Auth.OPTIONAL)
async def show_all(call: Call, status_id: int) -> list[Entity]:
    """Return the emoji below a post, each with who chose it."""
    return await call.read(list_reactions, call.reader, status_id)


@routes.get(f"{PATH}/<name>", scope="read:statuses", auth=Auth.OPTIONAL)
async def show(call: Call, status_id: int, name: str) -> list[Entity]:
    """Return one emoji below a post with who chose it, in a list that is empty if nobody did."""
    return await call.read(_show, call.reader, status_id, name)


@routes.put(f"{PATH}/<name>", scope=WRITE)
async def react(call: Call, status_id: int, name: str) -> Entity:
    """Put an emoji below a post; the answer is the post."""
    return await call.write(_react, call.reader, status_id, name)


@routes.delete(f"{PATH}/<name>", scope=WRITE)
async def unreact(call: Call, status_id: int, name: str) -> Entity:
    """Take one's emoji back; the answer is the post."""
    return await call.write(_unreact, call.reader, status_id, name)


@routes.post("/api/v1/statuses/<status_id>/react/<name>", scope=WRITE)
async def react_once_more(call: Call, status_id: int, name: str) -> Entity:
    """Put an emoji below a post, as glitch-soc's apps ask for it."""
    return await call.write(_react, call.reader, status_id, name)


@routes.post("/api/v1/statuses/<status_id>/unreact/<name>", scope=WRITE)
async def unreact_once_more(call: Call, status_id: int, name: str) -> Entity:
    """Take one's emoji back, as glitch-soc's apps ask for it."""
    return await call.write(_unreact, call.reader, status_id, name)


def _show(session: Session, reader: Reader, status_id: int, name: str) -> list[Entity]:
    return list_reactions(session, reader, status_id, reactions.named(reader.instance, name))


def _react(unit: Unit, reader: Reader, status_id: int, name: str) -> Entity:
    reactions.react(unit, _actor(unit, reader), status_id, name)
    return show_status(unit, reader, status_id)


def _unreact(unit: Unit, reader: Reader, status_id: int, name: str) -> Entity:
    reactions.unreact(unit, _actor(unit, reader), status_id, name)
    return show_status(unit, reader, status_id)


def _actor(unit: Unit, reader: Reader) -> Actor:
    if reader.actor is None:
        raise AssertionError("a route that acts has to declare Auth.PERSON")
    return unit.get_one(Actor, reader.actor.id)
