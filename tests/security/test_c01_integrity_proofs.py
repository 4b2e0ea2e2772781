"""C01: a proof that holds makes what others pass on its author's word (FEP-8b32); any other is none."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from activitypub.jcs import canonical
from activitypub.models import Announce, EmojiReaction, Follow, Like, Status
from activitypub.multikey import base58_bytes, base58_text
from activitypub.vocabulary import PUBLIC
from tests import acts
from tests.fediverse import Person, Remote
from tests.security.attack import follower_of, serves
from tests.town import Town
from tests.towns import followed_by

# The pair of keys in the examples of https://www.w3.org/TR/vc-di-eddsa/, with the two bytes that say what they are.
PUBLIC_KEY, PRIVATE_KEY = (
    "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2",
    "z3u2en7t5LR2WtQH5PfFqMqwVHBeXouLzo6haApm8XHqvjxq",
)


def proved(person: Person, activity: dict[str, Any], *, age: timedelta = timedelta(), **changes: Any) -> dict[str, Any]:
    """Return an activity with a proof of its author's; `changes` come after the proof was made."""
    raw = base58_bytes(PRIVATE_KEY, longest=60)
    assert raw is not None
    proof = {
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-jcs-2022",
        "verificationMethod": f"{person.uri}#ed25519-key",
        "proofPurpose": "assertionMethod",
        "created": (datetime.now(UTC) - age).isoformat(timespec="seconds"),
    }
    message = sha256(canonical(proof)).digest() + sha256(canonical(activity)).digest()
    value = base58_text(Ed25519PrivateKey.from_private_bytes(raw[2:]).sign(message))
    return {**activity, **changes, "proof": {**proof, "proofValue": value}}


def publish_key(person: Person) -> None:
    """Let a person's document list its second key (FEP-521a)."""
    key = {"id": f"{person.uri}#ed25519-key", "type": "Multikey", "controller": person.uri}
    document = {**person.document(), "assertionMethod": [{**key, "publicKeyMultibase": PUBLIC_KEY}]}
    person.server.documents[f"/users/{person.username}"] = document


async def test_what_its_author_proves_is_believed_without_a_fetch(
    stadt: Town, nachbar: Remote, boese: Remote, subtests: pytest.Subtests
) -> None:
    bob, carl, mallory = nachbar.person("bob"), nachbar.person("carl"), boese.person("mallory")
    publish_key(bob)
    resident = await follower_of(stadt, bob)
    await stadt.meet(carl)
    await stadt.meet(mallory)
    nachbar.requested.clear()

    def unconfirmed(author: Person, **extra: Any) -> dict[str, Any]:
        """Return a note that its origin would not confirm."""
        note = author.note(cc=[resident.uri], **extra)
        del nachbar.documents[note["id"].removeprefix(nachbar.origin)]
        return note

    async def is_kept(note: dict[str, Any]) -> bool:
        return await stadt.count(Status, Status.uri == note["id"]) == 1

    with subtests.test("a proof that holds"):
        note = unconfirmed(
            bob, attachment=[{"type": "Image", "url": f"{nachbar.origin}/b.png", "focalPoint": [0.5, -1e-7]}]
        )
        await stadt.accept(mallory, proved(bob, bob.create(note)))
        assert await is_kept(note)
        assert nachbar.requested == []
    with subtests.test("a proof for something else, of another time or by another actor"):
        notes = [unconfirmed(bob) for _ in range(3)] + [unconfirmed(carl)]
        created = [author.create(note) for author, note in zip((bob, bob, bob, carl), notes, strict=True)]
        lies = {**notes[0], "content": "<p>Falsch</p>"}
        await stadt.accept(mallory, proved(bob, created[0], object=lies))
        await stadt.accept(mallory, proved(bob, created[1], age=timedelta(hours=14)))
        await stadt.accept(mallory, proved(bob, created[2], to=[resident.uri]))
        await stadt.accept(mallory, proved(bob, created[3]))
        assert not any([await is_kept(note) for note in notes])
    with subtests.test("what is not for passing on"):
        await stadt.accept(mallory, proved(bob, bob.activity("Follow", resident.uri)))
        assert await stadt.count(Follow, Follow.followed_id == resident.id) == 0
    with subtests.test("an edit and the end of it"):
        await stadt.accept(mallory, proved(bob, bob.activity("Update", {**note, "content": "<p>Neu</p>"})))
        assert await stadt.count(Status, Status.uri == note["id"], Status.edited_at.is_not(None)) == 1
        await stadt.accept(mallory, proved(bob, bob.activity("Delete", note["id"])))
        assert not await is_kept(note)
    await serves(stadt, nachbar)


