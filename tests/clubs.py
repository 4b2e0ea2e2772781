"""Groups as tests use them: a club of ours with an app of its team, and what a group elsewhere says."""

from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from activitypub.models import Actor
from activitypub.unit import Unit
from tests.client import Client, app_of
from tests.fediverse import PUBLIC, Person
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


def by_group(group: Person, kind: str, target: Any, /, actor: str | None = None, **extra: Any) -> dict[str, Any]:
    """Return the Announce of an activity, said by a group, of a member of its server or (`actor`) of anybody."""
    inner = group.server.person("mitglied").activity(kind, target, **extra)
    return group.activity("Announce", {**inner, "actor": actor or inner["actor"]}, to=[PUBLIC])
