"""B09: a key that cannot be had is asked for once, and of ever new ones few are asked for."""

import asyncio

import pytest
from aiohttp import web

from activitypub.budgets import DEAD_KEYS_SECONDS, DeadKeys
from activitypub.fetch import FetchError, Untrusted
from tests.fediverse import Person, Remote
from tests.security.attack import repelled
from tests.town import Town


async def test_a_dead_key_is_fetched_once(stadt: Town, nachbar: Remote, boese: Remote) -> None:
    resident, mallory = await stadt.resident("anna"), boese.person("mallory")
    answers = {"/gone": (None, 401), "/broken": (b"{", 401), "/away": (lambda: web.Response(status=503), 503)}
    async with repelled(stadt, nachbar):
        for path, (document, status) in answers.items():
            boese.documents[path] = document
            key_id = f"{boese.origin}{path}#key"
            many = (stadt.deliver(mallory, mallory.activity("Follow", resident.uri), key_id=key_id) for _ in range(20))
            assert set(await asyncio.gather(*many)) == {status}
            again = [
                await stadt.deliver(mallory, mallory.activity("Like", resident.uri), key_id=key_id) for _ in "12345"
            ]
            assert set(again) == {status}
            assert boese.requested.count(path) == 1, path


async def test_a_network_that_names_dead_keys_without_end_causes_few_fetches(
    stadt: Town, nachbar: Remote, boese: Remote, subtests: pytest.Subtests
) -> None:
    resident, mallory, bob = await stadt.resident("anna"), boese.person("mallory"), nachbar.person("bob")
    stadt.app.server.resolver.dead_keys = DeadKeys(5)
    await stadt.meet(bob)

    async def says(person: Person, address: str, key_id: str | None = None) -> int:
        asked = person.activity("Follow", resident.uri)
        return await stadt.deliver(person, asked, key_id=key_id, headers={"X-Forwarded-For": address})

    answers = [await says(mallory, "8.8.8.8", f"{boese.origin}/dead/{number}#key") for number in range(12)]
    assert answers == [401] * 5 + [503] * 7
    assert len(boese.requested) == 5
    with subtests.test("whose key is known is heard all the same"):
        assert await says(bob, "8.8.8.8") == 202
        bob.key, key = mallory.key, bob.key
        assert await says(bob, "8.8.8.8") == 401, "but not if somebody else has signed"
        bob.key = key
    with subtests.test("whoever only wants to read makes us ask as little"):
        asked = len(boese.requested)
        for number in range(12):
            headers = mallory.asking(f"{resident.uri}/followers", key_id=f"{boese.origin}/unread/{number}#key")
            assert (await stadt.get("/users/anna/followers", headers={**headers, "X-Forwarded-For": "1.1.1.1"}))[
                0
            ] == 200
        assert len(boese.requested) - asked == 5
    with subtests.test("and other networks, with keys of their own"):
        assert await says(boese.person("ina"), "8.8.4.4") == 202
    await stadt.settle()


def test_dead_keys_are_counted_by_network_and_forgotten() -> None:
    now = 0.0
    dead = DeadKeys(2, lambda: now)
    for _ in range(2):
        dead.note("2606:4700::1")
        dead.note("127.0.0.1")
    assert not dead.may_ask("2606:4700::2"), "the same household"
    assert dead.may_ask("2606:4700:0:1::1")
    assert all(dead.may_ask(address) for address in ("8.8.8.8", "127.0.0.1", "10.0.0.1", None, "socket"))
    now += DEAD_KEYS_SECONDS
    assert dead.may_ask("2606:4700::2")


async def test_who_hangs_up_does_not_make_it_forgotten(stadt: Town, boese: Remote) -> None:
    boese.documents["/broken"] = b"{"
    key_uri, resolver = f"{boese.origin}/broken#key", stadt.app.server.resolver
    asked = asyncio.ensure_future(resolver.key(key_uri))
    while not resolver._under_way:
        await asyncio.sleep(0)
    under_way = tuple(resolver._under_way.values())
    asked.cancel()
    assert [type(each) for each in await asyncio.gather(*under_way, return_exceptions=True)] == [Untrusted]
    with pytest.raises(FetchError):
        await resolver.key(key_uri)
    assert boese.requested == ["/broken"]


async def test_a_server_that_is_away_is_told_to_come_again(stadt: Town, nachbar: Remote, boese: Remote) -> None:
    resident, mallory = await stadt.resident("anna"), boese.person("mallory")
    boese.down = True
    async with repelled(stadt, nachbar):
        for _ in range(10):
            assert await stadt.deliver(mallory, mallory.activity("Follow", resident.uri)) == 503
        assert len(boese.requested) == 1


async def test_wrong_signatures_refresh_a_key_once(stadt: Town, nachbar: Remote) -> None:
    """A key that does not fit may be an old one: its actor is read again, but not for every forgery."""
    resident = await stadt.resident("anna")
    bob, mallory = nachbar.person("bob"), nachbar.person("mallory")
    for person in (bob, mallory):
        await stadt.meet(person)
    nachbar.requested.clear()
    async with repelled(stadt, nachbar):
        for _ in range(10):
            assert await stadt.deliver(mallory, bob.activity("Follow", resident.uri), key_id=bob.key_id) == 401
        assert nachbar.requested.count("/users/bob") <= 2  # the key's document, and its owner's


async def test_a_rotated_key_is_read_anew(stadt: Town, nachbar: Remote) -> None:
    resident, bob, other = await stadt.resident("anna"), nachbar.person("bob"), nachbar.person("other")
    await stadt.meet(bob)
    bob.key = other.key
    nachbar.documents["/users/bob"] = bob.document()
    await stadt.accept(bob, bob.activity("Follow", resident.uri))
