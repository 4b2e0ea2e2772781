"""A01: a document is what its own address serves, and nothing that another address says of it."""

from typing import Any

import pytest
from sqlalchemy import select

from activitypub.fetch import FetchError
from activitypub.models import Status
from tests.fediverse import Remote
from tests.security.attack import follower_of, repelled, serves
from tests.town import Town
from webfinger.handle import parse_handle


async def test_a_note_that_claims_a_foreign_id_is_read_from_there(stadt: Town, nachbar: Remote, boese: Remote) -> None:
    mallory, bob = boese.person("mallory"), nachbar.person("bob")
    await follower_of(stadt, mallory)
    genuine = bob.note("<p>Echt</p>")
    boese.documents["/x"] = {**genuine, "content": "<p>Falsch</p>"}

    await stadt.accept(mallory, mallory.activity("Announce", f"{boese.origin}/x"))

    contents = await stadt.read(lambda session: session.scalars(select(Status.content)).all())
    assert [str(content) for content in contents] == ["<p>Echt</p>"]
    path = genuine["id"].removeprefix(nachbar.origin)
    assert nachbar.requested.count(path) == 1
    await serves(stadt, nachbar)


async def test_a_note_that_its_own_address_denies_is_dropped(stadt: Town, nachbar: Remote, boese: Remote) -> None:
    mallory, bob = boese.person("mallory"), nachbar.person("bob")
    await follower_of(stadt, mallory)
    await stadt.meet(bob)
    genuine = bob.note()
    elsewhere = bob.note()
    path = genuine["id"].removeprefix(nachbar.origin)
    boese.documents["/x"] = genuine

    for answer in (None, elsewhere, {**genuine, "id": f"{boese.origin}/x"}):
        nachbar.documents[path] = answer
        nachbar.requested.clear()
        async with repelled(stadt, nachbar, but_for={"inbox_items"}):
            await stadt.accept(mallory, mallory.activity("Announce", f"{boese.origin}/x"))
            assert nachbar.requested == [path]  # one refetch, and no second chance


@pytest.mark.parametrize("known", [True, False])
async def test_an_actor_document_elsewhere_changes_nobody(
    stadt: Town, nachbar: Remote, boese: Remote, known: bool
) -> None:
    resident = await stadt.resident("anna")
    mallory, bob = boese.person("mallory"), nachbar.person("bob")
    if known:
        await stadt.meet(bob)
    forged: dict[str, Any] = {**bob.document(), "name": "Falsch", "publicKey": mallory.document()["publicKey"]}
    boese.documents["/users/mallory"] = forged

    async with repelled(stadt, nachbar):
        assert await stadt.deliver(mallory, mallory.activity("Follow", resident.uri)) == 401


async def test_a_handle_leads_to_no_forged_actor(stadt: Town, nachbar: Remote, boese: Remote) -> None:
    boese.person("mallory")
    bob = nachbar.person("bob")
    await stadt.meet(bob)
    boese.documents["/users/mallory"] = {**bob.document(), "name": "Falsch"}

    async with repelled(stadt, nachbar):
        handle = parse_handle(f"mallory@{boese.domain}", test_network=True)
        try:
            found = await stadt.app.server.resolver.handle(handle)
        except FetchError:
            return
        assert (found.uri, found.name) == (bob.uri, "Bob")
