"""Where other servers send people from here to follow, like or pass on: /authorize_interaction."""

from urllib.parse import parse_qs, quote, urlsplit

from sqlalchemy import delete

from activitypub.models import Announce, Follow, Like
from activitypub.vocabulary import Visibility
from fediverse_kommune.models import WebSession
from tests import acts
from tests.client import Browser, app_of
from tests.fediverse import PUBLIC, Remote
from tests.town import Town
from tests.webpages import Page, page_of, parsed

PATH = "/authorize_interaction"


async def logged_in(stadt: Town, username: str = "anna") -> Browser:
    await app_of(stadt, username)
    browser = Browser(stadt)
    await browser.log_in(username)
    return browser


async def opened(browser: Browser, uri: str, status: int = 200) -> Page:
    return parsed(await browser.open(f"{PATH}?uri={quote(uri, safe='')}"), status)


async def press(browser: Browser, label: str) -> None:
    """Press the button with this label; the first form of a page is the one that logs out."""
    assert browser.last is not None
    labels = [button.text_content().strip() for button in parsed(browser.last).all("main form button")]
    reply = await browser.submit({}, form=1 + labels.index(label))
    assert reply.status == 303
    await browser.open(reply.headers["Location"])


async def test_a_visitor_is_led_to_the_login_and_nothing_is_fetched(stadt: Town, nachbar: Remote) -> None:
    bob = nachbar.person("bob")
    page = await page_of(stadt, f"{PATH}?uri={quote(bob.uri)}")
    link = urlsplit(page.one("main a.button").get("href"))
    assert (link.path, parse_qs(link.query)) == ("/login", {"next": [f"{PATH}?uri={quote(bob.uri, safe='')}"]})
    assert page.headers["Cache-Control"] == "private, no-store"
    assert nachbar.requested == []


async def test_after_the_login_the_page_is_back(stadt: Town, nachbar: Remote) -> None:
    await app_of(stadt, "anna")
    uri = nachbar.person("bob").uri
    browser = Browser(stadt)
    page = await opened(browser, uri)
    reply = await browser.log_in("anna", page.one("main a.button").get("href"))
    assert reply.headers["Location"] == f"{PATH}?uri={quote(uri, safe='')}"


async def test_somebody_elsewhere_is_found_and_followed(stadt: Town, nachbar: Remote) -> None:
    bob = nachbar.person("bob")
    browser = await logged_in(stadt)
    for written in (bob.uri, f"acct:bob@{nachbar.host}:{nachbar.port}", f"@bob@{nachbar.host}:{nachbar.port}"):
        page = await opened(browser, written)
        assert page.one(".card .author-name").text_content() == "Bob"

    await press(browser, "Follow")

    await nachbar.until_received("Follow")
    assert await stadt.count(Follow, Follow.accepted_at.is_(None)) == 1
    assert "You have asked to follow Bob." in parsed(browser.last).text


async def test_a_neighbour_is_followed_at_once(stadt: Town) -> None:
    bob = await stadt.resident("bob")
    browser = await logged_in(stadt)
    await opened(browser, bob.uri)
    await press(browser, "Follow")
    assert "You follow Bob." in parsed(browser.last).text


async def test_a_post_is_liked_and_passed_on(stadt: Town, nachbar: Remote) -> None:
    bob = nachbar.person("bob")
    note = bob.note(content="<p>Am Fluss</p>", to=[PUBLIC])
    nachbar.documents[f"/{note['id'].split('/', 3)[3]}"] = note
    browser = await logged_in(stadt)
    assert (await opened(browser, note["id"])).posts == ["Am Fluss"]

    await press(browser, "Like")
    await press(browser, "Pass on")

    assert (await stadt.count(Like), await stadt.count(Announce)) == (1, 1)
    assert parsed(browser.last).all("main form") == []


async def test_oneself_is_nobody_to_follow(stadt: Town) -> None:
    browser = await logged_in(stadt)
    page = await opened(browser, f"{stadt.origin}/users/anna")
    assert "That is you." in page.text
    assert page.all("main form") == []


async def test_what_one_may_not_read_is_as_if_it_were_not_there(stadt: Town) -> None:
    bob = await stadt.resident("bob")
    hidden = await stadt.write(acts.write, bob, visibility=Visibility.PRIVATE)
    browser = await logged_in(stadt)
    pages = [
        await opened(browser, uri, status=404) for uri in (hidden.uri, hidden.uri + "0", "javascript:alert(1)", "")
    ]
    assert len({page.one("main > p:not(.copyable)").text_content() for page in pages}) == 1

    await opened(browser, bob.uri)
    reply = await browser.submit({"action": "like", "id": str(hidden.id)}, form=1)
    assert reply.status == 404
    assert await stadt.count(Like) == 0


async def test_no_other_site_can_press_a_button(stadt: Town) -> None:
    bob = await stadt.resident("bob")
    browser = await logged_in(stadt)
    await opened(browser, bob.uri)
    for headers, fields in (
        ({"Origin": "https://boese.test"}, {}),
        ({"Sec-Fetch-Site": "cross-site"}, {}),
        ({}, {"form_token": "0" * 64}),
        ({}, {"form_token": ""}),
    ):
        page = parsed(browser.last)
        assert page.status == 200
        reply = await browser.submit(fields, form=1, headers=headers)
        assert reply.status == 403
        browser.last = page.reply
    assert await stadt.count(Follow) == 0


async def test_a_button_that_does_not_exist_does_nothing(stadt: Town) -> None:
    bob = await stadt.resident("bob")
    browser = await logged_in(stadt)
    page = await opened(browser, bob.uri)
    for fields, status in (({"action": "delete"}, 400), ({"id": "x"}, 404), ({"id": "9" * 5_000}, 404)):
        browser.last = page.reply
        assert (await browser.submit(fields, form=1)).status == status


async def test_whose_session_ended_meanwhile_is_asked_to_log_in(stadt: Town) -> None:
    bob = await stadt.resident("bob")
    browser = await logged_in(stadt)
    await opened(browser, bob.uri)
    await stadt.write(lambda unit: unit.execute(delete(WebSession)))
    reply = await browser.submit({}, form=1)
    assert reply.headers["Location"].startswith("/login?next=%2Fauthorize_interaction")
    assert await stadt.count(Follow) == 0
