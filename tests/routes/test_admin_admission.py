"""Who may register and from where. https://docs.joinmastodon.org/methods/admin/ip_blocks/ and its neighbours"""

import hashlib
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from typing import Any

import pytest
from sqlalchemy import update

from activitypub.unit import Unit
from fediverse_kommune.models import IpBlock, Role, User
from fediverse_kommune.networks import covers, table_of
from fediverse_kommune.services.admission import Verdict, canonical_hash, judge_email, judge_network
from tests.client import Client, app_of, officer_of
from tests.town import Town

API = "/api/v1/admin"
NETWORKS, DOMAINS, ADDRESSES = f"{API}/ip_blocks", f"{API}/email_domain_blocks", f"{API}/canonical_email_blocks"


async def boss_of(stadt: Town) -> Client:
    return await officer_of(stadt, "vera", Role.ADMIN)


# -------------------------------------------------------------------------------------------------- networks


async def test_a_rule_about_a_network_is_made_shown_changed_and_lifted(stadt: Town) -> None:
    vera = await boss_of(stadt)
    form = {"ip": "192.0.2.7/24", "severity": "sign_up_block", "comment": "Werbung", "expires_in": "3600"}
    made = await vera.post(NETWORKS, data=form)
    assert made == {
        "id": made["id"],
        "ip": "192.0.2.0/24",
        "severity": "sign_up_block",
        "comment": "Werbung",
        "created_at": made["created_at"],
        "expires_at": made["expires_at"],
    }
    lasts = datetime.fromisoformat(made["expires_at"]) - datetime.fromisoformat(made["created_at"])
    assert lasts == timedelta(hours=1)
    assert await vera.get(NETWORKS) == [made]
    changed = await vera.put(f"{NETWORKS}/{made['id']}", json={"ip": "2001:db8::/32", "severity": "no_access"})
    assert changed == made | {"ip": "2001:db8::/32", "severity": "no_access"}
    assert await vera.get(f"{NETWORKS}/{made['id']}") == changed
    assert await vera.delete(f"{NETWORKS}/{made['id']}") == {}
    assert (await vera.ask("GET", f"{NETWORKS}/{made['id']}")).status == 404


async def test_a_rule_that_makes_no_sense(stadt: Town, subtests: pytest.Subtests) -> None:
    vera = await boss_of(stadt)
    await vera.post(NETWORKS, data={"ip": "198.51.100.1", "severity": "sign_up_block"})
    for form in [
        {"ip": "192.0.2.1"},
        {"ip": "192.0.2.1", "severity": "exile"},
        {"ip": "example.org", "severity": "no_access"},
        {"ip": "192.0.2.1", "severity": "no_access", "expires_in": "0"},
        {"ip": "192.0.2.1", "severity": "no_access", "comment": "x" * 1_001},
        {"ip": "198.51.100.1", "severity": "no_access"},
    ]:
        with subtests.test(form=form):
            assert (await vera.ask("POST", NETWORKS, data=form)).status == 422
            assert await stadt.count(IpBlock) == 1


async def test_who_comes_from_a_shut_out_network_gets_nothing_at_once_and_everything_again(stadt: Town) -> None:
    vera = await boss_of(stadt)
    # The proxy on this machine is believed, so a test can come from anywhere.
    there = {"X-Forwarded-For": "203.0.113.9"}
    paths = ("/api/v2/instance", "/", "/users/vera", "/.well-known/nodeinfo", "/static/kommune.css")
    assert {(await vera.ask("GET", path, headers=there)).status for path in paths} == {200}
    block = await vera.post(NETWORKS, data={"ip": "203.0.113.0/24", "severity": "no_access"})
    assert {(await vera.ask("GET", path, headers=there)).status for path in paths} == {403}
    assert (await vera.ask("POST", "/inbox", headers=there)).status == 403
    assert {(await vera.ask("GET", path)).status for path in paths} == {200}
    await vera.delete(f"{NETWORKS}/{block['id']}")
    assert {(await vera.ask("GET", path, headers=there)).status for path in paths} == {200}


async def test_a_rule_that_is_over_shuts_nobody_out(stadt: Town) -> None:
    vera = await boss_of(stadt)
    await vera.post(NETWORKS, data={"ip": "203.0.113.0/24", "severity": "no_access", "expires_in": "1"})

    def age(unit: Unit) -> None:
        unit.execute(update(IpBlock).values(expires_at=unit.now - timedelta(seconds=1)))

    await stadt.write(age)
    await vera.post(NETWORKS, data={"ip": "198.51.100.0/24", "severity": "no_access"})
    assert (await vera.ask("GET", "/api/v2/instance", headers={"X-Forwarded-For": "203.0.113.9"})).status == 200
    assert await stadt.read(judge_network, "203.0.113.9", stadt.app.server.clock()) is Verdict.OPEN


