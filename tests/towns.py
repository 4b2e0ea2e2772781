"""Several instances together: how they come to know each other, and how a test waits for what travels between them."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from activitypub.graph import relationships
from activitypub.graph.actors import find_actor
from activitypub.models import Actor, Follow
from activitypub.unit import Unit
from tests import acts
from tests.client import Client
from tests.fediverse import Person
from tests.town import Town
from webfinger.handle import parse_handle


async def met(here: Town, username: str, there: Town) -> Actor:
    """Return an actor of another town as it is known here, looked up by its handle."""
    handle = parse_handle(f"{username}@{there.app.server.instance.account_domain}", test_network=True)
    return await here.app.server.resolver.handle(handle)


async def befriended(nord: Town, sued: Town) -> tuple[Actor, Actor]:
    """Return Anna of Nord and Bernd of Sued, each of whom follows the other."""
    anna, bernd = await nord.resident("anna"), await sued.resident("bernd")
    await nord.write(acts.follow, anna, await met(nord, "bernd", sued))
    await sued.write(acts.follow, bernd, await met(sued, "anna", nord))
    for place in (nord, sued):
        await place.until(Follow, Follow.accepted_at.is_not(None), count=2)
    return anna, bernd


async def until(ask: Callable[[], Awaitable[Any]], expected: Any, *, seconds: float = 10) -> None:
    """Wait until `ask` answers what is expected."""
    async with asyncio.timeout(seconds):
        while await ask() != expected:
            await asyncio.sleep(0.01)


async def found(client: Client, uri: str) -> Any:
    """Return a post of another town as a client here knows it."""
    return (await client.get(f"/api/v2/search?q={uri}&resolve=true"))["statuses"][0]


async def followed_by(place: Town, resident: Actor, *people: Person) -> None:
    """Let people of other servers follow a resident, without a word between the servers but the reading of actors."""

    def follow(unit: Unit, uri: str) -> None:
        follower = actor_row(unit, uri)
        relationships.accept_follow(unit, relationships.follow(unit, follower, actor_row(unit, resident.uri)))

    for person in people:
        await place.meet(person)
        await place.write(follow, person.uri)


def actor_row(unit: Unit, uri: str) -> Actor:
    """Return the row of an actor that is known."""
    actor = find_actor(unit, uri)
    assert actor is not None
    return actor
