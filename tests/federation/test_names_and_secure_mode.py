"""Towns that are called otherwise than their server, towns with an umlaut, towns that answer only who signs; and how
a server itself is found.
"""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from activitypub.models import Actor, Follow, Status
from activitypub.vocabulary import Visibility
from tests import acts
from tests.fediverse import Remote, redirect, remote
from tests.town import Town, town
from tests.towns import befriended, met
from webfinger.handle import Handle, parse_handle

NewDatabase = Callable[[], str]
UMLAUT = "bürgerstadt.test"
PUNYCODE = "xn--brgerstadt-9db.test"


async def write_to_each_other(nord: Town, sued: Town) -> tuple[Status, Status]:
    """Let two who follow each other post, and the second answer the first; return both posts."""
    anna, bernd = await befriended(nord, sued)
    post = await nord.write(acts.write, anna, "<p>Wer kommt?</p>")
    await sued.until(Status, Status.uri == post.uri)
    mentioned = await met(sued, "anna", nord)
    answer = await sued.write(acts.write, bernd, "<p>Ich</p>", in_reply_to=post.uri, mentions=[mentioned])
    await nord.until(Status, Status.uri == answer.uri, Status.in_reply_to_id.is_not(None))
    return post, answer


# ------------------------------------------------------------------------------------------------ secure mode


@pytest.fixture
async def shy_towns(new_database: NewDatabase, tmp_path: Path) -> AsyncIterator[tuple[Town, Town]]:
    """Two towns with authorized fetch: neither shows the other anything without a signature."""
    async with (
        town(new_database(), tmp_path / "nord", host="nord.test", secure_mode=True) as nord,
        town(new_database(), tmp_path / "sued", host="sued.test", secure_mode=True) as sued,
    ):
        yield nord, sued


async def test_two_towns_in_secure_mode_meet(shy_towns: tuple[Town, Town]) -> None:
    nord, sued = shy_towns
    post, _ = await write_to_each_other(nord, sued)

    for path in ("/users/anna", post.uri.removeprefix(nord.origin), "/users/anna/outbox", "/users/anna/followers"):
        assert (await nord.get(path))[0] == 401, path
    assert (await nord.get("/actor"))[0] == 200


async def test_who_signs_sees_what_is_meant_for_it(shy_towns: tuple[Town, Town], nachbar: Remote) -> None:
    nord, sued = shy_towns
    anna, _ = await befriended(nord, sued)
    stranger = nachbar.person("paul")
    seen = {}
    for visibility in (Visibility.PUBLIC, Visibility.PRIVATE):
        post = await nord.write(acts.write, anna, visibility=visibility)
        await sued.until(Status, Status.uri == post.uri)
        path = post.uri.removeprefix(nord.origin)
        seen[visibility] = (await nord.get(path, headers=stranger.asking(post.uri)))[0]
    assert seen == {Visibility.PUBLIC: 200, Visibility.PRIVATE: 404}


# ----------------------------------------------------------------------------------------------- split domain


@pytest.fixture
async def musterstadt(new_database: NewDatabase, tmp_path: Path) -> AsyncIterator[tuple[Town, Remote]]:
    """A town whose people are called after its web site, and that web site, which refers to it for WebFinger."""
    async with (
        remote("musterstadt.test") as site,
        town(
            new_database(), tmp_path / "muster", host="social.musterstadt.test", account_domain=site.domain
        ) as running,
    ):
        for name in ("stadt", "bernd"):
            resource = f"acct:{name}@{site.domain}"
            site.fingers[resource] = redirect(f"{running.origin}/.well-known/webfinger?resource={resource}")
        yield running, site


async def test_a_handle_of_the_account_domain_leads_to_the_server(nord: Town, musterstadt: tuple[Town, Remote]) -> None:
    muster, site = musterstadt
    stadt = await muster.resident("stadt", kind="Organization")

    found = await nord.app.server.resolver.handle(parse_handle(f"@stadt@{site.domain}", test_network=True))

    assert (found.uri, found.domain, found.host) == (stadt.uri, site.domain, f"{muster.host}:{muster.port}")
    assert found.uri.startswith("http://social.musterstadt.test:")


async def test_a_handle_of_the_server_is_known_by_its_account_domain(
    nord: Town, musterstadt: tuple[Town, Remote]
) -> None:
    muster, site = musterstadt
    await muster.resident("stadt")
    written = parse_handle(f"@stadt@{muster.host}:{muster.port}", test_network=True)
    assert (await nord.app.server.resolver.handle(written)).domain == site.domain
    assert await nord.count(Actor, Actor.username == "stadt") == 1


