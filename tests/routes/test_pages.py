"""The pages of the town: its posts, its directory, its tags, and what machines read."""

from datetime import timedelta

import pytest

from activitypub.models import Actor, Status
from activitypub.unit import Unit
from activitypub.vocabulary import Visibility
from fediverse_kommune.web import pages
from tests import acts
from tests.fediverse import PUBLIC, Remote
from tests.town import Town, town
from tests.webpages import change, page_of

NOWHERE = [
    "/@anna/" + "9" * 5_000,
    "/@anna/99999999999999999999",
    "/@anna/-1",
    "/@anna/%D9%A1",
    "/@anna%00",
    "/@anna?max_id=" + "9" * 5_000,
    "/@anna?max_id=x",
    "/@" + "a" * 3_000,
    "/@%F0%9F%8F%98",
    "/@a@b@c",
    "/@a@.example",
    "/tags/%00",
    "/tags/" + "a" * 3_000,
    "/@anna%00.rss",
    "/@%2e%2e",
]


async def test_the_town_shows_what_is_public_and_from_here_newest_first(stadt: Town, nachbar: Remote) -> None:
    anna, gone = await stadt.resident("anna"), await stadt.resident("weg")
    bob = nachbar.person("bob")
    await stadt.write(acts.write, anna, "<p>Das erste</p>")
    await stadt.write(acts.write, anna, "<p>Das zweite</p>")
    for visibility in (Visibility.UNLISTED, Visibility.PRIVATE, Visibility.DIRECT):
        await stadt.write(acts.write, anna, "<p>Nicht für alle</p>", visibility=visibility)
    only_here = await stadt.write(acts.write, anna, "<p>Nur im Ort</p>")
    await change(stadt, Status, only_here.id, local_only=True)
    await stadt.write(acts.write, gone, "<p>Von jemand Gesperrtem</p>")
    await change(stadt, Actor, gone.id, suspended_at=anna.created_at)
    await stadt.accept(bob, bob.create(bob.note(content="<p>Von drüben</p>", to=[PUBLIC], cc=[anna.uri])))

    page = await page_of(stadt, "/")

    assert page.posts == ["Das zweite", "Das erste"]
    assert page.one("h1").text_content() == "Teststadt"


async def test_the_directory_shows_who_wants_to_be_found_by_kind(stadt: Town) -> None:
    await stadt.resident("anna")
    await stadt.resident("verein", kind="Group")
    await stadt.resident("rathaus", kind="Organization")
    await stadt.resident("pegel", kind="Service")
    shy, gone = await stadt.resident("stille"), await stadt.resident("weg")
    await change(stadt, Actor, shy.id, discoverable=False)
    await change(stadt, Actor, gone.id, suspended_at=gone.created_at)

    page = await page_of(stadt, "/")

    sections = {
        section.cssselect("h2")[0].text_content(): [link.get("href") for link in section.cssselect("a")]
        for section in page.all(".directory")
    }
    assert sections == {
        "Rathaus und Ämter": ["/@pegel", "/@rathaus"],
        "Vereine und Gruppen": ["/@verein"],
        "Menschen": ["/@anna"],
    }


async def test_an_empty_town_says_so(stadt: Town) -> None:
    page = await page_of(stadt, "/")
    assert "Noch hat niemand etwas geschrieben." in page.text
    assert page.all("aside section") == []


async def test_lists_go_on_behind_their_last_post(stadt: Town) -> None:
    anna = await stadt.resident("anna")

    def write_many(unit: Unit) -> None:
        for number in range(25):
            acts.write(unit, anna, f"<p>Nummer {number}</p>")

    await stadt.write(write_many)
    for path in ("/", "/@anna"):
        first = await page_of(stadt, path)
        older = first.one(".pages a").get("href")
        second = await page_of(stadt, path + older)
        assert first.posts + second.posts == [f"Nummer {number}" for number in reversed(range(25))]
        assert [link.get("href") for link in second.all(".pages a")] == [path]


