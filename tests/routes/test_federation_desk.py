"""The desk of the federation at /admin/federation: who sees it, what it says, what its forms do. Rows J04, K01, K08."""

from collections import Counter
from datetime import timedelta

import pytest
from aiohttp import FormData
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from activitypub.models import Actor, DomainAllow, DomainBlock, Follow, Instance, new_id
from activitypub.unit import Unit
from fediverse_kommune.models import Role, User
from fediverse_kommune.services import federation_desk
from fediverse_kommune.services.federation_desk import Which
from inbox.models import InboxItem, RefusedArrival
from inbox.refused import MANY, NAMES, ROWS, RefusedArrivals, add_refusals, prune_refusals
from outbox.models import DeliveryDay
from tests.client import Browser, app_of, statements
from tests.desk import browser_of, lines, opened, press, token_on
from tests.fediverse import ACTIVITY_TYPE, Remote
from tests.town import Town
from tests.webpages import parsed

DESK = "/admin/federation"
LISTS = f"{DESK}/lists"


async def test_who_sees_the_desk(stadt: Town, subtests: pytest.Subtests) -> None:
    paths = (DESK, f"{DESK}/server/nachbar.test", LISTS, f"{LISTS}/block.csv")
    visitor = Browser(stadt)
    anna = await browser_of(stadt, "anna", Role.USER)
    moritz = await browser_of(stadt, "moritz", Role.MODERATOR)
    vera = await browser_of(stadt, "vera", Role.ADMIN)
    for path in paths:
        with subtests.test(path=path):
            reply = await visitor.open(path)
            assert (reply.status, reply.headers["Location"][:12]) == (303, "/login?next=")
            assert (await anna.open(path)).status == 404
            assert (await moritz.open(path)).status == (404 if path.endswith("csv") else 200)
            reply = await vera.open(path)
            assert (reply.status, reply.headers["Cache-Control"]) == (200, "private, no-store")
    with subtests.test("a moderator sees no form that decides, and no form of theirs decides"):
        page = await opened(moritz, f"{DESK}/server/nachbar.test")
        assert page.all("main form") == []
        assert await press(moritz, "Log out Moritz") == 303
        await moritz.log_in("moritz")
        await moritz.open(f"{DESK}/server/nachbar.test")
        token = {"form_token": token_on(await moritz.open("/about"))}
        reply = await moritz._send("POST", f"{DESK}/server/nachbar.test", {**token, "action": "limit"}, {})
        assert reply.status == 404
        reply = await vera._send("POST", f"{DESK}/server/nachbar.test", {"action": "limit"}, {})
        assert reply.status == 403, "a form without its token"
    with subtests.test("nobody sees it any more whose role is gone"):
        await stadt.write(_demote)
        assert (await vera.open(DESK)).status == 404
    assert await stadt.read(lines) == []
    assert await stadt.count(DomainBlock) == 0


def _demote(unit: Unit) -> None:
    unit.execute(update(User).values(role=Role.USER))


async def test_what_the_desk_says_of_a_server(stadt: Town, nachbar: Remote, boese: Remote) -> None:
    """Refusals with their reasons, what had no effect, deliveries, what waits; and nothing of what was written."""
    await stadt.resident("anna")
    vera = await browser_of(stadt, "vera", Role.ADMIN)
    client = await app_of(stadt, "berta")
    emil, igor = nachbar.person("emil"), boese.person("igor")
    await stadt.accept(emil, emil.activity("Follow", f"{stadt.origin}/users/berta"))
    await client.write("Streng geheim ist nichts")
    await nachbar.until_received("Create")
    await stadt.rest()
    # Wrong in four ways.
    assert await stadt.deliver(igor, emil.create(emil.note("Ein Geheimnis"))) == 401
    assert await stadt.deliver(igor, igor.create(), now=stadt.app.server.clock() - timedelta(days=2)) == 401
    assert await stadt.post("/inbox", b"{}", {"Content-Type": ACTIVITY_TYPE}) == 401
    assert await stadt.deliver(igor, b"{") == 400
    await stadt.accept(igor, igor.activity("Flag", "https://dritte.example/users/igor", content="Auch ein Geheimnis"))
    await stadt.app.inbox.refused.settle()
    await stadt.write(_failed, boese.domain, f"{igor.uri} of @igor@{boese.host} is away")

    page = await opened(vera, f"{DESK}/server/{boese.domain}")
    refused, idle = page.one("section[aria-labelledby=refused]"), page.one("section[aria-labelledby=idle]")
    words = " ".join(refused.text_content().split())
    assert "It was about something over which the sender has no authority. Create 1" in words
    assert "The signature was too old or from the future: one of the clocks is wrong. – 1" in words
    assert "It could not be read as an activity. – 1" in words
    assert "reports nothing of ours" in idle.text_content()
    assert "… of … is away" in idle.text_content()
    assert "Geheimnis" not in page.text
    assert "igor" not in page.text

    page = await opened(vera, f"{DESK}/server/{nachbar.domain}")
    assert "Takes what is sent to it." in page.text
    picture = page.one("figure svg[role=img]")
    assert "2 were taken, 0 attempts failed" in picture.text_content()
    assert picture.cssselect("rect.chart-delivered")
    overview = await opened(vera, f"{DESK}?q=boese&which=refused")
    assert [cell.text_content().strip() for cell in overview.all("tbody th a")] == [boese.domain]
    assert (await opened(vera, f"{DESK}?q=nichts-davon")).all("tbody th a") == []


