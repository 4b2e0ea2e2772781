"""A19: a handle belongs to the domain that says so by WebFinger; until then an actor is at home where its id is."""

from activitypub.graph.actors import find_by_handle
from tests.fediverse import ACTIVITY_TYPE, Person, Remote
from tests.security.attack import serves
from tests.town import Town


def finger(subject: str, actor_uri: str) -> dict[str, object]:
    return {"subject": subject, "links": [{"rel": "self", "type": ACTIVITY_TYPE, "href": actor_uri}]}


def claim(person: Person, handle: str) -> None:
    """Let an actor claim a handle in its own document (FEP-2c59)."""
    person.server.documents[f"/users/{person.username}"] = {**person.document(), "webfinger": handle}


async def is_known_as(stadt: Town, person: Person, username: str, domain: str) -> bool:
    holder = await stadt.read(find_by_handle, username, domain)
    return holder is not None and holder.uri == person.uri


async def test_a_claimed_handle_of_another_server_is_not_believed(stadt: Town, nachbar: Remote, boese: Remote) -> None:
    resident = await stadt.resident("anna")
    bob, impostor = nachbar.person("bob"), boese.person("bob")
    await stadt.accept(bob, bob.activity("Follow", resident.uri))
    claim(impostor, f"bob@{nachbar.domain}")
    boese.fingers[f"acct:bob@{boese.domain}"] = finger(f"acct:bob@{nachbar.domain}", impostor.uri)

    await stadt.accept(impostor, impostor.activity("Follow", resident.uri))

    assert await is_known_as(stadt, bob, "bob", nachbar.domain)
    assert await is_known_as(stadt, impostor, "bob", boese.domain)
    await serves(stadt, nachbar)


async def test_a_handle_nobody_holds_is_not_believed_either(stadt: Town, nachbar: Remote, boese: Remote) -> None:
    resident, impostor = await stadt.resident("anna"), boese.person("mallory")
    for handle in (f"mallory@{nachbar.domain}", f"rathaus@{nachbar.domain}", "mallory@no.such.test", "mallory@[::1]"):
        claim(impostor, handle)
        await stadt.accept(impostor, impostor.activity("Follow", resident.uri))
        await stadt.accept(impostor, impostor.activity("Update", impostor.document()))
        assert await is_known_as(stadt, impostor, "mallory", boese.domain), handle
    await serves(stadt, nachbar)


async def test_our_own_handles_cannot_be_claimed(stadt: Town, nachbar: Remote, boese: Remote) -> None:
    resident, impostor = await stadt.resident("anna"), boese.person("anna")
    claim(impostor, f"anna@{stadt.host}:{stadt.port}")

    await stadt.accept(impostor, impostor.activity("Follow", resident.uri))

    ours = await stadt.read(find_by_handle, "anna", None)
    assert ours is not None
    assert ours.id == resident.id
    assert await is_known_as(stadt, impostor, "anna", boese.domain)
    assert stadt.host not in stadt.looked_up
    await serves(stadt, nachbar)


async def test_a_split_domain_is_believed_when_it_points_back(stadt: Town, nachbar: Remote, boese: Remote) -> None:
    """The social server of a town whose handles are on the town's own domain."""
    resident, anna = await stadt.resident("anna"), boese.person("stadt")
    claim(anna, f"stadt@{nachbar.domain}")
    nachbar.fingers[f"acct:stadt@{nachbar.domain}"] = finger(f"acct:stadt@{nachbar.domain}", anna.uri)

    await stadt.accept(anna, anna.activity("Follow", resident.uri))
    assert await is_known_as(stadt, anna, "stadt", nachbar.domain)

    nachbar.fingers[f"acct:stadt@{nachbar.domain}"] = finger(f"acct:stadt@{nachbar.domain}", f"{anna.uri}2")
    await stadt.accept(anna, anna.activity("Update", anna.document()))
    assert await is_known_as(stadt, anna, "stadt", boese.domain)
    await serves(stadt, nachbar)
