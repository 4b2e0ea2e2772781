"""A14: nobody but its author opens a post to others, and an edit opens it to nobody who is not named in it."""

from typing import Any

import pytest

from activitypub.models import Mention, Status
from activitypub.vocabulary import Visibility
from tests import acts
from tests.fediverse import PUBLIC, Person, Remote
from tests.security.attack import follower_of, repelled
from tests.town import Town


@pytest.fixture(params=["elsewhere", "beside"])
def mallory(request: pytest.FixtureRequest, nachbar: Remote, boese: Remote) -> Person:
    """Somebody on another server, and somebody on the author's own."""
    return (boese if request.param == "elsewhere" else nachbar).person("mallory")


def widened(note: dict[str, Any], mallory: Person) -> dict[str, Any]:
    """The same note, addressed to everyone, to Mallory and to Mallory's followers."""
    mention = {"type": "Mention", "href": mallory.uri, "name": "@mallory"}
    return {**note, "to": [PUBLIC, mallory.followers, mallory.uri], "cc": [], "tag": [mention]}


async def test_a_known_private_post_stays_private(stadt: Town, nachbar: Remote, mallory: Person) -> None:
    bob = nachbar.person("bob")
    await follower_of(stadt, bob)
    await stadt.meet(mallory)
    note = bob.note(to=[bob.followers], cc=[])
    await stadt.accept(bob, bob.create(note))

    async with repelled(stadt, nachbar, but_for={"inbox_items"}):
        for kind in ("Create", "Update"):
            for author in (bob.uri, mallory.uri, [bob.uri, mallory.uri]):
                forged = {
                    **widened(note, mallory),
                    "attributedTo": author,
                    "content": "<p>Offen</p>",
                    "updated": "2030-01-01T00:00:00Z",
                }
                await stadt.deliver(mallory, mallory.activity(kind, forged, to=forged["to"]))

    private = Status.visibility == Visibility.PRIVATE
    assert await stadt.count(Status, Status.uri == note["id"], private) == 1


async def test_a_second_create_of_its_author_opens_nothing(stadt: Town, nachbar: Remote, mallory: Person) -> None:
    bob = nachbar.person("bob")
    await follower_of(stadt, bob)
    await stadt.meet(mallory)
    note = bob.note(to=[bob.followers], cc=[])
    await stadt.accept(bob, bob.create(note))

    async with repelled(stadt, nachbar, but_for={"inbox_items"}):
        await stadt.accept(bob, bob.create(widened(note, mallory)))


async def test_a_private_post_of_ours_stays_hidden_from_the_attacker(
    stadt: Town, nachbar: Remote, mallory: Person
) -> None:
    resident, bob = await stadt.resident("anna"), nachbar.person("bob")
    post = await stadt.write(acts.write, resident, visibility=Visibility.DIRECT, mentions=[await stadt.meet(bob)])
    await stadt.meet(mallory)
    path = post.uri.removeprefix(stadt.origin)
    assert (await stadt.get(path, headers=bob.asking(post.uri)))[0] == 200

    async with repelled(stadt, nachbar, but_for={"inbox_items"}):
        forged = widened({**mallory.note(), "id": post.uri}, mallory)
        for kind in ("Create", "Update", "Announce", "Like"):
            for author in (resident.uri, mallory.uri):
                forged["attributedTo"] = author
                await stadt.deliver(mallory, mallory.activity(kind, forged, to=forged["to"]))
        assert (await stadt.get(path, headers=mallory.asking(post.uri)))[0] == 404
        assert (await stadt.get(path))[0] == 404
    assert await stadt.count(Mention, Mention.status_id == post.id) == 1
