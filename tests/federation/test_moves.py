"""Actors elsewhere move, and those here who follow them go along: once, and only if both ends say so."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import update

from activitypub.models import Actor, Block, Follow, Move
from activitypub.unit import Unit
from fediverse_kommune.models import ListMember, Mute
from fediverse_kommune.services import moves
from tests.client import Client, app_of
from tests.fediverse import Person, Remote, remote
from tests.town import Town


@pytest.fixture
async def neustadt() -> AsyncIterator[Remote]:
    async with remote("neustadt.test") as running:
        yield running


@pytest.fixture
def old(nachbar: Remote) -> Person:
    return nachbar.person("ada")


@pytest.fixture
def new(neustadt: Remote, old: Person) -> Person:
    """Who Ada is now, and says so."""
    person = neustadt.person("ada")
    return also_known_as(person, old.uri)


def also_known_as(person: Person, *others: str) -> Person:
    person.server.documents[f"/users/{person.username}"] = {**person.document(), "alsoKnownAs": list(others)}
    return person


async def follower(stadt: Town, name: str, person: Person) -> Client:
    """Return somebody here whose follow a person elsewhere has accepted."""
    client = await app_of(stadt, name)
    known = await stadt.meet(person)
    await client.post(f"/api/v1/accounts/{known.id}/follow")
    uri = (await person.server.until_received("Follow", await stadt.count(Follow)))[-1].activity["id"]
    await stadt.accept(person, person.activity("Accept", uri))
    return client


async def moved(stadt: Town, origin: Person, target: Person | str) -> None:
    """Let an actor move, and let everybody here who wants to go along."""
    uri = target if isinstance(target, str) else target.uri
    await stadt.accept(origin, origin.activity("Move", origin.uri, target=uri))
    await stadt.until(Move, Move.after_id.is_not(None), count=0)


async def ids(stadt: Town, *people: Person) -> list[int]:
    return [(await stadt.meet(person)).id for person in people]


async def test_followers_go_along_with_lists_and_wishes(
    stadt: Town, old: Person, new: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moves, "BATCH", 2)
    names = ["anna", "bert", "carla", "dora", "emil"]
    clients = [await follower(stadt, name, old) for name in names]
    anna, (old_id,) = clients[0], await ids(stadt, old)
    await anna.post(f"/api/v1/accounts/{old_id}/follow", data={"reblogs": "false", "notify": "true"})
    board = await anna.post("/api/v1/lists", data={"title": "Nachbarn"})
    await anna.post(f"/api/v1/lists/{board['id']}/accounts", data={"account_ids[]": str(old_id)})

    await moved(stadt, old, new)

    _, new_id = await ids(stadt, old, new)
    assert len(await new.server.until_received("Follow", len(names))) == len(names)
    assert len(await old.server.until_received("Undo", len(names))) == len(names)
    assert await stadt.count(Follow, Follow.followed_id == old_id) == 0
    assert await stadt.count(Follow, Follow.followed_id == new_id) == len(names)
    wishes = ~Follow.show_announces & Follow.notify
    assert await stadt.count(Follow, Follow.follower_id == int(anna.id), wishes) == 1
    assert await stadt.count(ListMember, ListMember.actor_id == new_id) == 1
    assert (await anna.get(f"/api/v1/accounts/{old_id}"))["moved"]["id"] == str(new_id)


async def test_nobody_is_sent_to_who_does_not_say_that_they_are_the_same(
    stadt: Town, old: Person, neustadt: Remote
) -> None:
    anna = await follower(stadt, "anna", old)
    (old_id,) = await ids(stadt, old)
    for target in (neustadt.person("otto"), also_known_as(neustadt.person("eva"), "https://other.example/ada"), old):
        await moved(stadt, old, target)
    assert await stadt.count(Move) == 0
    assert await stadt.count(Follow, Follow.follower_id == int(anna.id), Follow.followed_id == old_id) == 1
    assert "moved" not in await anna.get(f"/api/v1/accounts/{old_id}")


async def test_nobody_moves_somebody_else(stadt: Town, old: Person, neustadt: Remote) -> None:
    await follower(stadt, "anna", old)
    mallory = also_known_as(neustadt.person("mallory"), old.uri)
    neighbour = old.server.person("mallory")
    await stadt.accept(neighbour, neighbour.activity("Move", old.uri, target=mallory.uri))
    await stadt.accept(mallory, mallory.activity("Move", old.uri, target=mallory.uri))
    assert await stadt.count(Move) == 0


async def test_once_a_week_is_enough(stadt: Town, old: Person, new: Person) -> None:
    await follower(stadt, "anna", old)
    await moved(stadt, old, new)
    again = also_known_as(new.server.person("ada2"), old.uri)
    await moved(stadt, old, again)
    new_id, again_id = await ids(stadt, new, again)
    assert await stadt.count(Move, Move.target_id == new_id) == 1

    def a_week_later(unit: Unit) -> None:
        unit.execute(update(Move).values(created_at=unit.now - timedelta(days=7, minutes=1)))

    await stadt.write(a_week_later)
    await moved(stadt, old, again)
    assert await stadt.count(Move, Move.target_id == again_id) == 1


async def test_who_wants_nothing_of_the_new_one_stays(stadt: Town, old: Person, new: Person) -> None:
    old_id, new_id = await ids(stadt, old, new)
    for name, path, data in (
        ("bert", f"/api/v1/accounts/{new_id}/block", {}),
        ("carla", "/api/v1/domain_blocks", {"domain": new.server.domain}),
    ):
        client = await follower(stadt, name, old)
        await client.post(path, data=data)
    await moved(stadt, old, new)
    assert await stadt.count(Follow, Follow.followed_id == old_id) == 2
    assert await stadt.count(Follow, Follow.followed_id == new_id) == 0


async def test_blocks_and_mutes_hold_for_the_new_one(
    stadt: Town, old: Person, new: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moves, "BATCH", 2)
    old_id, new_id = await ids(stadt, old, new)
    for name, deed in (("bert", "block"), ("egon", "block"), ("fritz", "block"), ("carla", "mute"), ("gerda", "mute")):
        client = await app_of(stadt, name)
        await client.post(f"/api/v1/accounts/{old_id}/{deed}", data={"notifications": "false"})
    friend = await follower(stadt, "dora", new)
    await friend.post(f"/api/v1/accounts/{old_id}/block")
    await moved(stadt, old, new)
    assert await stadt.count(Block, Block.target_id == new_id) == 3
    assert await stadt.count(Mute, Mute.target_id == new_id, ~Mute.hides_notifications) == 2
    assert await stadt.count(Follow, Follow.followed_id == new_id) == 1


async def test_somebody_may_move_here(stadt: Town, old: Person) -> None:
    await follower(stadt, "anna", old)
    here = await stadt.resident("ada")

    def say_so(unit: Unit) -> None:
        unit.execute(update(Actor).where(Actor.id == here.id).values(also_known_as=[old.uri]))

    await stadt.write(say_so)
    await moved(stadt, old, here.uri)
    assert await stadt.count(Follow, Follow.followed_id == here.id, Follow.accepted_at.is_not(None)) == 1
