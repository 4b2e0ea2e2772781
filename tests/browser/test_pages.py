"""The pages in a real browser: usable by everybody, on every screen, with the keyboard alone, and without scripts."""

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page
from sqlalchemy import select

from activitypub.graph.actors import find_actor
from activitypub.graph.reactions import ChosenEmoji, react
from activitypub.models import Actor, Instance, Media, MediaState, Severity, Status, new_id
from activitypub.unit import Unit
from fediverse_kommune.models import Change, DomainList, DomainProposal, ListKind, ProposalState
from fediverse_kommune.seeds import Login
from fediverse_kommune.services.events import EventForm, create_event
from inbox.refused import add_refusals
from outbox.models import DeliveryDay
from tests import acts
from tests.browser.visitor import page_of
from tests.pictures import picture
from tests.town import Town
from tests.unit.outbox.conftest import following, remote

pytestmark = pytest.mark.asyncio(loop_scope="module")

Musterstadt = tuple[Town, dict[str, Login]]

OUT_OF_BAND = "urn:ietf:wg:oauth:2.0:oob"
WCAG_2_2_AA = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def addresses(musterstadt: Musterstadt) -> Mapping[str, str]:
    """One page of each kind, with all that a page can have on it."""
    stadt, _ = musterstadt
    folder = Path(stadt.app.server.config.media.storage)
    folder.mkdir(parents=True, exist_ok=True)
    source = folder / "steg.png"
    source.write_bytes(picture("PNG", (640, 360)))
    key = stadt.app.server.studio.store.keep(source, "png")
    post, fest = await stadt.write(_illustrated_post, key), await stadt.write(_event)

    def conversation(session: Any) -> str:
        status = session.scalar(select(Status).where(Status.in_reply_to_id.is_not(None)).order_by(Status.id).limit(1))
        return str(status.url)

    return {
        "town": "/",
        "profile": "/@rathaus",
        "post": urlsplit(await stadt.read(conversation)).path,
        "picture": f"/@aylin/{post.id}",
        "event": f"/@rathaus/{fest.id}",
        "tag": "/tags/fahrrad",
        "about": "/about",
        "api": "/api",
        "methods": "/api?of=statuses",
        "login": "/login",
        "missing": "/nichts",
        "elsewhere": f"/authorize_interaction?uri={stadt.origin}/users/tsv",
    }


def _illustrated_post(unit: Unit, key: str) -> Status:
    aylin = unit.scalars(select(Actor).where(Actor.handle == "aylin")).one()
    common = {"actor_id": aylin.id, "media_type": "image/png", "width": 640, "height": 360, "created_at": unit.now}
    ours = Media(id=new_id(unit.now), storage_key=key, state=MediaState.READY, description="Der Steg", **common)
    bare = Media(id=new_id(unit.now), storage_key=key, state=MediaState.READY, **common)
    theirs = Media(id=new_id(unit.now), remote_url="https://nord.example/b.png", state=MediaState.REMOTE, **common)
    html = "<p>Am <em>Steg</em></p><blockquote><p>Zitat</p></blockquote><ul><li>eins</li></ul><pre><code>x</code></pre>"
    post = acts.write(unit, aylin, html, media=[ours, bare, theirs], language="de")
    url = "https://nord.example/fisch.png"
    for chosen in (ChosenEmoji("👍"), ChosenEmoji("fisch@nord.example", url, url)):
        react(unit, aylin, post, chosen)
    return post


def _event(unit: Unit) -> Status:
    rathaus = unit.scalars(select(Actor).where(Actor.handle == "rathaus")).one()
    form = EventForm(name="Bürgerfest", starts_at=unit.now + timedelta(days=9), join_mode="restricted", capacity=20)
    return create_event(unit, rathaus, form)