async def test_towns_with_a_split_domain_federate(nord: Town, musterstadt: tuple[Town, Remote]) -> None:
    muster, site = musterstadt
    _, answer = await write_to_each_other(nord, muster)

    bernd = await met(nord, "bernd", muster)
    assert (bernd.domain, answer.uri.startswith(muster.origin)) == (site.domain, True)
    status, document = await nord.get("/users/anna/followers?page=true")
    assert (status, document["orderedItems"]) == (200, [bernd.uri])


async def test_nobody_takes_a_handle_on_a_domain_that_does_not_know_them(nord: Town, nachbar: Remote) -> None:
    """Row A19: the claim of an actor alone gives it no handle elsewhere."""
    async with remote("musterstadt.test") as site:
        liar = nachbar.person("stadt")
        nachbar.documents["/users/stadt"] = liar.document() | {"webfinger": f"stadt@{site.domain}"}
        assert (await nord.meet(liar)).domain == nachbar.domain
        assert any("stadt" in asked for asked in site.requested)


# -------------------------------------------------------------------------------------------------------- IDN


@pytest.fixture
async def buergerstadt(new_database: NewDatabase, tmp_path: Path) -> AsyncIterator[Town]:
    """A town whose configuration names it as people write it."""
    async with town(new_database(), tmp_path / "idn", host=UMLAUT) as running:
        running.host = PUNYCODE  # as clients send it
        yield running


async def test_towns_with_an_umlaut_federate_in_punycode(nord: Town, buergerstadt: Town) -> None:
    _, answer = await write_to_each_other(nord, buergerstadt)

    assert answer.uri.startswith(f"http://{PUNYCODE}:{buergerstadt.port}/")
    bernd = await met(nord, "bernd", buergerstadt)
    assert (bernd.domain, bernd.host) == (f"{PUNYCODE}:{buergerstadt.port}",) * 2
    assert set(nord.looked_up) == {PUNYCODE}


@pytest.mark.parametrize("written", [UMLAUT, PUNYCODE, UMLAUT.upper()])
async def test_a_handle_is_found_however_the_umlaut_is_written(nord: Town, buergerstadt: Town, written: str) -> None:
    bernd = await buergerstadt.resident("bernd")
    handle = parse_handle(f"@bernd@{written}:{buergerstadt.port}", test_network=True)

    assert (await nord.app.server.resolver.handle(handle)).uri == bernd.uri
    for spelling in (written, PUNYCODE):
        status, jrd = await buergerstadt.get(
            f"/.well-known/webfinger?resource=acct:bernd@{spelling}:{buergerstadt.port}"
        )
        assert (status, jrd["subject"]) == (200, f"acct:bernd@{PUNYCODE}:{buergerstadt.port}")


async def test_people_read_the_umlaut(nord: Town, buergerstadt: Town) -> None:
    anna, bernd = await befriended(nord, buergerstadt)
    known = await met(nord, "bernd", buergerstadt)
    assert Handle(known.username, known.domain or "").display == f"@bernd@{UMLAUT}:{buergerstadt.port}"

    post = await nord.write(acts.write, anna, mentions=[known])
    await buergerstadt.until(Status, Status.uri == post.uri)
    assert await buergerstadt.count(Follow, Follow.followed_id == bernd.id) == 1
    status, account = await nord.get(f"/api/v1/accounts/lookup?acct=bernd@{UMLAUT}:{buergerstadt.port}")
    assert (status, account["acct"]) == (200, f"bernd@{UMLAUT}:{buergerstadt.port}")


# ------------------------------------------------------------------------------------------ the server itself


async def test_a_server_is_found_by_its_address_and_by_its_name(nord: Town) -> None:
    """FEP-d556 and FEP-2677."""
    service, application = (f"https://www.w3.org/ns/activitystreams#{kind}" for kind in ("Service", "Application"))
    for resource in (nord.origin, f"{nord.origin}/", f"acct:{nord.host}@{nord.host}:{nord.port}"):
        status, jrd = await nord.get(f"/.well-known/webfinger?resource={resource}")
        assert status == 200
        assert [link["href"] for link in jrd["links"] if link["rel"] == service] == [f"{nord.origin}/actor"]

    _, found = await nord.get("/.well-known/nodeinfo")
    assert [link["href"] for link in found["links"] if link["rel"] == application] == [f"{nord.origin}/actor"]
    _, actor = await nord.get("/actor")
    assert (actor["type"], actor["preferredUsername"]) == ("Application", nord.host)


async def test_nobody_else_is_the_server(nord: Town) -> None:
    await nord.resident("anna")
    _, jrd = await nord.get(f"/.well-known/webfinger?resource=acct:anna@{nord.host}:{nord.port}")
    assert "https://www.w3.org/ns/activitystreams#Service" not in {link["rel"] for link in jrd["links"]}
