"""A07: an actor that is reached through a redirect, or answers in another's place, confirms no key."""

import pytest

from tests.fediverse import Remote, redirect
from tests.security.attack import repelled
from tests.town import Town


@pytest.mark.parametrize("known", [True, False])
async def test_an_actor_id_that_leads_or_belongs_to_another_confirms_nothing(
    stadt: Town, nachbar: Remote, boese: Remote, known: bool
) -> None:
    """Mallory controls what is served at a path of the server, not the actor that it names."""
    resident = await stadt.resident("anna")
    bob, mallory, elsewhere = nachbar.person("bob"), nachbar.person("mallory"), boese.person("mallory")
    if known:
        await stadt.meet(bob)
    await stadt.meet(mallory)
    forged = {**mallory.document(), "id": bob.uri}
    answers = {
        "another actor": mallory.document(),
        "redirect to another actor": redirect(mallory.uri),
        "redirect to another server": redirect(elsewhere.uri),
        "redirect to a copy": redirect(f"{boese.origin}/copy"),
        "redirect to a copy beside it": redirect(f"{nachbar.origin}/copy"),
    }
    boese.documents["/copy"] = nachbar.documents["/copy"] = forged

    for number, (name, answer) in enumerate(answers.items()):
        nachbar.documents["/users/bob"] = answer
        key_id = f"{bob.uri}#key-{number}"  # another each time, so that no refusal is remembered
        forged["publicKey"] = {**mallory.document()["publicKey"], "id": key_id, "owner": bob.uri}
        async with repelled(stadt, nachbar):
            status = await stadt.deliver(mallory, bob.activity("Follow", resident.uri), key_id=key_id)
            assert status == 401, name


async def test_an_actor_that_moved_its_document_is_known_by_its_new_id(stadt: Town, nachbar: Remote) -> None:
    """A redirect is no crime: the document counts for the id that serves it."""
    nachbar.person("bob")
    nachbar.documents["/alt"] = redirect(f"{nachbar.origin}/users/bob")
    found = await stadt.app.server.resolver.actor(f"{nachbar.origin}/alt")
    assert found.uri == f"{nachbar.origin}/users/bob"