async def test_what_a_group_announces_with_its_authors_proof_is_believed_without_a_fetch(
    stadt: Town, nachbar: Remote, boese: Remote, subtests: pytest.Subtests
) -> None:
    bob, group = nachbar.person("bob"), boese.person("runde", kind="Group")
    publish_key(bob)
    await follower_of(stadt, group)
    await stadt.meet(bob)
    nachbar.requested.clear()

    def unconfirmed(**extra: Any) -> dict[str, Any]:
        """Return a note in the group that its origin would not confirm."""
        note = bob.note(**{"audience": group.uri, **extra})
        del nachbar.documents[note["id"].removeprefix(nachbar.origin)]
        return note

    async def announce(activity: dict[str, Any]) -> None:
        await stadt.accept(group, group.activity("Announce", activity, to=[PUBLIC], cc=[group.followers]))

    async def is_kept(note: dict[str, Any]) -> bool:
        return await stadt.count(Status, Status.uri == note["id"]) == 1

    note = unconfirmed()
    with subtests.test("something new"):
        await announce(proved(bob, bob.create(note)))
        assert await is_kept(note)
        assert await stadt.count(Announce) == 1
    with subtests.test("a vote"):
        like = bob.activity("Like", note["id"])
        await announce(like)
        assert await stadt.count(Like) == 0
        await announce(proved(bob, like))
        assert await stadt.count(Like) == 1
    with subtests.test("a reaction"):
        await announce(proved(bob, bob.activity("EmojiReact", note["id"], content="🎉")))
        assert await stadt.count(EmojiReaction) == 1
    with subtests.test("the end of it"):
        await announce(proved(bob, bob.activity("Delete", note["id"])))
        assert not await is_kept(note)
    assert nachbar.requested == ["/likes/3"], "only the vote that was not proved"
    with subtests.test("what is not proved, not for everybody, or not its author's"):
        lies, secret, borrowed = unconfirmed(), unconfirmed(to=[bob.followers], cc=[]), unconfirmed()
        elsewhere = unconfirmed(id=boese.fresh_id("note"))
        borrowed["attributedTo"] = nachbar.person("carl").uri
        await announce(proved(bob, bob.create(lies), id=nachbar.fresh_id("create")))
        for each in (secret, borrowed, elsewhere):
            await announce(proved(bob, bob.create(each)))
        assert not any([await is_kept(each) for each in (lies, secret, borrowed, elsewhere)])
    with subtests.test("somebody else says that it is gone"):
        carl, note = nachbar.person("carl"), bob.note(audience=group.uri)
        publish_key(carl)
        await stadt.meet(carl)
        await announce(proved(bob, bob.create(note)))
        await announce(proved(carl, carl.activity("Delete", note["id"])))
        assert await is_kept(note)
    await serves(stadt, nachbar)


async def test_a_reply_with_a_proof_is_passed_on_to_the_end(stadt: Town, nachbar: Remote, boese: Remote) -> None:
    """Who follows the author here gets it letter by letter: its text, its edits, and that it is gone."""
    bob, erna = nachbar.person("bob"), boese.person("erna")
    publish_key(bob)
    anna = await stadt.resident("anna")
    await followed_by(stadt, anna, erna)
    post = await stadt.write(acts.write, anna)
    await boese.until_received("Create")
    reply = bob.note(inReplyTo=post.uri)
    for activity in (
        bob.create(reply),
        bob.activity("Update", {**reply, "content": "<p>Genauer</p>"}),
        bob.activity("Delete", reply["id"]),
    ):
        await stadt.accept(bob, told := proved(bob, activity))
        received = (await boese.until_received(activity["type"], 1 + (activity["type"] == "Create")))[-1]
        assert received.activity == told
    # Neither what is for some, nor what nobody would believe: unproved, wrongly proved, proved by another.
    await stadt.accept(bob, proved(bob, bob.create(bob.note(inReplyTo=post.uri, to=[anna.uri], cc=[bob.followers]))))
    carl = nachbar.person("carl")
    publish_key(carl)
    await stadt.meet(carl)
    others = bob.create(bob.note(inReplyTo=post.uri))
    for activity in (
        bob.create(bob.note(inReplyTo=post.uri)),
        proved(bob, bob.create(bob.note(inReplyTo=post.uri)), published="2026-11-29T00:00:00Z"),
        proved(carl, others),
    ):
        await stadt.accept(bob, activity)
    await stadt.rest()
    assert [item.activity["type"] for item in boese.received] == ["Create", "Create", "Update", "Delete"]
