"""C06: 100,000 brackets are refused wherever JSON is read; the worker lives and the next is served."""

import pytest

from tests.fediverse import Person, Remote
from tests.security.attack import follower_of, repelled, serves
from tests.town import Town
from webfinger.handle import parse_handle

DEPTH = 100_000
DEEP = {
    "arrays": b"[" * DEPTH + b"]" * DEPTH,
    "objects": b'{"a":' * DEPTH + b"1" + b"}" * DEPTH,
    "open arrays": b"[" * DEPTH,
    "open objects": b'{"a":' * DEPTH,
    "both": b'[{"a":' * (DEPTH // 2) + b"1" + b"}]" * (DEPTH // 2),
    "strings between": b'["x",' * DEPTH + b"1" + b"]" * DEPTH,
}
LEVELS = 65


def hidden(person: Person, deep: bytes) -> bytes:
    """An activity with a deep value in a place that nobody looks at."""
    return (
        (
            f'{{"id": "{person.server.fresh_id("like")}", "type": "Like", "actor": "{person.uri}", '
            f'"object": "{person.uri}/1", "mehr": '
        ).encode()
        + deep
        + b"}"
    )


async def test_the_inbox_refuses_depth(stadt: Town, nachbar: Remote, subtests: pytest.Subtests) -> None:
    await stadt.resident("anna")
    bob = nachbar.person("bob")
    await stadt.meet(bob)
    barely = b"[" * LEVELS + b"]" * LEVELS
    for path in ["/inbox", "/users/anna/inbox"]:
        with subtests.test(path=path):
            async with repelled(stadt, nachbar):
                for name, deep in {**DEEP, "barely too deep": barely}.items():
                    assert await stadt.deliver(bob, hidden(bob, deep), path=path) == 400, name
                    if len(deep) > LEVELS * 2:
                        assert await stadt.deliver(bob, deep, path=path) == 400, name
            assert await stadt.deliver(bob, hidden(bob, b"[" * 60 + b"]" * 60), path=path) == 202


async def test_depth_in_a_fetched_document_is_discarded(stadt: Town, nachbar: Remote, boese: Remote) -> None:
    mallory = boese.person("mallory")
    await follower_of(stadt, mallory)
    async with repelled(stadt, nachbar, but_for={"inbox_items"}):
        for number, deep in enumerate(DEEP.values()):
            note, stranger = mallory.note(), boese.person(f"stranger{number}")
            boese.documents[note["id"].removeprefix(boese.origin)] = deep
            boese.documents[f"/users/stranger{number}"] = deep
            await stadt.accept(mallory, mallory.activity("Announce", note["id"]))
            assert await stadt.deliver(stranger, stranger.activity("Like", note["id"])) == 401


async def test_depth_in_webfinger_is_discarded(stadt: Town, nachbar: Remote, boese: Remote) -> None:
    """Asked for a handle it leads nowhere, asked for a proof it proves nothing."""
    resident = await stadt.resident("anna")
    for number, deep in enumerate(DEEP.values()):
        mallory = boese.person(f"mallory{number}")
        boese.fingers[f"acct:mallory{number}@{boese.domain}"] = deep
        handle = parse_handle(f"mallory{number}@{boese.domain}", test_network=True)
        with pytest.raises(Exception, match=r"deep|JSON|object") as failure:
            await stadt.app.server.resolver.handle(handle)
        assert type(failure.value).__name__ == "Untrusted"
        await stadt.accept(mallory, mallory.activity("Follow", resident.uri))
        known = await stadt.known(mallory)
        assert known is not None
        assert known.domain == boese.domain
    await serves(stadt, nachbar)


async def test_the_client_api_refuses_depth(stadt: Town, nachbar: Remote) -> None:
    posts = {
        rule.rule
        for rule in stadt.app.url_map.iter_rules()
        if rule.rule.startswith(("/api/", "/oauth/")) and "POST" in (rule.methods or ()) and not rule.arguments
    }
    assert posts
    async with repelled(stadt, nachbar):
        for path in sorted(posts):
            for deep in DEEP.values():
                status = await stadt.post(path, deep, {"Content-Type": "application/json"})
                assert 400 <= status < 500, path
