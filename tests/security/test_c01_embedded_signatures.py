"""C01: a signature inside a document gives it no authority here: what it speaks of is read from its origin."""

from typing import Any

import pytest

from activitypub.models import Announce, Follow, Like, Status
from tests import acts
from tests.fediverse import Remote
from tests.security.attack import contents, follower_of, one_of_each, repelled, serves
from tests.town import Town

SIGNATURE = {"type": "RsaSignature2017", "created": "2026-11-23T00:00:00Z", "signatureValue": "AAAA"}
PROOF = {"type": "DataIntegrityProof", "cryptosuite": "eddsa-jcs-2022", "proofPurpose": "assertionMethod"}


@pytest.mark.parametrize("name", ["signature", "proof"])
async def test_hearsay_of_any_kind_has_no_effect_of_its_own(
    stadt: Town, nachbar: Remote, boese: Remote, name: str
) -> None:
    bob, mallory = nachbar.person("bob"), boese.person("mallory")
    resident = await follower_of(stadt, bob)
    await stadt.meet(mallory)
    post = await stadt.write(acts.write, resident)
    embedded = {"signature": {**SIGNATURE, "creator": bob.key_id}, "proof": {**PROOF, "verificationMethod": bob.key_id}}

    async with repelled(stadt, nachbar, but_for={"inbox_items"}):
        for kind, activity in one_of_each(bob, resident=resident.uri, status=post.uri).items():
            for uri in [uri for uri in nachbar.documents if uri.startswith("/notes/")]:
                del nachbar.documents[uri]  # nothing is confirmed
            status = await stadt.deliver(mallory, {**activity, name: embedded[name]})
            assert status == 202, kind


async def test_what_the_origin_confirms_is_taken_from_the_origin(stadt: Town, nachbar: Remote, boese: Remote) -> None:
    bob, mallory = nachbar.person("bob"), boese.person("mallory")
    await follower_of(stadt, bob)
    note = bob.note()
    lies: dict[str, Any] = {**note, "content": "<p>Falsch</p>", "summary": "Falsch", "to": [bob.uri], "cc": []}
    for kind in ("Create", "Update", "Announce"):
        rumour = bob.activity(kind, lies, signature=SIGNATURE)
        await stadt.accept(mallory, rumour)
    assert await contents(stadt) == ["<p>Guten Tag</p>"]
    assert await stadt.count(Status, Status.uri == note["id"], Status.summary == "", Status.visibility == "public") == 1
    assert await stadt.count(Announce) + await stadt.count(Like) == 0
    await serves(stadt, nachbar)


async def test_a_broken_embedded_signature_of_the_author_changes_nothing(stadt: Town, nachbar: Remote) -> None:
    """The request's own signature decides; Mastodon adds the other to all that may be passed on."""
    resident, bob = await stadt.resident("anna"), nachbar.person("bob")
    await stadt.accept(bob, bob.activity("Follow", resident.uri, signature=SIGNATURE))
    assert await stadt.count(Follow) == 1
    await serves(stadt, nachbar)


async def test_an_embedded_signature_does_not_replace_that_of_the_request(
    stadt: Town, nachbar: Remote, boese: Remote
) -> None:
    resident = await stadt.resident("anna")
    bob, mallory = nachbar.person("bob"), boese.person("mallory")
    for person in (bob, mallory):
        await stadt.meet(person)
    async with repelled(stadt, nachbar):
        rumour = bob.create(bob.note(cc=[resident.uri]), signature={**SIGNATURE, "creator": bob.key_id})
        assert await stadt.deliver(mallory, rumour, key_id=bob.key_id) == 401
