"""The relay of a county (FEP-ae0c): who may subscribe, what is passed on to whom, and what is heard by it."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from sqlalchemy import delete

from activitypub.caps import CAPS
from activitypub.models import Announce, DomainAllow, Follow, Status
from activitypub.unit import Unit
from activitypub.vocabulary import PUBLIC, Visibility
from fediverse_kommune.models import AuditEntry, Role
from fediverse_kommune.services import relays
from fediverse_kommune.services.refusals import Invalid, NotFound
from fediverse_kommune.services.staff import COMMAND_LINE, carry_out
from fediverse_kommune.web.relays import PATH as RELAYS
from inbox.handlers.relays import may_wait
from tests import acts
from tests.client import app_of
from tests.desk import browser_of, lines, opened, press, token_on
from tests.fediverse import Person, Remote, remote
from tests.town import Town, town
from tests.webpages import parsed

SIGNED = {"signature": {"type": "RsaSignature2017", "creator": "x", "signatureValue": "bm8="}}


@pytest.fixture
async def kreis(new_database: Callable[[], str], tmp_path: Path) -> AsyncIterator[Town]:
    """The county: a town that is a relay for the servers of Nord and Sued."""
    async with town(new_database(), tmp_path / "kreis", host="kreis.test", relay=True) as running:
        await running.write(allow, "nord.test", "sued.test", "litepub.test")
        yield running


@pytest.fixture
async def nord(new_database: Callable[[], str], tmp_path: Path) -> AsyncIterator[Town]:
    async with town(new_database(), tmp_path / "nord", host="nord.test", relay=True) as running:
        yield running


@pytest.fixture
async def sued(new_database: Callable[[], str], tmp_path: Path) -> AsyncIterator[Town]:
    async with town(new_database(), tmp_path / "sued", host="sued.test", relay=True) as running:
        yield running


def allow(unit: Unit, *domains: str) -> None:
    for domain in domains:
        unit.add(DomainAllow(domain=domain, created_at=unit.now))
        unit.flush()


async def subscribed(member: Town, kreis: Town, follows: int) -> None:
    """Let a member subscribe; then the county has so many follows: each of the two follows the other."""
    uri = f"{kreis.origin}/relay"
    await member.app.server.resolver.actor(uri)
    await member.write(allow, kreis.host)
    await member.write(carry_out, COMMAND_LINE, relays.subscribe, uri)
    await kreis.until(Follow, Follow.accepted_at.is_not(None), count=follows)


async def test_a_public_post_of_one_municipality_is_in_all_of_them(kreis: Town, nord: Town, sued: Town) -> None:
    await subscribed(nord, kreis, 2)
    await subscribed(sued, kreis, 4)
    nora = await nord.resident("nora")
    post = await nord.write(acts.write, nora, "<p>Die Brücke ist gesperrt</p>")
    await sued.until(Status, Status.uri == post.uri)
    await kreis.until(Status, Status.uri == post.uri)
    quiet = await nord.write(acts.write, nora, "<p>Nur für wenige</p>", visibility=Visibility.UNLISTED)
    await kreis.resident("karl")
    await nord.rest()
    await kreis.rest()
    await sued.rest()
    assert await sued.count(Status, Status.uri == quiet.uri) == 0
    for each in (nord, kreis, sued):
        assert await each.count(Announce) == 0, "nobody is said to have passed it on"
        assert await each.count(Status, Status.uri == post.uri) == 1
    # What becomes of it is told on as well, with its author's proof: nobody has to be asked.
    await nord.write(acts.edit, post.uri, "<p>Die Brücke ist wieder frei</p>")
    await sued.until(Status, Status.uri == post.uri, Status.edited_at.is_not(None))
    await nord.write(acts.delete, post.uri)
    await sued.until(Status, Status.uri == post.uri, count=0)
    # Told on once, and not back to where it is from.
    assert await nord.count(AuditEntry, AuditEntry.action == "relay.subscribe") == 1
    await sued.write(carry_out, COMMAND_LINE, relays.unsubscribe, f"{kreis.origin}/relay")
    await kreis.until(Follow, Follow.accepted_at.is_not(None), count=2)


async def test_who_may_subscribe_and_how(kreis: Town, nachbar: Remote, subtests: pytest.Subtests) -> None:
    relay = f"{kreis.origin}/relay"

    async def ask(server: Remote, name: str, kind: str, about: str, answer: str, number: int = 1) -> Person:
        actor = server.person(name, kind=kind)
        await kreis.accept(actor, actor.activity("Follow", about), path="/relay/inbox")
        found = await server.until_received(answer, number)
        assert found[-1].activity["actor"] == relay
        return actor

    with subtests.test("of a server that is not of the county one waits, and the next is refused"):
        first = nachbar.person("relay", kind="Application")
        for _ in range(2):
            await kreis.accept(first, first.activity("Follow", relay), path="/relay/inbox")
        await kreis.rest()
        assert nachbar.received == []
        await ask(nachbar, "noch_eins", "Application", relay, "Reject")
        assert await kreis.count(Follow, Follow.accepted_at.is_(None)) == await kreis.count(Follow) == 1
    async with remote("litepub.test") as litepub, remote("sued.test") as mastodon:
        with subtests.test("a person is refused"):
            await ask(litepub, "emil", "Person", relay, "Reject")
        with subtests.test("LitePub is followed back"):
            await ask(litepub, "relay", "Application", relay, "Accept")
            await litepub.until_received("Follow")
        with subtests.test("Mastodon asks for everything public and is not followed back"):
            await ask(mastodon, "actor", "Application", PUBLIC, "Accept")
            await kreis.rest()
            assert [item for item in mastodon.received if item.activity["type"] == "Follow"] == []
        with subtests.test("a post from here goes to both, a stranger's to nobody"):
            anna = await kreis.resident("anna")
            post = await kreis.write(acts.write, anna)
            for server in (litepub, mastodon):
                (told,) = await server.until_received("Announce")
                assert (told.activity["object"], told.activity["actor"]) == (post.uri, relay)
            emil = nachbar.person("emil")
            note = emil.note(to=[PUBLIC])
            nachbar.documents[note["id"].removeprefix(nachbar.origin)] = note
            head = litepub.person("relay")
            await kreis.accept(head, head.activity("Announce", note["id"]))
            await kreis.rest()
            assert await kreis.count(Status, Status.uri == note["id"]) == 1
            assert len(mastodon.received) == 2  # the Accept and the Announce
        with subtests.test("a post is passed on once, and not to its own server"):
            erna = litepub.person("erna")
            note = erna.note(to=[PUBLIC])
            litepub.documents[note["id"].removeprefix(litepub.origin)] = note
            for _ in range(2):
                await kreis.accept(head, head.activity("Announce", note["id"]))
            await mastodon.until_received("Announce", 2)
            await kreis.rest()
            assert len([item for item in mastodon.received if item.activity["type"] == "Announce"]) == 2
            assert len([item for item in litepub.received if item.activity["type"] == "Announce"]) == 1
        with subtests.test("what is deleted here is deleted there"):
            await kreis.write(acts.delete, post.uri)
            for server in (litepub, mastodon):
                await server.until_received("Delete")


async def test_mastodon_posts_at_a_relay_by_sending_its_creates(kreis: Town, nachbar: Remote) -> None:
    relay = f"{kreis.origin}/relay"
    async with remote("litepub.test") as litepub, remote("sued.test") as mastodon:
        for server, about in ((litepub, relay), (mastodon, PUBLIC)):
            actor = server.person("actor", kind="Application")
            await kreis.accept(actor, actor.activity("Follow", about), path="/relay/inbox")
            await server.until_received("Accept")
        moni, emil, anna = mastodon.person("moni"), nachbar.person("emil"), await kreis.resident("anna")
        note, quiet = moni.note(), moni.note(to=[moni.followers, anna.uri], cc=[PUBLIC])
        for person, create in ((moni, moni.create(note)), (moni, moni.create(quiet)), (emil, emil.create())):
            await kreis.accept(person, {**create, **SIGNED}, path="/relay/inbox")
        (told,) = await litepub.until_received("Announce")
        assert (told.activity["object"], told.activity["actor"]) == (note["id"], relay)
        assert await kreis.count(Status) == await kreis.count(Status, Status.uri.in_([note["id"], quiet["id"]])) == 2

        litepub.received.clear()
        edit = moni.activity("Update", {**note, "content": "<p>Neu</p>"}, **SIGNED)
        unsigned = moni.activity("Update", {**note, "content": "<p>Noch neuer</p>"})
        end = moni.activity("Delete", note["id"], **SIGNED)
        of_the_quiet_one = moni.activity("Update", {**quiet, "content": "<p>Leise</p>"}, **SIGNED)
        for activity in (edit, unsigned, of_the_quiet_one, end):
            await kreis.accept(moni, activity, path="/relay/inbox")
        await litepub.until_received("Delete")
        await kreis.rest()
        assert [item.activity for item in litepub.received] == [edit, end], "as they came"

        await kreis.write(lambda unit: unit.execute(delete(DomainAllow).where(DomainAllow.domain == "sued.test")))
        await kreis.accept(moni, moni.create(**SIGNED), path="/relay/inbox")
        assert await kreis.count(Status, Status.actor.has(uri=moni.uri)) == 1, "not of the county any more"


async def test_what_a_relay_of_mastodons_kind_sends_is_read_from_its_origin(
    stadt: Town, nachbar: Remote, boese: Remote
) -> None:
    """Such a relay passes activities of others on as they came, in its own name; their old signature proves nothing."""
    reader, moni, relay = await app_of(stadt, "vera"), boese.person("moni"), nachbar.person("relay", kind="Application")
    note = moni.note("<p>So war es</p>")
    lies = {**note, "content": "<p>So nicht</p>"}
    assert await stadt.deliver(relay, moni.create(lies)) == 401
    for _ in range(2):
        await stadt.accept(relay, moni.create(lies, **SIGNED))
    (shown,) = await reader.get("/api/v1/timelines/public")
    assert (shown["uri"], shown["content"]) == (note["id"], "<p>So war es</p>")
    assert boese.requested.count(note["id"].removeprefix(boese.origin)) == 1

    boese.documents[note["id"].removeprefix(boese.origin)] = {**note, "content": "<p>Besser gesagt</p>"}
    await stadt.accept(relay, moni.activity("Update", lies, **SIGNED))
    (shown,) = await reader.get("/api/v1/timelines/public")
    assert shown["content"] == "<p>Besser gesagt</p>"

    await stadt.accept(relay, moni.activity("Delete", note["id"], **SIGNED))
    assert len(await reader.get("/api/v1/timelines/public")) == 1, "its origin has it still"
    del boese.documents[note["id"].removeprefix(boese.origin)]
    await stadt.accept(relay, moni.activity("Delete", note["id"], **SIGNED))
    assert await reader.get("/api/v1/timelines/public") == []


def test_few_wait_at_once() -> None:
    """Of each server one, and no more than somebody can read through."""
    full = [(f"h{number}.example", number) for number in range(CAPS.waiting_for_relay)]
    assert may_wait([], "a.example", 1)
    assert may_wait(full[1:], "a.example", -1)
    assert not may_wait(full, "a.example", -1)
    assert may_wait(full, "h3.example", 3), "who waits may ask again"
    assert not may_wait(full[:5], "h3.example", -1)


async def test_who_waits_is_let_in_or_refused_on_a_page(
    kreis: Town, nachbar: Remote, boese: Remote, subtests: pytest.Subtests
) -> None:
    """What is asked of our relay is decided at the desk, where relays are subscribed to and left as well."""
    vera = await browser_of(kreis, "vera", Role.ADMIN)
    moritz = await browser_of(kreis, "moritz", Role.MODERATOR)
    relay, theirs = f"{kreis.origin}/relay", nachbar.person("relay", kind="Application")
    for each in (theirs, boese.person("relay", kind="Application")):
        await kreis.accept(each, each.activity("Follow", relay), path="/relay/inbox")
    await kreis.rest()
    with subtests.test("moderators see it and decide nothing"):
        page = await opened(moritz, RELAYS)
        assert page.text.count("waits for a decision") == 2
        assert page.all("main form") == []
        form = {"form_token": token_on(await moritz.open("/about")), "action": "accept", "uri": theirs.uri}
        assert (await moritz._send("POST", RELAYS, form, {})).status == 404
        assert (await vera._send("POST", RELAYS, {"action": "accept", "uri": theirs.uri}, {})).status == 403
    with subtests.test("let in, it is allowed, answered and followed back"):
        await vera.open(RELAYS)
        assert await press(vera, f"Let in and allow {nachbar.domain}") == 303
        await nachbar.until_received("Accept")
        await nachbar.until_received("Follow")
        assert await kreis.count(DomainAllow, DomainAllow.domain == nachbar.host) == 1
        post = await kreis.write(acts.write, await kreis.resident("anna"))
        assert (await nachbar.until_received("Announce"))[0].activity["object"] == post.uri
    with subtests.test("refused, it hears that, and a second word finds nothing to decide"):
        await vera.open(RELAYS)
        assert await press(vera, f"Refuse {boese.domain}") == 303
        await boese.until_received("Reject")
        form = {"form_token": token_on(await vera.open("/about")), "uri": f"{boese.origin}/users/relay"}
        assert (await vera._send("POST", RELAYS, {**form, "action": "accept"}, {})).status == 303
        assert (await vera._send("POST", RELAYS, {**form, "action": "burn"}, {})).status == 400
        assert await kreis.count(DomainAllow, DomainAllow.domain == boese.host) == 0
    with subtests.test("left"):
        await vera.open(RELAYS)
        assert await press(vera, f"Leave {nachbar.domain}") == 303
        await nachbar.until_received("Undo")
        assert await kreis.count(Follow) == 0
    with subtests.test("subscribed to by its address, and by no other"):
        emil = nachbar.person("emil")
        wrong = ("nichts", "http://127.0.0.1:1/relay", f"{nachbar.origin}/inbox", relay, emil.uri)
        for address in wrong:
            await vera.open(RELAYS)
            assert await press(vera, "Ask it", uri=address) == 422
            assert vera.last is not None
            assert ("address of a person" if address == emil.uri else "No relay could be read") in vera.last.text
        await vera.open(RELAYS)
        assert await press(vera, "Ask it", uri=f" {theirs.uri} ") == 303
        await nachbar.until_received("Follow", 2)
        page = await opened(vera, RELAYS)
        assert "asked, no answer yet" in page.text
        assert parsed(await vera._send("GET", RELAYS, None, {"Accept-Language": "de"}), 200).one("h1").text == "Relays"
    assert [action for action, _ in await kreis.read(lines)] == [
        *("domain_allow.create", "relay.accept", "relay.refuse", "relay.unsubscribe", "relay.subscribe")
    ]


async def test_without_the_word_there_is_no_relay(stadt: Town) -> None:
    assert (await stadt.get("/relay"))[0] == 404
    assert (await stadt.get("/relay/followers"))[0] == 404
    vera = await browser_of(stadt, "vera", Role.ADMIN)
    await vera._send("GET", RELAYS, None, {"Accept-Language": "de"})
    assert vera.last is not None
    page = parsed(vera.last, 200)
    assert "[federation] relay ist aus" in page.text
    assert page.all("main form") == []
    with pytest.raises(Invalid, match="relay is off"):
        await stadt.write(carry_out, COMMAND_LINE, relays.subscribe, "https://kreis.example/relay")


async def test_what_the_relay_says_of_itself(kreis: Town) -> None:
    status, document = await kreis.get("/relay")
    assert (status, document["id"], document["type"]) == (200, f"{kreis.origin}/relay", "Application")
    assert document["inbox"] == f"{kreis.origin}/relay/inbox"
    assert document["publicKey"]["id"].startswith(f"{kreis.origin}/relay#")
    for name in ("followers", "following", "outbox"):
        status, collection = await kreis.get(f"/relay/{name}")
        assert (status, collection["totalItems"]) == (200, 0)
    with pytest.raises(NotFound):
        await kreis.write(carry_out, COMMAND_LINE, relays.unsubscribe, "https://niemand.example/relay")
