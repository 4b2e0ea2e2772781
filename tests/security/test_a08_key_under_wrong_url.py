"""A08: a key document with the id of another key says nothing about that key."""

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
    await stadt.meet(bob)
    await stadt.meet(mallory)
    stolen = {**mallory.document()["publicKey"], "id": bob.key_id}
    document = {**mallory.document(), "publicKey": [mallory.document()["publicKey"], stolen]}
    nachbar.documents["/users/mallory"] = document

    async with repelled(stadt, nachbar, but_for={"inbox_items"}):
        await stadt.deliver(mallory, mallory.activity("Update", document))
        await stadt.settle()
        assert await stadt.deliver(mallory, bob.activity("Follow", resident.uri), key_id=bob.key_id) == 401
