"""Taking part in an event on its page: buttons, what is said to whom, and who is named there."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from sqlalchemy import update

from activitypub.models import Actor, CalendarEvent, Participation, Taking
from tests.client import Browser, anonymous, app_of
from tests.fediverse import Remote
from tests.routes.test_api_events import EVENTS, START, announced
from tests.town import Town
from tests.webpages import Page, change, page_of, parsed

SECTION = "#taking-part"


def said(page: Page) -> list[str]:
    return [" ".join(line.text_content().split()) for line in page.all(f"{SECTION} .notice")]


def buttons(page: Page) -> list[str]:
    return [button.text_content().strip() for button in page.all(f"{SECTION} form button")]


def named(page: Page) -> list[str]:
    return [name.text_content() for name in page.all(f"{SECTION} .guests bdi")]


async def logged_in(stadt: Town, username: str) -> Browser:
    browser = Browser(stadt)
    await browser.log_in(username)
    return browser


async def is_led_to_the_login(stadt: Town, path: str) -> None:
    page = await page_of(stadt, path)
    link = urlsplit(page.one(f"{SECTION} a.button").get("href"))
    assert (link.path, parse_qs(link.query)) == ("/login", {"next": [path]})
    assert "Mit einem Konto auf einem anderen Server" in page.text
    assert (buttons(page), "Set-Cookie" in page.headers) == ([], False)
    assert page.headers["Cache-Control"] == "public, max-age=60"


async def press(browser: Browser, label: str, **fields: str) -> Page:
    """Press a button of the section (the first form of a page is the one that logs out), and follow where it leads."""
    assert browser.last is not None
    labels = [button.text_content().strip() for button in parsed(browser.last).all("main form button")]
    reply = await browser.submit(fields, form=1 + labels.index(label))
    assert reply.status == 303
    assert reply.headers["Location"].endswith(SECTION)
    return parsed(await browser.open(reply.headers["Location"]))


async def test_residents_take_part_on_the_page_of_an_event(
    stadt: Town, nachbar: Remote, subtests: pytest.Subtests
) -> None:
    anna, bert, cora = [await app_of(stadt, name) for name in ("anna", "bert", "cora")]
    post = await announced(anna, capacity=2)
    path = f"/@anna/{post['id']}"
    browser, other = await logged_in(stadt, "bert"), await logged_in(stadt, "cora")

    with subtests.test("a visitor is led to the login, and no cookie is set for that"):
        await is_led_to_the_login(stadt, path)

    with subtests.test("joined, and named to nobody"):
        page = parsed(await browser.open(path))
        assert buttons(page) == ["Take part"]
        assert page.one(f"{SECTION} label[for=named]").text_content() == "Show others that I come"
        assert page.one("#named").get("aria-describedby") == page.one("#named-hint").get("id")
        page = await press(browser, "Take part")
        assert said(page) == ["You take part."]
        assert buttons(page) == ["Show others that I come", "Do not take part any more"]
        assert named(page) == named(await page_of(stadt, path)) == []
        assert await cora.get(f"{EVENTS}/{post['id']}/participations") == []

    with subtests.test("named by their own will, to everybody"):
        page = await press(browser, "Show others that I come")
        assert named(page) == named(await page_of(stadt, path)) == ["Bert"]
        assert [row["username"] for row in await cora.get(f"{EVENTS}/{post['id']}/participations")] == ["bert"]
        attendees = await anonymous(stadt).ask("GET", f"/users/anna/statuses/{post['id']}/attendees")
        assert attendees.json["orderedItems"] == [f"{stadt.origin}/users/bert"]

    with subtests.test("full with those who come, of whom some are not named"):
        await other.open(path)
        page = await press(other, "Take part")
        assert (said(page), named(page)) == (["You take part."], ["Bert"])
        assert said(await page_of(stadt, path)) == ["Alle Plätze sind vergeben."]
        assert [row["username"] for row in await anna.get(f"{EVENTS}/{post['id']}/participations")] == ["cora", "bert"]

    with subtests.test("named no longer, by app as on the page"):
        await bert.post(f"{EVENTS}/{post['id']}/join", json={"named": False})
        assert named(await page_of(stadt, path)) == []
        await bert.post(f"{EVENTS}/{post['id']}/join", json={"named": True})
        assert named(parsed(await browser.open(path))) == ["Bert"]
        await change(stadt, Actor, int(bert.id), suspended_at=datetime.now(UTC))
        assert named(await page_of(stadt, path)) == []
        await change(stadt, Actor, int(bert.id), suspended_at=None)
        assert buttons(parsed(await browser.open(path))) == [
            "Do not show others that I come",
            "Do not take part any more",
        ]
        assert named(await press(browser, "Do not show others that I come")) == []

    with subtests.test("left, and the place is taken by somebody else meanwhile"):
        page = await press(browser, "Do not take part any more")
        assert buttons(page) == ["Take part"]
        emil = nachbar.person("emil")
        await stadt.accept(emil, emil.activity("Join", post["uri"]))
        assert said(await press(browser, "Take part", named="on")) == ["All places are taken."]
        assert await stadt.count(Participation, Participation.named) == 0

    with subtests.test("cancelled"):
        await anna.post(f"{EVENTS}/{post['id']}/cancel")
        assert said(await page_of(stadt, path)) == ["Die Veranstaltung ist abgesagt."]
        assert await stadt.count(Participation, Participation.state == Taking.ACCEPTED) == 2


async def test_the_organiser_decides_on_who_asks_on_a_page(stadt: Town, subtests: pytest.Subtests) -> None:
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert")
    cora, dora = await app_of(stadt, "cora"), await app_of(stadt, "dora")
    for guest in (bert, dora):
        await guest.follow(anna)
    browser, other = await logged_in(stadt, "bert"), await logged_in(stadt, "cora")
    asked = await announced(anna, join_mode="restricted", visibility="private")
    there = f"/authorize_interaction?uri={quote(asked['uri'], safe='')}"

    with subtests.test("where the organiser decides, with a word to them"):
        await dora.post(f"{EVENTS}/{asked['id']}/join")
        await anna.post(f"{EVENTS}/{asked['id']}/participation_requests/{dora.id}/authorize")
        await browser.open(there)
        reply = await browser.submit({"message": "x" * 501}, form=1)
        assert reply.status == 422
        await browser.open(there)
        page = await press(browser, "Ask to take part", message="Zu zweit", named="on")
        assert said(page) == ["You have asked to take part. The organiser has not answered yet."]
        assert named(page) == []  # only who comes
        (waiting,) = await anna.get(f"{EVENTS}/{asked['id']}/participation_requests")
        assert waiting["participation_message"] == "Zu zweit"
        decide = f"{EVENTS}/{asked['id']}/participation_requests/{bert.id}"
        await anna.post(f"{decide}/authorize")
        page = parsed(await browser.open(there))
        assert (said(page), named(page)) == (["You take part."], ["Bert"])
        assert await cora.get(f"{EVENTS}/{asked['id']}/participations") == []
        assert parsed(await other.open(there), 404).all(SECTION) == []

    with subtests.test("no other site can press a button, and none is pressed for what is not there"):
        post = await announced(anna)
        for fields, status in (
            ({"form_token": "x"}, 403),
            ({"action": "join", "id": asked["id"]}, 404),
            ({"action": "dance"}, 400),
        ):
            await other.open(f"/@anna/{post['id']}")
            assert (await other.submit(fields, form=1)).status == status


async def test_other_servers_find_who_organises_an_event_and_what_is_coming_up(stadt: Town) -> None:
    anna, cora = await app_of(stadt, "anna"), await app_of(stadt, "cora")
    post = await announced(anna)
    organizers = await anonymous(stadt).ask("GET", f"/users/anna/statuses/{post['id']}/organizers")
    assert organizers.json["orderedItems"] == [f"{stadt.origin}/users/anna"]
    await announced(anna, visibility="unlisted")
    sooner = await announced(anna, start_time=(START - timedelta(days=1)).isoformat())
    over = await announced(anna)
    past = datetime.now(UTC) - timedelta(hours=1)
    row = CalendarEvent.status_id == int(over["id"])
    await stadt.write(lambda unit: unit.execute(update(CalendarEvent).where(row).values(ends_at=past)) and None)
    coming = (await anonymous(stadt).ask("GET", "/users/anna/upcoming_events")).json
    assert [event["id"] for event in coming["orderedItems"]] == [sooner["uri"], post["uri"]]
    assert coming["orderedItems"][1]["organizers"]["items"] == [f"{stadt.origin}/users/anna"]
    await cora.post(f"/api/v1/statuses/{post['id']}/reblog")
    coming = (await anonymous(stadt).ask("GET", "/users/cora/upcoming_events")).json
    assert [event["id"] for event in coming["orderedItems"]] == [post["uri"]]
