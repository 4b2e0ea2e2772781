"""A06: what a key says about its owner counts only if the owner says the same about the key."""

from tests.fediverse import CONTEXT, Person, Remote
from tests.security.attack import repelled
from tests.town import Town


def key_of(owner: str, key_id: str, maker: Person, property_name: str = "owner") -> dict[str, object]:
    """A key document on its own, which claims an owner."""
    pem = maker.document()["publicKey"]["publicKeyPem"]
    return {"@context": CONTEXT, "id": key_id, "type": "Key", property_name: owner, "publicKeyPem": pem}


async def test_a_key_that_its_owner_does_not_list_is_refused_once_and_remembered(stadt: Town, nachbar: Remote) -> None:
    resident = await stadt.resident("anna")
    bob, mallory = nachbar.person("bob"), nachbar.person("mallory")
    for person in (bob, mallory):
        await stadt.meet(person)

    async with repelled(stadt, nachbar):
        for name in ("owner", "controller"):
            key_id = f"{nachbar.origin}/{name}"
            nachbar.documents[f"/{name}"] = key_of(bob.uri, key_id, mallory, name)
            for _ in range(5):
                assert await stadt.deliver(mallory, bob.activity("Follow", resident.uri), key_id=key_id) == 401
            assert nachbar.requested.count(f"/{name}") == 1


async def test_a_key_of_another_server_is_refused_unseen(stadt: Town, nachbar: Remote, boese: Remote) -> None:
    resident = await stadt.resident("anna")
    bob, mallory = nachbar.person("bob"), boese.person("mallory")
    key_id = f"{boese.origin}/key"
    boese.documents["/key"] = key_of(bob.uri, key_id, mallory)

    async with repelled(stadt, nachbar):
        assert await stadt.deliver(mallory, bob.activity("Follow", resident.uri), key_id=key_id) == 401
        assert (boese.requested, nachbar.requested) == ([], [])


async def test_a_key_that_names_an_owner_elsewhere_speaks_for_nobody(
    stadt: Town, nachbar: Remote, boese: Remote
) -> None:
    """Even where the owner's document lists the foreign key, and for an activity of the key's own server."""
    resident = await stadt.resident("anna")
    bob, mallory = nachbar.person("bob"), boese.person("mallory")
    key_id = f"{boese.origin}/key"
    boese.documents["/key"] = key_of(bob.uri, key_id, mallory)
    nachbar.documents["/users/bob"] = {**bob.document(), "publicKey": key_of(bob.uri, key_id, mallory)}
    await stadt.meet(bob)
    asked = list(nachbar.requested)

    async with repelled(stadt, nachbar):
        assert await stadt.deliver(mallory, mallory.activity("Follow", resident.uri), key_id=key_id) == 401
        assert nachbar.requested == asked  # nor does it make us ask the other server


async def test_a_standalone_key_that_its_owner_lists_is_believed(stadt: Town, nachbar: Remote) -> None:
    resident, bob = await stadt.resident("anna"), nachbar.person("bob")
    key_id = f"{nachbar.origin}/keys/1"
    nachbar.documents["/keys/1"] = key_of(bob.uri, key_id, bob)
    nachbar.documents["/users/bob"] = {**bob.document(), "publicKey": key_of(bob.uri, key_id, bob)}

    await stadt.accept(bob, bob.activity("Follow", resident.uri), key_id=key_id)

    known = await stadt.known(bob)
    assert known is not None
    assert known.following_count == 1