async def violations(page: Page) -> list[str]:
    found = await Axe().run(page, options=WCAG_2_2_AA)
    return [f"{rule['id']}: {node['html'][:200]}" for rule in found.response["violations"] for node in rule["nodes"]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_nobody_is_shut_out(
    musterstadt: Musterstadt, addresses: Mapping[str, str], page: Page, scheme: Any
) -> None:
    """WCAG 2.2 AA, as far as axe-core can see it, on every kind of page."""
    stadt, _ = musterstadt
    await page.emulate_media(color_scheme=scheme)
    for name, path in addresses.items():
        await page.goto(stadt.origin + path)
        for details in await page.locator("main details > summary").all():
            await details.click()
        assert await violations(page) == [], name


async def test_whoever_is_logged_in_is_not_shut_out_either(
    musterstadt: Musterstadt, addresses: Mapping[str, str], page: Page
) -> None:
    stadt, logins = musterstadt
    await page.goto(f"{stadt.origin}/login?next=/authorize_interaction?uri={stadt.origin}/users/rathaus")
    await page.get_by_label("E-Mail-Adresse oder Benutzername").fill("jonas")
    await page.get_by_label("Passwort").fill("falsch")
    await page.get_by_role("main").get_by_role("button", name="Anmelden").click()
    assert await violations(page) == [], "the login that failed"

    await page.get_by_label("Passwort").fill(logins["jonas"].password)
    await page.get_by_role("main").get_by_role("button", name="Anmelden").click()
    assert await page.get_by_text("Sie folgen Stadt Musterstadt.").is_visible()
    assert await page.get_by_role("button", name="Jonas Weber abmelden").is_visible()
    assert await violations(page) == []

    await page.goto(f"{stadt.origin}/share?text=Schau&url=https://zeitung.example/1")
    assert await violations(page) == [], "writing"
    await page.goto(stadt.origin + addresses["event"])
    assert await violations(page) == [], "the event"
    await page.get_by_label("Anderen zeigen, dass ich komme").check()
    await page.get_by_label("Nachricht an die Veranstalter (freiwillig)").fill("Zu zweit")
    await page.get_by_role("button", name="Teilnahme anfragen").press("Enter")
    assert await page.get_by_text("Die Antwort steht noch aus.").is_visible()
    assert await violations(page) == [], "the event, joined"


async def test_the_desk_of_the_federation_shuts_nobody_out(musterstadt: Musterstadt, page: Page) -> None:
    """WCAG 2.2 AA for who looks after the other servers, with a picture, tables, proposals, and on a narrow screen."""
    stadt, logins = musterstadt
    await stadt.write(_busy_desk)
    await page.goto(f"{stadt.origin}/login?next=/admin/federation")
    await page.get_by_label("E-Mail-Adresse oder Benutzername").fill("sabine")
    await page.get_by_label("Passwort").fill(logins["sabine"].password)
    await page.get_by_role("main").get_by_role("button", name="Anmelden").click()
    for path in (
        "/admin/federation",
        "/admin/federation/server/nord.example",
        "/admin/federation/lists",
        "/admin/federation/relays",
    ):
        await page.goto(stadt.origin + path)
        for details in await page.locator("main details > summary").all():
            await details.click()
        assert await violations(page) == [], path
        await page.set_viewport_size({"width": 320, "height": 640})
        assert await page.evaluate("document.documentElement.scrollWidth") <= 320, path
        await page.set_viewport_size({"width": 1280, "height": 720})


def _busy_desk(unit: Unit) -> None:
    add_refusals(unit, Counter({("nord.example", "clock", "Create"): 3}))
    unit.add(Instance(host="nord.example", first_seen_at=unit.now, last_success_at=unit.now))
    relay = find_actor(unit, unit.instance.relay_uri)
    assert relay is not None
    for name in ("kreis", "sued"):
        following(unit, remote(unit, "relay", f"{name}.example", type="Application"), relay, accepted=name == "kreis")
    unit.add(DeliveryDay(host="nord.example", day=unit.now.date(), delivered=20, failed=5))
    row = DomainList(
        id=1, kind=ListKind.BLOCK, url="https://kreis.example/list.csv", created_at=unit.now, next_read_at=unit.now
    )
    unit.add(row)
    unit.flush()
    unit.add(
        DomainProposal(
            id=2,
            list_id=1,
            domain="boese.example",
            change=Change.ADD,
            severity=Severity.SUSPEND,
            state=ProposalState.WAITING,
            created_at=unit.now,
        )
    )


async def test_the_consent_for_an_app_shuts_nobody_out(musterstadt: Musterstadt, page: Page) -> None:
    stadt, logins = musterstadt
    registration = {"client_name": "Musterapp", "redirect_uris": OUT_OF_BAND, "scopes": "read write"}
    async with stadt.http.post(f"{stadt.origin}/api/v1/apps", json=registration) as answer:
        client_id = (await answer.json())["client_id"]
    wanted = {"client_id": client_id, "redirect_uri": OUT_OF_BAND, "response_type": "code", "scope": "read write"}
    await page.goto(f"{stadt.origin}/oauth/authorize?{urlencode(wanted)}")
    await page.get_by_label("E-Mail-Adresse oder Benutzername").fill("jonas")
    await page.get_by_label("Passwort").fill(logins["jonas"].password)
    await page.get_by_role("main").get_by_role("button", name="Anmelden").click()
    assert await page.get_by_text("Musterapp").first.is_visible()
    assert await violations(page) == [], "the consent"

    await page.locator("main form button").first.click()
    assert await page.locator("main code").is_visible()
    assert await violations(page) == [], "the code"


async def test_nothing_is_loaded_from_elsewhere_and_nothing_is_refused(
    musterstadt: Musterstadt, addresses: Mapping[str, str], page: Page
) -> None:
    stadt, _ = musterstadt
    loaded: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: loaded.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    for name, path in addresses.items():
        await page.goto(stadt.origin + path, wait_until="networkidle")
        # Chromium complains of a page that is not there; of nothing else may it complain.
        assert [text for text in complaints if "404 (Not Found)" not in text] == [], name
    assert {urlsplit(url).netloc for url in loaded} == {f"{stadt.host}:{stadt.port}"}
    assert any("/media/" in url for url in loaded)


async def test_everything_fits_on_a_narrow_screen(
    musterstadt: Musterstadt, addresses: Mapping[str, str], browser: Browser
) -> None:
    """WCAG 1.4.10: no sideways scrolling at 320 CSS pixels, which is also 1280 pixels at 400 %."""
    stadt, _ = musterstadt
    async with page_of(browser, viewport={"width": 320, "height": 640}) as page:
        for name, path in addresses.items():
            await page.goto(stadt.origin + path)
            for details in await page.locator("main details > summary").all():
                await details.click()
            assert await page.evaluate("document.documentElement.scrollWidth") <= 320, name


async def test_the_keyboard_alone_gets_to_the_content(musterstadt: Musterstadt, page: Page) -> None:
    stadt, _ = musterstadt
    await page.goto(stadt.origin)
    await page.keyboard.press("Tab")
    skip = page.get_by_text("Zum Inhalt springen")
    assert await skip.evaluate("element => element === document.activeElement")
    box = await skip.bounding_box()
    assert box is not None
    assert box["y"] >= 0, "it comes into view when it has the focus"
    await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")
    inside = "document.activeElement.closest('main') !== null"
    assert await page.evaluate(inside)
    outline = (
        "getComputedStyle(document.activeElement).outlineStyle + getComputedStyle(document.activeElement).outlineWidth"
    )
    assert await page.evaluate(outline) == "solid3px"


async def test_it_all_works_without_scripts(musterstadt: Musterstadt, browser: Browser) -> None:
    stadt, logins = musterstadt
    async with page_of(browser, java_script_enabled=False) as page:
        await page.goto(stadt.origin)
        await page.get_by_text("Das Ergebnis vom Samstag").click()
        assert await page.get_by_text("4:3 nach Verlängerung").is_visible()
        await page.get_by_role("link", name="Anmelden").click()
        await page.get_by_label("E-Mail-Adresse oder Benutzername").fill(logins["aylin"].email)
        await page.get_by_label("Passwort").fill(logins["aylin"].password)
        await page.get_by_role("main").get_by_role("button", name="Anmelden").click()
        await page.get_by_role("button", name="Aylin Demir abmelden").click()
        assert await page.get_by_role("link", name="Anmelden").is_visible()


async def test_the_language_can_be_chosen(musterstadt: Musterstadt, page: Page) -> None:
    stadt, _ = musterstadt
    await page.goto(stadt.origin + "/@rathaus")
    await page.get_by_role("link", name="English").click()
    assert await page.get_by_role("heading", name="Posts").is_visible()
    await page.get_by_role("link", name="Home").click()
    assert await page.get_by_role("heading", name="Latest posts").is_visible()
