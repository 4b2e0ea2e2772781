"""A08: a key document with the id of another key says nothing about that key."""

import pytest

from tests.fediverse import CONTEXT, Remote
from tests.security.attack import repelled
from tests.town import Town


async def test_a_key_cannot_replace_another_servers_key(stadt: Town, nachbar: Remote, boese: Remote) -> None:
    resident = await stadt.resident("anna")
    bob, mallory = nachbar.person("bob"), boese.person("mallory")
    await stadt.accept(bob, bob.activity("Follow", resident.uri))
    pem = mallory.document()["publicKey"]["publicKeyPem"]

    for path, owner in (("/k1", bob.uri), ("/k2", mallory.uri)):
        boese.documents[path] = {"@context": CONTEXT, "id": bob.key_id, "owner": owner, "publicKeyPem": pem}
        async with repelled(stadt, nachbar):
            for sender_says in (mallory, bob):
                activity = sender_says.activity("Follow", resident.uri)
                assert await stadt.deliver(mallory, activity, key_id=boese.origin + path) == 401
            assert await stadt.deliver(mallory, bob.activity("Follow", resident.uri), key_id=bob.key_id) == 401

    await stadt.accept(bob, bob.activity("Follow", resident.uri))


async def test_a_key_cannot_replace_that_of_a_neighbour(stadt: Town, nachbar: Remote) -> None:
    """Mallory's own document lists a second key, under the id of Bob's."""
    resident = await stadt.resident("anna")
    bob, mallory = nachbar.person("bob"), nachbar.person("mallory")
    for person in (bob, mallory):
        await stadt.meet(person)
    stolen = {**mallory.document()["publicKey"], "id": bob.key_id}
    document = {**mallory.document(), "publicKey": [mallory.document()["publicKey"], stolen]}
    nachbar.documents["/users/mallory"] = document

    async with repelled(stadt, nachbar, but_for={"inbox_items"}):
        await stadt.accept(mallory, mallory.activity("Update", document))
        assert await stadt.deliver(mallory, bob.activity("Follow", resident.uri), key_id=bob.key_id) == 401


@pytest.mark.parametrize("bob_first", [True, False])
async def test_a_key_that_two_actors_list_is_its_owners(stadt: Town, nachbar: Remote, bob_first: bool) -> None:
    """Keys with addresses of their own, as GoToSocial has them: listing Bob's helps nobody, and hinders Bob once."""
    resident = await stadt.resident("anna")
    bob, mallory = nachbar.person("bob"), nachbar.person("mallory")
    key_id = f"{nachbar.origin}/keys/bob"
    genuine = {**bob.document()["publicKey"], "id": key_id}
    nachbar.documents["/keys/bob"] = {"@context": CONTEXT, **genuine}
    nachbar.documents["/users/bob"] = {**bob.document(), "publicKey": genuine}
    stolen = {**mallory.document()["publicKey"], "id": key_id}
    nachbar.documents["/users/mallory"] = {**mallory.document(), "publicKey": [mallory.document()["publicKey"], stolen]}
    for person in (bob, mallory) if bob_first else (mallory, bob):
        await stadt.meet(person)

    async with repelled(stadt, nachbar):
        assert await stadt.deliver(mallory, bob.activity("Follow", resident.uri), key_id=key_id) == 401
    await stadt.accept(bob, bob.activity("Follow", resident.uri), key_id=key_id)
