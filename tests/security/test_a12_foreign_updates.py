"""A12: only its author edits a post, tallies of a poll included, and only the actor itself its profile."""

import pytest

from activitypub.models import Status
from tests import acts
from tests.fediverse import Person, Remote
from tests.security.attack import follower_of, repelled
from tests.town import Town


@pytest.fixture(params=["elsewhere", "beside"])
def mallory(request: pytest.FixtureRequest, nachbar: Remote, boese: Remote) -> Person:
    """Somebody on another server, and somebody on the author's own."""
    return (boese if request.param == "elsewhere" else nachbar).person("mallory")


async def test_nobody_edits_the_post_of_another(stadt: Town, nachbar: Remote, mallory: Person) -> None:
    bob = nachbar.person("bob")
    await follower_of(stadt, bob)
    await stadt.meet(mallory)
    options = [{"type": "Note", "name": name, "replies": {"totalItems": 1}} for name in ("ja", "nein")]
    poll = bob.note(type="Question", oneOf=options, endTime="2030-01-01T00:00:00Z")
    note = bob.note()
    for document in (note, poll):
        await stadt.accept(bob, bob.create(document))

    async with repelled(stadt, nachbar, but_for={"inbox_items"}):
        for document in (note, poll):
            edited = {**document, "content": "<p>Falsch</p>", "updated": "2030-01-01T00:00:00Z", "oneOf": options[:1]}
            for claim in ({}, {"attributedTo": mallory.uri}, {"attributedTo": [bob.uri, mallory.uri]}):
                status = await stadt.deliver(mallory, mallory.activity("Update", {**edited, **claim}))
                # Attributed to both, it is Bob's: it is taken in and changes nothing.
                allowed = {403, 202} if mallory.server is nachbar else {403}
                assert status in allowed, claim
            assert await stadt.deliver(mallory, mallory.activity("Update", edited, actor=bob.uri)) == 401

    await stadt.accept(
        bob, bob.activity("Update", {**note, "content": "<p>Neu</p>", "updated": "2030-01-01T00:00:00Z"})
    )
    assert await stadt.count(Status, Status.uri == note["id"], Status.edited_at.is_not(None)) == 1


async def test_nobody_edits_another_actor(stadt: Town, nachbar: Remote, mallory: Person) -> None:
    resident = await stadt.resident("anna")
    bob = nachbar.person("bob")
    for person in (bob, mallory):
        await stadt.meet(person)
    forged = {**bob.document(), "name": "Falsch", "publicKey": mallory.document()["publicKey"]}

    async with repelled(stadt, nachbar):
        assert await stadt.deliver(mallory, mallory.activity("Update", forged)) == 403
        ours = {**forged, "id": resident.uri, "inbox": f"{mallory.uri}/inbox"}
        assert await stadt.deliver(mallory, mallory.activity("Update", ours)) == 403


async def test_an_embedded_profile_is_not_believed(stadt: Town, nachbar: Remote) -> None:
    """Even the actor's own Update only says: look again."""
    bob = nachbar.person("bob")
    await stadt.meet(bob)
    async with repelled(stadt, nachbar, but_for={"inbox_items"}):
        await stadt.accept(bob, bob.activity("Update", {**bob.document(), "name": "Anders als serviert"}))


async def test_nobody_from_outside_edits_what_is_ours(stadt: Town, nachbar: Remote, mallory: Person) -> None:
    resident = await stadt.resident("anna")
    post = await stadt.write(acts.write, resident)
    await stadt.meet(mallory)
    status, document = await stadt.get(f"/users/anna/statuses/{post.id}")
    assert status == 200

    async with repelled(stadt, nachbar):
        for kind in ("Update", "Create"):
            for author in (resident.uri, mallory.uri):
                forged = {**document, "content": "<p>Falsch</p>", "attributedTo": author}
                assert await stadt.deliver(mallory, mallory.activity(kind, forged)) == 403