@pytest.mark.parametrize(
    ("address", "is_covered"),
    [
        ("192.0.2.0", True),
        ("192.0.2.255", True),
        ("192.0.3.0", False),
        ("::ffff:192.0.2.9", True),
        ("2001:db8:1::5", True),
        ("2001:db9::1", False),
        ("198.51.100.4", True),
        ("198.51.100.5", False),
        ("unix", False),
    ],
)
def test_networks_hold_their_addresses(address: str, *, is_covered: bool) -> None:
    table = table_of(map(ip_network, ("192.0.2.0/24", "2001:db8::/32", "198.51.100.4/32")))
    assert covers(table, address) is is_covered


# ------------------------------------------------------------------------------------------------- addresses


async def test_domains_of_addresses_are_blocked_and_show_who_came_from_there(stadt: Town) -> None:
    vera = await boss_of(stadt)
    await app_of(stadt, "anna")
    made = await vera.post(DOMAINS, data={"domain": "post.example"})
    midnight = datetime.combine(stadt.app.server.clock().date(), datetime.min.time(), UTC)
    days = [str(int((midnight - timedelta(days=back)).timestamp())) for back in range(7)]
    assert made == {
        "id": made["id"],
        "domain": "post.example",
        "created_at": made["created_at"],
        "history": [
            {"day": days[0], "accounts": "2", "uses": "0"},
            *({"day": day, "accounts": "0", "uses": "0"} for day in days[1:]),
        ],
    }
    assert await vera.get(DOMAINS) == [made]
    assert await vera.get(f"{DOMAINS}/{made['id']}") == made
    for wrong in ({}, {"domain": "a b"}, {"domain": "post.example"}):
        assert (await vera.ask("POST", DOMAINS, data=wrong)).status == 422
    assert await vera.delete(f"{DOMAINS}/{made['id']}") == {}
    assert (await vera.ask("DELETE", f"{DOMAINS}/{made['id']}")).status == 404


async def test_addresses_are_blocked_by_their_hash(stadt: Town) -> None:
    vera = await boss_of(stadt)
    digest = hashlib.sha256(b"annab@post.example").hexdigest()
    made = await vera.post(ADDRESSES, data={"email": "Anna.B+Werbung@post.example"})
    assert made == {"id": made["id"], "canonical_email_hash": digest}
    assert await vera.get(ADDRESSES) == [made]
    assert await vera.get(f"{ADDRESSES}/{made['id']}") == made
    assert await vera.post(f"{ADDRESSES}/test", data={"email": "a.n.n.a.b@post.example"}) == [made]
    assert await vera.post(f"{ADDRESSES}/test", data={"email": "berta@post.example"}) == []
    assert (await vera.ask("POST", f"{ADDRESSES}/test", data={})).status == 422
    other = await vera.post(ADDRESSES, data={"canonical_email_hash": canonical_hash("berta@post.example")})
    assert await vera.post(f"{ADDRESSES}/test", data={"email": "berta@post.example"}) == [other]
    for wrong in ({}, {"canonical_email_hash": "x"}, {"email": "annab@post.example"}):
        assert (await vera.ask("POST", ADDRESSES, data=wrong)).status == 422
    assert await vera.delete(f"{ADDRESSES}/{made['id']}") == {}
    assert (await vera.ask("GET", f"{ADDRESSES}/{made['id']}")).status == 404


async def test_the_strictest_rule_decides_who_registers(stadt: Town) -> None:
    vera = await boss_of(stadt)
    await vera.post(DOMAINS, data={"domain": "wegwerf.example"})
    await vera.post(DOMAINS, json={"domain": "zweifel.example", "allow_with_approval": True})
    await vera.post(DOMAINS, data={"domain": "mail.zweifel.example"})
    await vera.post(ADDRESSES, data={"email": "anna@post.example"})
    await vera.post(NETWORKS, data={"ip": "192.0.2.0/24", "severity": "sign_up_requires_approval"})
    await vera.post(NETWORKS, data={"ip": "192.0.2.128/25", "severity": "sign_up_block"})
    now = stadt.app.server.clock()

    async def of_email(email: str) -> Any:
        return await stadt.read(judge_email, email)

    async def of_network(ip: str | None) -> Any:
        return await stadt.read(judge_network, ip, now)

    assert await of_email("berta@post.example") is Verdict.OPEN
    assert await of_email("a.nna+x@post.example") is Verdict.REFUSED
    assert await of_email("x@mail.wegwerf.example") is Verdict.REFUSED
    assert await of_email("x@zweifel.example") is Verdict.NEEDS_APPROVAL
    assert await of_email("x@mail.zweifel.example") is Verdict.REFUSED
    assert await of_network(None) is Verdict.OPEN
    assert await of_network("192.0.2.1") is Verdict.NEEDS_APPROVAL
    assert await of_network("192.0.2.200") is Verdict.REFUSED
    assert await stadt.count(User) == 1
