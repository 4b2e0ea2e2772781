"""C07: what is not one plain JSON object, or is read differently by different parsers, is refused with 400."""

import json

import pytest

from tests.fediverse import Person, Remote
from tests.security.attack import follower_of, repelled
from tests.town import Town


def spoiled(person: Person, inside: bytes) -> bytes:
    """A Like with something more in it."""
    like = person.activity("Like", f"{person.uri}/1")
    return json.dumps(like).encode()[:-1] + b", " + inside + b"}"


INSIDE = {
    "id twice": b'"id": "http://boese.test/2"',
    "actor twice": b'"actor": "http://boese.test/2"',
    "object twice": b'"object": "http://boese.test/2"',
    "type twice": b'"type": "Delete"',
    "a key twice deep inside": b'"mehr": [{"a": {"b": 1, "b": 2}}]',
    "a key twice, once escaped": b'"mehr": {"a": 1, "\\u0061": 2}',
    "NaN": b'"mehr": NaN',
    "Infinity": b'"mehr": Infinity',
    "-Infinity": b'"mehr": [-Infinity]',
    "1e999": b'"mehr": 1e999',
    "5,000 digits": b'"mehr": ' + b"9" * 5_000,
    "a negative giant": b'"mehr": -' + b"9" * 5_000,
    "65 bits": b'"mehr": 18446744073709551616',
    "half a pair": b'"mehr": "\\ud800"',
    "the other half": b'"mehr": "x\\udfffx"',
    "half a pair as a key": b'"\\ud800": 1',
    "NUL": b'"mehr": "a\\u0000b"',
    "NUL as a key": b'"\\u0000": 1',
    "raw NUL": b'"mehr": "a\x00b"',
    "raw newline": b'"mehr": "a\nb"',
    "not UTF-8": b'"mehr": "\xff"',
    "overlong UTF-8": b'"mehr": "\xc0\xaf"',
    "a surrogate in UTF-8": b'"mehr": "\xed\xa0\x80"',
    "a comment": b'/* */ "mehr": 1',
    "a comma too many": b'"mehr": [1,]',
    "single quotes": b"'mehr': 1",
    "leading zero": b'"mehr": 01',
    "hexadecimal": b'"mehr": 0x10',
    "nothing": b"",
}
WHOLE = [
    b"",
    b" ",
    b"null",
    b"true",
    b"0",
    b'"text"',
    b"[]",
    b"{",
    b"{}",
    b"{} {}",
    b"\xef\xbb\xbf{}",
    b"\xff\xfe{\x00}\x00",
    b"<html></html>",
    b"a=b&c=d",
    b"\x00",
    b"[" + b"{}," * 1_000 + b"{}]",
]


async def test_the_inbox_refuses_odd_json(stadt: Town, nachbar: Remote) -> None:
    bob = nachbar.person("bob")
    await stadt.meet(bob)
    async with repelled(stadt, nachbar):
        for name, inside in INSIDE.items():
            assert await stadt.deliver(bob, spoiled(bob, inside)) == 400, name
        for body in WHOLE:
            assert await stadt.deliver(bob, body) == 400, body[:20]
        assert await stadt.deliver(bob, json.dumps([bob.activity("Like", bob.uri)]).encode()) == 400
        utf16 = json.dumps(bob.activity("Like", bob.uri)).encode("utf-16")
        assert await stadt.deliver(bob, utf16) == 400


async def test_odd_json_is_not_believed_when_fetched(stadt: Town, nachbar: Remote, boese: Remote) -> None:
    mallory = boese.person("mallory")
    await follower_of(stadt, mallory)
    async with repelled(stadt, nachbar, but_for={"inbox_items"}):
        for name, inside in INSIDE.items():
            note = mallory.note()
            body = json.dumps(note).encode()[:-1] + b", " + inside + b"}"
            boese.documents[note["id"].removeprefix(boese.origin)] = body
            if name in ("actor twice", "object twice"):
                continue  # a Note has none of these, so there is nothing twice
            await stadt.accept(mallory, mallory.activity("Announce", note["id"]))
            assert note["id"].removeprefix(boese.origin) in boese.requested


async def test_the_client_api_refuses_odd_json(stadt: Town, nachbar: Remote, subtests: pytest.Subtests) -> None:
    for path in ["/api/v1/apps", "/oauth/token"]:
        with subtests.test(path=path):
            async with repelled(stadt, nachbar):
                for name, inside in INSIDE.items():
                    body = b'{"client_name": "x", "redirect_uris": 1, ' + inside + b"}"
                    status = await stadt.post(path, body, {"Content-Type": "application/json"})
                    assert 400 <= status < 500, name
                for body in WHOLE:
                    status = await stadt.post(path, body, {"Content-Type": "application/json"})
                    assert 400 <= status < 500, body[:20]
