"""A18: nobody's followers are moved without the word of both, nor round in circles, nor on and on."""

import pytest

from activitypub.models import Follow, Move
from tests.fediverse import Person, Remote
from tests.security.attack import follower_of, repelled
from tests.town import Town


def says(person: Person, **more: object) -> None:
    person.server.documents[f"/users/{person.username}"] = {**person.document(), **more}


async def test_followers_are_not_moved_to_who_does_not_say_so(
    stadt: Town, nachbar: Remote, boese: Remote, subtests: pytest.Subtests
) -> None:
    mallory, bob = boese.person("mallory"), nachbar.person("bob")
    anna = await follower_of(stadt, mallory)
    await stadt.meet(bob)
    async with repelled(stadt, nachbar, but_for={"inbox_items", "actors", "actor_keys"}):
        for names in ([], [f"{mallory.uri}x"], [mallory.uri.upper()], {"id": f"{boese.origin}/users/else"}, 7):
            with subtests.test(str(names)):
                says(bob, alsoKnownAs=names)
                await stadt.accept(mallory, mallory.activity("Move", mallory.uri, target=bob.uri))
                assert await stadt.count(Move) == 0
        says(bob, alsoKnownAs=[mallory.uri])
        for origin, target in ((bob.uri, mallory.uri), (anna.uri, bob.uri), (mallory.uri, anna.uri)):
            with subtests.test(f"{origin} to {target}"):
                await stadt.accept(mallory, mallory.activity("Move", origin, target=target))
                assert await stadt.count(Move) == 0


async def test_a_move_leads_no_further_and_not_back(stadt: Town, nachbar: Remote, boese: Remote) -> None:
    mallory, second, third = boese.person("mallory"), boese.person("second"), boese.person("third")
    await follower_of(stadt, mallory)
    names = [person.uri for person in (mallory, second, third)]
    for person in (mallory, second, third):
        says(person, alsoKnownAs=names)
    await stadt.accept(mallory, mallory.activity("Move", mallory.uri, target=second.uri))
    await stadt.until(Move, Move.after_id.is_(None))
    assert await stadt.count(Follow, Follow.followed_id == (await stadt.meet(second)).id) == 1

    async with repelled(stadt, nachbar, but_for={"inbox_items", "actors", "actor_keys"}):
        for target in (third, mallory):
            await stadt.accept(second, second.activity("Move", second.uri, target=target.uri))
        await stadt.accept(mallory, mallory.activity("Move", mallory.uri, target=third.uri))


async def test_nobody_is_moved_to_who_has_left_too(stadt: Town, nachbar: Remote, boese: Remote) -> None:
    mallory, empty = boese.person("mallory"), boese.person("empty")
    await follower_of(stadt, mallory)
    await stadt.meet(empty)
    says(empty, alsoKnownAs=[mallory.uri], movedTo=f"{boese.origin}/users/elsewhere")
    async with repelled(stadt, nachbar, but_for={"inbox_items", "actors"}):
        await stadt.accept(mallory, mallory.activity("Move", mallory.uri, target=empty.uri))
        assert await stadt.count(Move) == 0
