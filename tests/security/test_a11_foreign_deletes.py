"""A11: only its author deletes a post, and only the actor itself an actor."""

import pytest

from activitypub.models import Actor, Status, Tombstone
from tests import acts
from tests.fediverse import Person, Remote
from tests.security.attack import follower_of, repelled
from tests.town import Town


@pytest.fixture(params=["elsewhere", "beside"])
def mallory(request: pytest.FixtureRequest, nachbar: Remote, boese: Remote) -> Person:
    """Somebody on another server, and somebody on the author's own."""
    return (boese if request.param == "elsewhere" else nachbar).person("mallory")


async def test_nobody_deletes_the_post_of_another(stadt: Town, nachbar: Remote, mallory: Person) -> None:
    bob = nachbar.person("bob")
    await follower_of(stadt, bob)
    await stadt.meet(mallory)
    note = bob.note()
    await stadt.accept(bob, bob.create(note))
    expected = 202 if mallory.server is nachbar else 403

    async with repelled(stadt, nachbar, but_for={"inbox_items"}):
        for target in (
            note["id"],
            {"id": note["id"], "type": "Tombstone"},
            note,
            {**note, "attributedTo": mallory.uri},
        ):
            assert await stadt.deliver(mallory, mallory.activity("Delete", target)) == expected
            assert await stadt.deliver(mallory, mallory.activity("Undo", bob.create(note))) == 403

    await stadt.accept(bob, bob.activity("Delete", note["id"]))
    assert await stadt.count(Status, Status.uri == note["id"]) == 0
    assert await stadt.count(Tombstone, Tombstone.uri == note["id"]) == 1


async def test_nobody_deletes_another_actor(stadt: Town, nachbar: Remote, mallory: Person) -> None:
    bob = nachbar.person("bob")
    await follower_of(stadt, bob)
    await stadt.meet(mallory)
    expected = 202 if mallory.server is nachbar else 403

    async with repelled(stadt, nachbar, but_for={"inbox_items"}):
        for target in (bob.uri, {"id": bob.uri, "type": "Tombstone"}):
            assert await stadt.deliver(mallory, mallory.activity("Delete", target)) == expected
        assert await stadt.deliver(mallory, mallory.activity("Delete", bob.document())) == 403

    await stadt.accept(bob, bob.activity("Delete", bob.uri))
    assert await stadt.count(Actor, Actor.uri == bob.uri) == 0


async def test_nobody_from_outside_deletes_what_is_ours(stadt: Town, nachbar: Remote, mallory: Person) -> None:
    resident = await stadt.resident("anna")
    post = await stadt.write(acts.write, resident)
    await stadt.meet(mallory)

    async with repelled(stadt, nachbar):
        for target in (post.uri, resident.uri, {"id": post.uri, "type": "Tombstone"}):
            assert await stadt.deliver(mallory, mallory.activity("Delete", target)) == 403


async def test_hearsay_of_an_end_is_checked_at_the_origin(stadt: Town, nachbar: Remote, boese: Remote) -> None:
    bob, mallory = nachbar.person("bob"), boese.person("mallory")
    await follower_of(stadt, bob)
    await stadt.meet(mallory)
    note = bob.note()
    await stadt.accept(bob, bob.create(note))
    rumour = bob.activity("Delete", note["id"], signature={"type": "RsaSignature2017"})

    async with repelled(stadt, nachbar, but_for={"inbox_items"}):
        await stadt.accept(mallory, rumour)

    del nachbar.documents[note["id"].removeprefix(nachbar.origin)]
    await stadt.accept(mallory, {**rumour, "id": nachbar.fresh_id("delete")})
    assert await stadt.count(Status, Status.uri == note["id"]) == 0
