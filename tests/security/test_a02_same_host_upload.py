"""A02: an id is exactly the address that serves it; a file that somebody put on the same host is no actor."""

import pytest

from activitypub.models import Actor, Status
from tests.fediverse import Remote
from tests.security.attack import follower_of, repelled
from tests.town import Town

UPLOAD = "/media/a.json"


@pytest.mark.parametrize("known", [True, False])
async def test_an_upload_brings_no_key_for_an_actor(stadt: Town, nachbar: Remote, boese: Remote, known: bool) -> None:
    resident = await stadt.resident("anna")
    bob, mallory = nachbar.person("bob"), boese.person("mallory")
    if known:
        await stadt.meet(bob)
    key_id = f"{nachbar.origin}{UPLOAD}#key"
    forged_key = {**mallory.document()["publicKey"], "id": key_id, "owner": bob.uri}
    nachbar.documents[UPLOAD] = {**bob.document(), "publicKey": forged_key}

    # The upload itself is not stored; that bob's own document was read and stored is not its doing.
    async with repelled(stadt, nachbar, but_for=() if known else {"actors", "actor_keys"}):
        assert await stadt.deliver(mallory, bob.activity("Follow", resident.uri), key_id=key_id) == 401
    assert await stadt.count(Actor, Actor.uri == nachbar.origin + UPLOAD) == 0


async def test_a_key_beside_the_actor_must_be_listed_by_it(stadt: Town, nachbar: Remote, boese: Remote) -> None:
    resident = await stadt.resident("anna")
    bob, mallory = nachbar.person("bob"), boese.person("mallory")
    await stadt.meet(bob)
    key_id = f"{nachbar.origin}{UPLOAD}"
    nachbar.documents[UPLOAD] = {**mallory.document()["publicKey"], "id": key_id, "owner": bob.uri}

    async with repelled(stadt, nachbar):
        assert await stadt.deliver(mallory, bob.activity("Follow", resident.uri), key_id=key_id) == 401


async def test_an_uploaded_note_is_read_from_the_id_it_claims(stadt: Town, nachbar: Remote) -> None:
    bob, paul = nachbar.person("bob"), nachbar.person("paul")
    await follower_of(stadt, paul)
    await stadt.meet(bob)
    claimed = f"{bob.uri}/notes/1"
    nachbar.documents[UPLOAD] = {**bob.note("<p>Falsch</p>"), "id": claimed}

    async with repelled(stadt, nachbar, but_for={"inbox_items"}):
        await stadt.accept(paul, paul.activity("Announce", nachbar.origin + UPLOAD))
        assert UPLOAD in nachbar.requested
    assert await stadt.count(Status, Status.uri.in_([claimed, nachbar.origin + UPLOAD])) == 0
