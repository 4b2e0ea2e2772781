"""An account here goes to live elsewhere: both ends say so, and who follows goes along, here and there."""

from datetime import timedelta

from sqlalchemy import update

from activitypub.models import Actor, Follow, Move
from activitypub.unit import Unit
from tests.client import PASSWORD, Client, app_of
from tests.town import Town
from tests.towns import met


def uri_of(client: Client, name: str) -> str:
    return f"{client.town.origin}/users/{name}"


async def move(client: Client, to: str, *, password: str = PASSWORD, status: int = 202) -> str:
    """Ask for a move and return what is said against it."""
    data = {"password": password, "moved_to_uri": to}
    reply = await client.ask("POST", "/api/v1/accounts/move", data=data)
    assert reply.status == status, reply.text
    return str(reply.json.get("error", ""))


async def alias(client: Client, *uris: str, status: int = 200) -> None:
    reply = await client.ask("POST", "/api/v1/accounts/alias", json={"also_known_as_uris": uris})
    assert reply.status == status, reply.text


async def test_from_one_town_to_the_other(nord: Town, sued: Town) -> None:
    anna, here = await app_of(nord, "anna"), await app_of(nord, "carla")
    neu, there = await app_of(sued, "neu"), await app_of(sued, "dora")
    await here.follow(anna)
    anna_there = await met(sued, "anna", nord)
    await there.post(f"/api/v1/accounts/{anna_there.id}/follow")
    await nord.until(Follow, Follow.accepted_at.is_not(None), count=2)

    await alias(neu, f"@anna@{nord.host}:{nord.port}")
    await move(anna, f"@neu@{sued.host}:{sued.port}")

    for place in (nord, sued):
        await place.until(Move, Move.after_id.is_not(None), count=0)
    await sued.until(Follow, Follow.followed_id == int(neu.id), Follow.accepted_at.is_not(None), count=2)
    await nord.until(Follow, Follow.followed_id == int(anna.id), count=0)
    for reader, shown in ((here, anna.id), (there, anna_there.id)):
        assert (await reader.get(f"/api/v1/accounts/{shown}"))["moved"]["uri"] == uri_of(neu, "neu")
    _, document = await nord.get("/users/anna")
    assert document["movedTo"] == uri_of(neu, "neu")


async def test_what_speaks_against_a_move(nord: Town, sued: Town) -> None:
    anna, neu = await app_of(nord, "anna"), await app_of(sued, "neu")
    target = uri_of(neu, "neu")
    assert "does not list" in await move(anna, target, status=422)
    await alias(neu, uri_of(anna, "anna"))
    assert await move(anna, target, password="geraten", status=403) == "The password is wrong."
    assert "another account" in await move(anna, uri_of(anna, "anna"), status=422)
    assert "no account" in await move(anna, f"{sued.origin}/users/niemand", status=422)
    assert "no account" in await move(anna, "gar nichts", status=422)
    assert await nord.count(Move) == 0
    await move(anna, target)
    assert "once in 7 days" in await move(anna, target, status=403)

    def a_week_later(unit: Unit) -> None:
        unit.execute(update(Move).values(created_at=unit.now - timedelta(days=8)))

    def further(unit: Unit) -> None:
        unit.execute(update(Actor).where(Actor.uri == target).values(moved_to_uri="https://third.example/neu"))

    await nord.write(a_week_later)
    await sued.write(further)
    assert "has moved itself" in await move(anna, target, status=422)


async def test_names_that_cannot_be_listed(nord: Town) -> None:
    anna, bert = await app_of(nord, "anna"), await app_of(nord, "bert")
    await alias(anna, uri_of(anna, "anna"), status=422)
    await alias(anna, f"{nord.origin}/users/niemand", status=422)
    await alias(anna, *(f"{nord.origin}/users/{number}" for number in range(11)), status=422)
    await alias(anna, uri_of(bert, "bert"))
    assert (await nord.get("/users/anna"))[1]["alsoKnownAs"] == [uri_of(bert, "bert")]
    await alias(anna)
    assert (await nord.get("/users/anna"))[1]["alsoKnownAs"] == []
