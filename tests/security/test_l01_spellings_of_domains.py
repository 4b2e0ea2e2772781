"""L01: a domain has one spelling here; what differs in it is another domain, what does not is the same."""

# ruff: noqa: RUF001, RUF003 (letters that look like others are what this is about)

from collections.abc import AsyncIterator
from urllib.parse import quote

import pytest

from activitypub.models import Actor
from tests.client import app_of
from tests.fediverse import Remote, remote
from tests.security.attack import repelled, serves
from tests.town import Town

SEARCH = "/api/v2/search?resolve=true&type=accounts&q="


@pytest.fixture
async def fass() -> AsyncIterator[Remote]:
    async with remote("fass.test") as server:
        yield server


async def test_one_domain_in_every_spelling_is_one_actor(stadt: Town, nachbar: Remote) -> None:
    anna, bob = await app_of(stadt, "anna"), nachbar.person("bob")
    port = nachbar.port
    for domain in (
        "nachbar.test",
        "NACHBAR.Test",
        "nachbar.test.",
        "ｎａｃｈｂａｒ．test",
        "nachbar。test",
        "naⓒhbar.test",
    ):
        found = (await anna.get(SEARCH + quote(f"@bob@{domain}:{port}", safe="")))["accounts"]
        assert [account["uri"] for account in found] == [bob.uri], domain
    assert set(stadt.looked_up) == {"nachbar.test"}
    assert await stadt.count(Actor, Actor.host == nachbar.domain) == 1


async def test_an_actor_in_another_spelling_is_the_same_actor(stadt: Town, nachbar: Remote) -> None:
    resident, bob = await stadt.resident("anna"), nachbar.person("bob")
    for host in ("NACHBAR.test", "nachbar.test.", "ｎachbar.test"):
        spelled = bob.uri.replace("nachbar.test", host)
        await stadt.accept(bob, {**bob.activity("Like", resident.uri), "actor": spelled})
    assert await stadt.count(Actor, Actor.host == nachbar.domain) == 1
    await serves(stadt, nachbar)


async def test_a_domain_that_looks_the_same_is_another_one(stadt: Town, fass: Remote, nachbar: Remote) -> None:
    anna, bob = await app_of(stadt, "anna"), fass.person("bob")
    nachbar.person("bob")
    await stadt.meet(bob)
    port = fass.port
    for domain, asked in (
        ("faß.test", "xn--fa-hia.test"),
        ("ｆａß.test", "xn--fa-hia.test"),
        ("fаss.test", "xn--fss-6cd.test"),  # a Cyrillic а
        ("fass.test.test", "fass.test.test"),
        ("fass-.test", None),
        ("fa\u00adss.test", None),
        ("fa\u200bss.test", None),
        ("xn--fass.test", None),
        ("fass..test", None),
        ("fass%2etest", None),
        ("fass.test@nachbar.test", None),
    ):
        stadt.looked_up.clear()
        found = await anna.get(SEARCH + quote(f"@bob@{domain}:{port}", safe=""))
        uris = {account["uri"] for account in found["accounts"]}
        assert bob.uri not in uris, domain
        # One that was asked before is not looked up again.
        assert set(stadt.looked_up) <= {asked}, domain


async def test_no_other_spelling_of_our_own_domain_is_another(stadt: Town, nachbar: Remote, boese: Remote) -> None:
    resident, mallory = await stadt.resident("anna"), boese.person("mallory")
    port = stadt.port
    await stadt.meet(mallory)
    async with repelled(stadt, nachbar):
        for host in ("STADT.test", "stadt.test.", "ｓtadt.test", "stadt。test"):
            ours = f"http://{host}:{port}/users/anna"
            forged = {**mallory.activity("Like", resident.uri), "actor": ours, "id": f"{ours}#1"}
            assert await stadt.deliver(mallory, forged) == 401, host
            assert await stadt.deliver(mallory, {**mallory.activity("Like", resident.uri), "id": f"{ours}#1"}) == 401
            assert await stadt.deliver(mallory, mallory.activity("Delete", ours)) == 403
    assert "stadt.test" not in stadt.looked_up