def _failed(unit: Unit, origin: str, reason: str) -> None:
    item = InboxItem(
        id=new_id(unit.now),
        origin=origin,
        activity_uri="https://boese.test/1",
        revision="",
        actor_uri="https://boese.test/users/igor",
        type="Create",
        hearsay=False,
        body=b"",
        received_at=unit.now,
        next_attempt_at=unit.now,
        done_at=unit.now,
        last_error=reason,
    )
    unit.add(item)


async def test_limits_are_set_and_lifted_by_forms(stadt: Town, nachbar: Remote) -> None:
    await stadt.resident("anna")
    vera = await browser_of(stadt, "vera", Role.ADMIN)
    emil = nachbar.person("emil")
    await stadt.accept(emil, emil.activity("Follow", f"{stadt.origin}/users/anna"))
    path = f"{DESK}/server/{nachbar.domain}"
    assert "To shut it out ends 1 follow, for good." in (await opened(vera, path)).text
    assert await press(vera, "Limit this server", severity="silence", reject_media="yes", private_comment="laut") == 303
    page = await opened(vera, path)
    assert "nachbar.test: silenced, no files – laut" in page.text
    assert await press(vera, "Change the limits", severity="suspend") == 303
    assert await stadt.count(Follow) == 0
    assert "shut out" in (await opened(vera, path)).text
    assert await press(vera, "Lift the limits") == 303
    await vera.open(path)
    assert await press(vera, "Allow") == 303
    assert await stadt.count(DomainAllow) == 1
    await vera.open(path)
    assert await press(vera, "Allow no longer") == 303
    assert [action for action, _ in await stadt.read(lines)] == [
        *("domain_block.create", "domain_block.update", "domain_block.delete"),
        *("domain_allow.create", "domain_allow.delete"),
    ]
    own = f"{DESK}/server/{stadt.host}"
    await vera.open(own)
    assert await press(vera, "Limit this server") == 422
    assert vera.last is not None
    assert "our own domain" in vera.last.text


