"""A club of ours as tests use it: a Group actor, an app of its team, and who posts in it."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from activitypub.models import Actor
from activitypub.unit import Unit
from tests.client import Client, app_of
from tests.fediverse import Person
from tests.town import Town


async def club_of(town: Town, username: str = "verein", **settings: str | bool) -> Client:
    """Return an app of the team of a group, with these group settings."""
    team = await app_of(town, username)
    await town.write(_make_a_group, username)
    if settings:
        await team.patch("/api/v1/accounts/update_credentials", json={"group": settings})
    return team


def _make_a_group(unit: Unit, username: str) -> None:
    unit.execute(update(Actor).where(Actor.handle == username).values(type="Group"))


async def uri_of(town: Town, client: Client) -> str:
    """Return the ActivityPub id of somebody who has an app."""
    return await town.read(_uri, int(client.id))


def _uri(session: Session, actor_id: int) -> str:
    return session.scalars(select(Actor.uri).where(Actor.id == actor_id)).one()


async def joins(town: Town, person: Person, group_uri: str) -> None:
    """Let somebody elsewhere follow a group of ours."""
    await town.accept(person, person.activity("Follow", group_uri))
    await person.server.until_received("Accept")
