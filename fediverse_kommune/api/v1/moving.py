"""Living under another name: https://docs.gotosocial.org/en/latest/api/swagger/ (accounts/alias and accounts/move).

Mastodon has the same on its pages alone.
"""

import asyncio

from sqlalchemy.orm import Session

from activitypub.fetch import FetchError
from activitypub.models import Actor
from activitypub.unit import Unit
from fediverse_kommune.api.entities import Entity
from fediverse_kommune.api.limits import Budget
from fediverse_kommune.api.preload import Reader, account_entities
from fediverse_kommune.api.routing import Answer, Call, Routes
from fediverse_kommune.models import Standing, User
from fediverse_kommune.services import moves, search
from fediverse_kommune.services.passwords import verify_password
from fediverse_kommune.services.refusals import Forbidden, Invalid

routes = Routes()


@routes.post("/api/v1/accounts/alias", scope="write:accounts", standing=Standing.OWNER)
async def alias(call: Call) -> Entity:
    """Say under which names elsewhere this actor lives or lived too: from each of them it can move here."""
    uris = list(dict.fromkeys(call.params.many("also_known_as_uris") or []))
    if len(uris) > moves.ALIASES:
        raise Invalid(f"also_known_as_uris are at most {moves.ALIASES}.")
    found = [(await _other(call, uri)).uri for uri in uris]
    return await call.write(_alias, call.reader, call.me.actor.id, found)


@routes.post("/api/v1/accounts/move", scope="write:accounts", standing=Standing.OWNER, budget=Budget.DELETIONS)
async def move(call: Call) -> Answer:
    """Go to live under another name, and take along who follows. Its password shows that the person means it."""
    password, uri = call.params.required("password"), call.params.required("moved_to_uri")
    stored = await call.read(_password_hash, call.me.user_id)
    if not await asyncio.to_thread(verify_password, stored, password):
        raise Forbidden("The password is wrong.")
    target = await _other(call, uri, fresh=True)
    await call.write(moves.move_away, call.me.actor.id, target.uri)
    return Answer({}, 202)


async def _other(call: Call, uri: str, *, fresh: bool = False) -> Actor:
    """Return the actor at an address or behind a handle, as it describes itself. Raises `Invalid`."""
    resolver = call.server.resolver
    await search.resolve(resolver, call.server.blocks, uri)
    found = await call.read(moves.find_other, uri, call.server.instance)
    if found is None or found.suspended_at is not None:
        raise Invalid(f"There is no account to be found at {uri[:200]}.")
    try:
        return await resolver.actor(found.uri, fresh=fresh)
    except FetchError:
        raise Invalid(f"{found.uri} cannot be read just now: try again later.") from None


def _alias(unit: Unit, reader: Reader, actor_id: int, uris: list[str]) -> Entity:
    moves.be_known_as(unit, actor_id, uris)
    return account_entities(unit, reader, [actor_id])[0]


def _password_hash(session: Session, user_id: int) -> str | None:
    return session.get_one(User, user_id).password_hash
