"""A09: nobody can use up an activity id of somebody else, so the genuine activity still counts."""

from typing import Any

from activitypub.models import Status
from inbox.models import InboxItem
from tests.fediverse import Person, Remote
from tests.security.attack import follower_of, repelled
from tests.town import Town


def create_with_id(author: Person, activity_id: str) -> dict[str, Any]:
    return {**author.create(), "id": activity_id}


async def test_an_id_of_another_server_is_refused_and_not_remembered(
    stadt: Town, nachbar: Remote, boese: Remote
) -> None:
    bob, mallory = nachbar.person("bob"), boese.person("mallory")
    await follower_of(stadt, bob)
    await follower_of(stadt, mallory, "berta")
    activity_id = f"{nachbar.origin}/act/1"

    async with repelled(stadt, nachbar):
        assert await stadt.deliver(mallory, create_with_id(mallory, activity_id)) == 401
        for kind in ("Like", "Announce", "Follow", "Delete"):
            assert await stadt.deliver(mallory, {**mallory.activity(kind, bob.uri), "id": activity_id}) == 401
    assert await stadt.count(InboxItem, InboxItem.activity_uri == activity_id) == 0

    genuine = create_with_id(bob, activity_id)
    await stadt.accept(bob, genuine)
    assert await stadt.count(Status, Status.uri == genuine["object"]["id"]) == 1


async def test_hearsay_uses_up_no_id(stadt: Town, nachbar: Remote, boese: Remote) -> None:
    """Mallory passes an altered copy on, with Bob's signature in it, before Bob's own delivery comes."""
    bob, mallory = nachbar.person("bob"), boese.person("mallory")
    await follower_of(stadt, bob)
    genuine = create_with_id(bob, f"{nachbar.origin}/act/1")
    passed_on = {**genuine, "object": f"{nachbar.origin}/nothing", "signature": {"type": "RsaSignature2017"}}

    async with repelled(stadt, nachbar, but_for={"inbox_items", "actors", "actor_keys"}):
        await stadt.accept(mallory, passed_on)

    await stadt.accept(bob, genuine)
    assert await stadt.count(Status, Status.uri == genuine["object"]["id"]) == 1
