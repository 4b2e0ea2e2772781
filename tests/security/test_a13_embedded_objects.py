"""A13: an object that comes inside somebody else's activity is a rumour; its origin is asked, or it is dropped."""

from typing import Any

import pytest

from activitypub.models import Announce
from tests import acts
from tests.fediverse import Remote
from tests.security.attack import contents, follower_of, repelled, serves
from tests.town import Town


async def test_an_announced_copy_is_read_from_its_origin(stadt: Town, nachbar: Remote, boese: Remote) -> None:
    bob, mallory = nachbar.person("bob"), boese.person("mallory")
    await follower_of(stadt, mallory)
    note = bob.note("<p>Echt</p>")

    await stadt.accept(mallory, mallory.activity("Announce", {**note, "content": "<p>Falsch</p>"}))

    assert await contents(stadt) == ["<p>Echt</p>"]
    assert await stadt.count(Announce) == 1
    await serves(stadt, nachbar)


async def test_a_copy_that_nobody_confirms_is_dropped(
    stadt: Town, nachbar: Remote, boese: Remote, subtests: pytest.Subtests
) -> None:
    bob, mallory = nachbar.person("bob"), boese.person("mallory")
    await follower_of(stadt, mallory)
    await stadt.meet(bob)
    for kind in ["Announce", "Like", "Add", "Create", "Update"]:
        with subtests.test(kind=kind):
            note = bob.note("<p>Falsch</p>")
            del nachbar.documents[note["id"].removeprefix(nachbar.origin)]
            extra: dict[str, Any] = {"target": f"{mallory.uri}/featured"} if kind == "Add" else {}

            async with repelled(stadt, nachbar, but_for={"inbox_items"}):
                expected = 403 if kind in ("Create", "Update") else 202
                assert await stadt.deliver(mallory, mallory.activity(kind, note, **extra)) == expected
                wrapped = mallory.activity(kind, mallory.create(note), **extra)
                assert await stadt.deliver(mallory, wrapped) == 202


async def test_an_announced_copy_does_not_edit_a_known_post(stadt: Town, nachbar: Remote, boese: Remote) -> None:
    bob, mallory = nachbar.person("bob"), boese.person("mallory")
    await follower_of(stadt, bob)
    await follower_of(stadt, mallory, "berta")
    note = bob.note("<p>Echt</p>")
    await stadt.accept(bob, bob.create(note))

    forged = {**note, "content": "<p>Falsch</p>", "updated": "2030-01-01T00:00:00Z"}
    await stadt.accept(mallory, mallory.activity("Announce", forged))
    await stadt.accept(mallory, mallory.activity("Like", forged))

    assert await contents(stadt) == ["<p>Echt</p>"]
    await serves(stadt, nachbar)


async def test_an_announced_copy_of_ours_is_ours(stadt: Town, nachbar: Remote, boese: Remote) -> None:
    mallory = boese.person("mallory")
    resident = await follower_of(stadt, mallory)
    post = await stadt.write(acts.write, resident, "<p>Echt</p>")
    forged = {**mallory.note("<p>Falsch</p>"), "id": post.uri, "attributedTo": resident.uri}

    await stadt.accept(mallory, mallory.activity("Announce", forged))
    await stadt.accept(mallory, mallory.activity("Announce", {**forged, "id": f"{resident.uri}/statuses/1"}))

    assert await contents(stadt) == ["<p>Echt</p>"]
    assert stadt.host not in stadt.looked_up
    await serves(stadt, nachbar)
