"""A16: an actor adds only its own posts, and only to its own collections."""

import pytest

from activitypub.models import Status
from tests import acts
from tests.fediverse import Remote
from tests.security.attack import follower_of, repelled
from tests.town import Town


@pytest.mark.parametrize("kind", ["Add", "Remove"])
async def test_nobody_changes_the_collection_of_another(stadt: Town, nachbar: Remote, boese: Remote, kind: str) -> None:
    bob, mallory, beside = nachbar.person("bob"), boese.person("mallory"), nachbar.person("mallory")
    await follower_of(stadt, bob)
    resident = await follower_of(stadt, mallory, "berta")
    post = await stadt.write(acts.write, resident)
    note, own = bob.note(), mallory.note()
    await stadt.accept(bob, bob.create(note))
    await stadt.accept(mallory, mallory.create(own))
    await stadt.meet(beside)
    if kind == "Remove":
        await stadt.accept(bob, bob.activity("Add", note["id"], target=f"{bob.uri}/featured"))
    pinned = Status.pinned_at.is_not(None)
    before = await stadt.count(Status, pinned)

    targets = [f"{bob.uri}/featured", f"{resident.uri}/featured", f"{mallory.uri}/followers", f"{bob.uri}/followers"]
    async with repelled(stadt, nachbar, but_for={"inbox_items"}):
        for attacker in (mallory, beside):
            for target in [*targets, f"{attacker.uri}/featured"]:
                things = [note["id"], note, post.uri, bob.uri, resident.uri]
                for thing in things if target == f"{attacker.uri}/featured" else [*things, own["id"]]:
                    await stadt.accept(attacker, attacker.activity(kind, thing, target=target))
    assert await stadt.count(Status, pinned) == before


async def test_its_own_post_in_its_own_collection_is_shown(stadt: Town, nachbar: Remote) -> None:
    bob = nachbar.person("bob")
    await follower_of(stadt, bob)
    note = bob.note()
    await stadt.accept(bob, bob.create(note))
    for kind, count in (("Add", 1), ("Remove", 0)):
        await stadt.accept(bob, bob.activity(kind, note["id"], target=f"{bob.uri}/featured"))
        assert await stadt.count(Status, Status.pinned_at.is_not(None)) == count
