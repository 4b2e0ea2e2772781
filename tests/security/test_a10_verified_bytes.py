"""A10: what is processed is what was verified: these bytes from their author, or a document from its origin."""

import json
from typing import Any

from inbox.models import InboxItem
from tests.fediverse import ACTIVITY_TYPE, Remote
from tests.security.attack import contents, follower_of, repelled, serves
from tests.security.letter import letter, sha256
from tests.town import Town


async def test_an_unsigned_activity_is_refused_however_real_its_id(stadt: Town, nachbar: Remote) -> None:
    bob = nachbar.person("bob")
    await follower_of(stadt, bob)
    genuine = bob.create()
    nachbar.documents["/creates/1"] = genuine = {**genuine, "id": f"{nachbar.origin}/creates/1"}
    altered = {**genuine, "object": {**genuine["object"], "content": "<p>Falsch</p>"}}

    nachbar.requested.clear()
    async with repelled(stadt, nachbar):
        body = json.dumps(altered).encode()
        assert await stadt.post("/inbox", body, {"Content-Type": ACTIVITY_TYPE}) == 401
        assert await stadt.post("/inbox", body, {"Content-Type": ACTIVITY_TYPE, "Digest": sha256(body)}) == 401
        assert nachbar.requested == []


async def test_of_what_others_pass_on_only_the_origins_word_counts(stadt: Town, nachbar: Remote, boese: Remote) -> None:
    bob, mallory = nachbar.person("bob"), boese.person("mallory")
    await follower_of(stadt, bob)
    note = bob.note("<p>Echt</p>")
    altered = {**note, "content": "<p>Falsch</p>"}
    for name in ("signature", "proof"):
        passed_on: dict[str, Any] = {**bob.create(note), "object": altered, name: {"type": "X", "creator": bob.key_id}}
        await stadt.accept(mallory, passed_on)
        passed_on["object"] = {**note, "attributedTo": mallory.uri}
        assert await stadt.deliver(mallory, passed_on) == 403

    assert await contents(stadt) == ["<p>Echt</p>"]
    await serves(stadt, nachbar)


async def test_the_stored_bytes_are_the_signed_bytes(stadt: Town, nachbar: Remote) -> None:
    """A body that two parsers might read in two ways is refused; any other is kept as it came."""
    bob = nachbar.person("bob")
    await follower_of(stadt, bob)
    note = bob.note("<p>Echt</p>")
    twice = json.dumps(bob.create(note)).encode()[:-1] + b', "object": "http://boese.test/x"}'

    async with repelled(stadt, nachbar):
        assert await stadt.deliver(bob, twice) == 400

    written = letter(stadt, bob, json.dumps(bob.create(note), indent=3).encode()).sign()
    assert await written.send(stadt) == 202
    await stadt.settle()
    assert "<p>Echt</p>" in await contents(stadt)
    assert await stadt.count(InboxItem, InboxItem.done_at.is_(None)) == 0
