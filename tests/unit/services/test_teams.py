"""Who may act as whom."""

from dataclasses import dataclass

import pytest
from sqlalchemy import select

from activitypub.signatures.keys import private_pem
from activitypub.unit import Unit
from fediverse_kommune.models import Membership, Standing, User
from fediverse_kommune.services import teams
from fediverse_kommune.services.accounts import NewUser, create_team, create_user
from fediverse_kommune.services.refusals import Forbidden, Invalid, NotFound, Refusal
from fediverse_kommune.services.tokens import issue_token
from tests.client import Client, app_of, password_hash
from tests.fediverse import shared_key
from tests.town import Town

VIEWER, AUTHOR, EDITOR, OWNER = teams.RANKS


@dataclass(slots=True)
class Club:
    actor_id: int
    owner: int
    other: int
    own_actor: int


def found(unit: Unit) -> Club:
    pem = private_pem(shared_key("resident"))
    people = [
        create_user(unit, NewUser(name, f"{name}@x.example", password_hash(), confirmed=True), private_key_pem=pem)
        for name in ("olga", "emma")
    ]
    club = create_team(unit, people[0].id, "verein", kind="Group", name="Verein", private_key_pem=pem)
    return Club(club.id, people[0].id, people[1].id, people[1].actor_id)


@pytest.mark.parametrize(
    ("standing", "needed", "enough"),
    [(have, need, teams.RANKS.index(have) >= teams.RANKS.index(need)) for have in teams.RANKS for need in teams.RANKS],
)
def test_each_standing_includes_those_below_it(standing: Standing, needed: Standing, *, enough: bool) -> None:
    assert teams.includes(standing, needed) is enough


async def test_an_owner_decides_who_belongs(stadt: Town) -> None:
    club = await stadt.write(found)
    await stadt.write(teams.set_member, club.owner, club.actor_id, club.other, EDITOR)
    assert await stadt.read(teams.standing_of, club.other, club.actor_id) is EDITOR
    for attempt in (club.owner, club.other):
        with pytest.raises(Refusal):
            await stadt.write(teams.set_member, club.other, club.actor_id, attempt, OWNER)
    await stadt.write(teams.remove_member, club.other, club.actor_id, club.other)
    assert await stadt.read(teams.standing_of, club.other, club.actor_id) is None


async def test_a_team_does_not_exist_for_those_outside(stadt: Town) -> None:
    club = await stadt.write(found)
    with pytest.raises(NotFound):
        await stadt.write(teams.set_member, club.other, club.actor_id, club.other, OWNER)
    with pytest.raises(NotFound):
        await stadt.read(teams.require, club.other, club.actor_id, VIEWER)


async def test_the_last_owner_stays(stadt: Town) -> None:
    club = await stadt.write(found)
    with pytest.raises(Invalid, match="needs an owner"):
        await stadt.write(teams.remove_member, club.owner, club.actor_id, club.owner)
    with pytest.raises(Invalid, match="needs an owner"):
        await stadt.write(teams.set_member, club.owner, club.actor_id, club.owner, EDITOR)
    await stadt.write(teams.set_member, club.owner, club.actor_id, club.other, OWNER)
    await stadt.write(teams.remove_member, club.owner, club.actor_id, club.owner)
    assert await stadt.read(teams.standing_of, club.owner, club.actor_id) is None


async def test_nobody_leaves_their_own_account(stadt: Town) -> None:
    club = await stadt.write(found)
    with pytest.raises(Invalid):
        await stadt.write(teams.remove_member, club.other, club.own_actor, club.other)


async def test_a_viewer_of_a_team_reads_and_writes_nothing(stadt: Town) -> None:
    as_club = await acting(stadt, VIEWER)
    await as_club.get("/api/v1/timelines/home")
    assert (await as_club.ask("POST", "/api/v1/statuses", json={"status": "x"})).status == 403


async def test_an_author_writes_and_does_not_edit(stadt: Town) -> None:
    as_club = await acting(stadt, AUTHOR)
    status = await as_club.write("Training")
    path = f"/api/v1/statuses/{status['id']}"
    assert (await as_club.ask("PUT", path, json={"status": "x"})).status == 403
    assert (await as_club.ask("DELETE", path)).status == 403
    assert (await as_club.ask("PATCH", "/api/v1/accounts/update_credentials", data={"note": "x"})).status == 403


async def test_who_leaves_a_team_cannot_act_for_it_any_more(stadt: Town) -> None:
    as_club = await acting(stadt, EDITOR)
    await as_club.write("noch da")

    def leave(unit: Unit) -> None:
        unit.delete(unit.scalars(select(Membership).where(Membership.standing == EDITOR)).one())

    await stadt.write(leave)
    assert (await as_club.ask("GET", "/api/v1/timelines/home")).status == 401


async def acting(stadt: Town, standing: Standing) -> Client:
    """Return an app of somebody with this standing, who acts as the club."""
    club = await stadt.write(found)
    await stadt.write(teams.set_member, club.owner, club.actor_id, club.other, standing)
    client = await app_of(stadt, "emma")

    def act_as_club(unit: Unit) -> str:
        user = unit.get_one(User, club.other)
        own, user.actor_id = user.actor_id, club.actor_id
        token = issue_token(unit, "verein", "read write")
        user.actor_id = own
        return token

    return Client(stadt, await stadt.write(act_as_club), str(club.actor_id), client.username)


def test_the_refusals_tell_apart_what_may_be_known() -> None:
    assert not issubclass(NotFound, Forbidden)
    assert str(NotFound()) == "Record not found"