async def test_lists_by_forms(stadt: Town, nachbar: Remote) -> None:
    vera = await browser_of(stadt, "vera", Role.ADMIN)
    given = "boese.example\n<script>,\nstadt.test\n"
    await vera.open(LISTS)
    assert await press(vera, "Show what would change", list=given) == 200
    assert vera.last is not None
    page = parsed(vera.last, 200)
    assert "1 servers change, 0 stay as they are, 2 lines are left out; 0 follows end." in page.text
    assert page.all("script") == []
    assert await stadt.count(DomainBlock) == 0
    assert await press(vera, "Do all of that") == 303
    assert await stadt.count(DomainBlock, DomainBlock.domain == "boese.example") == 1
    exported = await vera.open(f"{LISTS}/block.csv")
    assert exported.text.splitlines()[1] == "boese.example,suspend,false,false,,false"
    assert "attachment" in exported.headers["Content-Disposition"]
    await vera.open(LISTS)
    assert await press(vera, "Show what would change", list=" ") == 422

    for name, content, status, words in (
        (
            "a.csv",
            b"#domain,#severity,#reject_media\nlaut.example,silence,true\nl**t.example,suspend,no\n",
            200,
            "3: l**t",
        ),
        ("a.json", b'[{"domain": "laut.example"}, {"domain": "a b"}]', 200, "Line or entry 2: a b"),
        ("a.png", b"\x89PNG\r\n\x1a\n", 422, "Line or entry 1: This is no text in UTF-8"),
        ("a.html", b"<!DOCTYPE html>\n<html>", 422, "Line or entry 1: This names no server"),
        ("gross.csv", b"d.example\n" * 40_001, 422, "larger than 400 kilobytes"),
        ("riesig.csv", b"d.example\n" * 110_000, 413, ""),
    ):
        page = await opened(vera, LISTS)
        form = FormData({"form_token": token_on(page.reply), "kind": "block", "action": "preview"})
        form.add_field("file", content, filename=name, content_type="application/octet-stream")
        assert words in parsed(await vera._send("POST", LISTS, form, {}), status).text, name

    nachbar.documents["/list"], nachbar.content_type = b"laut.example\nx.example\n", "text/plain"
    await vera.open(LISTS)
    assert await press(vera, "Subscribe", url=f"{nachbar.origin}/list") == 303
    await stadt.housekeep()
    page = await opened(vera, LISTS)
    chosen = page.all("input[name=proposal]")[0].get("value")
    assert await press(vera, "Accept what is chosen") == 422, "nothing is chosen"
    await vera.open(LISTS)
    assert await press(vera, "Accept what is chosen", proposal=chosen) == 303
    assert await stadt.count(DomainBlock) == 2
    page = await opened(vera, LISTS)
    assert await press(vera, "Refuse what is chosen", proposal=page.all("input[name=proposal]")[0].get("value")) == 303
    assert "It proposes nothing." in (await opened(vera, LISTS)).text
    assert await press(vera, "Read this list no longer") == 303
    last = (await stadt.read(lines))[-4:]
    assert [action for action, _ in last] == [
        "domain_list.subscribe",
        "domain_proposal.accept",
        "domain_proposal.refuse",
        "domain_list.unsubscribe",
    ]


async def test_refusals_are_counted_within_bounds(stadt: Town) -> None:
    refused = RefusedArrivals(stadt.app.server.db)
    for number in range(NAMES + 50):
        refused.note(f"h{number}.example", "unsigned", "")
        refused.note("viel.example", "unsigned", "")
    await refused.settle()
    assert await stadt.count(RefusedArrival) == NAMES + 1
    assert await stadt.read(_count_of, "viel.example") == NAMES + 50
    assert await stadt.read(_count_of, MANY[0]) >= 50

    def flood(unit: Unit) -> None:
        add_refusals(unit, Counter({(f"f{number}.example", "clock", ""): 1 for number in range(ROWS)}))
        prune_refusals(unit)

    await stadt.write(flood)
    assert await stadt.count(RefusedArrival) <= ROWS
    await stadt.write(_age)
    await stadt.write(prune_refusals)
    assert await stadt.count(RefusedArrival) == 0


def _count_of(session: Session, host: str) -> int:
    return session.scalar(select(func.sum(RefusedArrival.count)).where(RefusedArrival.host == host)) or 0


def _age(unit: Unit) -> None:
    unit.execute(update(RefusedArrival).values(day=(unit.now - timedelta(days=31)).date()))


async def test_the_list_costs_the_same_however_long_it_is(stadt: Town) -> None:
    counts = []
    for number in (1, 49):
        await stadt.write(_servers, number)
        with statements(stadt) as seen:
            page = await stadt.read(federation_desk.read_overview, Which.ALL, "", "", stadt.app.server.clock())
        assert len(page.lines) == number
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 15
    await stadt.write(_servers, 60)
    page = await stadt.read(federation_desk.read_overview, Which.ALL, "", "", stadt.app.server.clock())
    after = page.after or ""
    rest = await stadt.read(federation_desk.read_overview, Which.ALL, "", after, stadt.app.server.clock())
    assert (len(page.lines), len(rest.lines), rest.after) == (50, 10, None)


def _servers(unit: Unit, number: int) -> None:
    unit.execute(delete(Instance))
    unit.execute(delete(Actor).where(Actor.domain.is_not(None)))
    unit.execute(delete(DeliveryDay))
    for each in range(number):
        unit.add(Instance(host=f"h{each:02}.example", first_seen_at=unit.now))
        unit.add(DeliveryDay(host=f"h{each:02}.example", day=unit.now.date(), delivered=each, failed=1))