async def test_a_tag_lists_public_posts_from_here_however_it_is_written(stadt: Town, nachbar: Remote) -> None:
    anna, bob = await stadt.resident("anna"), nachbar.person("bob")
    tags = {"strassenfest": "Straßenfest"}
    await stadt.write(acts.write, anna, "<p>Kommt alle</p>", hashtags=tags)
    await stadt.write(acts.write, anna, "<p>Psst</p>", hashtags=tags, visibility=Visibility.UNLISTED)
    note = bob.note(to=[PUBLIC], cc=[anna.uri], tag=[{"type": "Hashtag", "name": "#Straßenfest"}])
    await stadt.accept(bob, bob.create(note))
    for written in ("strassenfest", "STRASSENFEST", "Stra%C3%9Fenfest"):
        assert (await page_of(stadt, f"/tags/{written}")).posts == ["Kommt alle"]
    assert (await page_of(stadt, "/tags/nichts")).posts == []
    await page_of(stadt, "/tags/zwei%20Wörter", status=404)


async def test_the_page_about_the_instance_says_what_is_known_and_no_more(stadt: Town) -> None:
    page = await page_of(stadt, "/about")
    assert page.one("h1").text_content() == "Über Teststadt"
    assert "noch keine Adresse für Fragen" in page.text
    assert "noch keine eigenen Regeln" in page.text
    assert "Konten vergibt die Verwaltung der Instanz." in page.text


async def test_machines_are_told_what_to_leave_alone_and_whom_to_write_to(stadt: Town) -> None:
    robots = (await stadt.get("/robots.txt", accept="*/*"))[1].decode()
    assert "Disallow: /api/" in robots.splitlines()
    security = (await stadt.get("/.well-known/security.txt", accept="*/*"))[1].decode()
    fields = dict(line.split(": ", 1) for line in security.splitlines())
    assert fields["Contact"] == f"{stadt.origin}/about"
    assert fields["Canonical"] == f"{stadt.origin}/.well-known/security.txt"
    now = stadt.app.server.clock()
    assert now.isoformat() < fields["Expires"] < (now + timedelta(days=365)).isoformat()


async def test_without_the_design_system_pages_are_plain_and_all_there(
    stadt: Town, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("static")
    (folder / "kommune.css").write_text("body { margin: 0 }")
    monkeypatch.setattr(pages, "STATIC", folder)
    async with town(
        str(stadt.app.server.db.url.render_as_string(hide_password=False)), folder, host="kahl.test"
    ) as bare:
        page = await page_of(bare, "/")
        styles = [link.get("href").partition("?")[0] for link in page.all("link[rel=stylesheet]")]
        assert styles == ["/static/kommune.css"]
        assert page.one("main h1").text_content() == "Teststadt"


@pytest.mark.parametrize(
    "accept", ["application/activity+json", 'application/ld+json; profile="https://www.w3.org/ns/activitystreams"']
)
async def test_who_asks_for_activitypub_is_sent_to_the_id(stadt: Town, accept: str) -> None:
    anna = await stadt.resident("anna")
    post = await stadt.write(acts.write, anna)
    for path, uri in (("/", f"{stadt.origin}/actor"), ("/@anna", anna.uri), (f"/@anna/{post.id}", post.uri)):
        page = await page_of(stadt, path, status=302, Accept=accept)
        assert page.headers["Location"] == uri
        assert page.headers["Vary"] == "Accept"


async def test_what_is_no_browser_gets_errors_as_json(stadt: Town) -> None:
    status, body = await stadt.get("/@niemand", accept="*/*")
    assert (status, list(body)) == (404, ["error"])


async def test_addresses_that_nothing_can_have_are_not_found(stadt: Town) -> None:
    await stadt.resident("anna")
    for path in NOWHERE:
        await page_of(stadt, path, status=404)


async def test_what_was_deleted_is_gone(stadt: Town) -> None:
    anna = await stadt.resident("anna")
    post = await stadt.write(acts.write, anna)
    await stadt.write(acts.delete, post.uri)
    page = await page_of(stadt, f"/@anna/{post.id}", status=410)
    assert page.one("h1").text_content().strip() == "Gelöscht"
    await stadt.write(acts.leave, anna.id)
    await page_of(stadt, "/@anna", status=410)
    await page_of(stadt, "/@anna.rss", status=410)
