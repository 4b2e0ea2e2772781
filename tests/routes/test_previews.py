"""Previews of pages, from the link in a post to the card in an app. https://docs.joinmastodon.org/entities/PreviewCard/"""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web
from sqlalchemy import select, update

from activitypub.models import Status
from activitypub.unit import Unit
from fediverse_kommune.models import PreviewCard, StatusCard
from fediverse_kommune.services import previews
from tests.client import Client, anonymous, app_of
from tests.fediverse import Person, Remote
from tests.pictures import picture
from tests.security.attack import follower_of
from tests.town import Town

HEAD = """<html lang="de"><title>Fest</title><meta property="og:title" content="Straßenfest">
<meta property="og:description" content="Am Samstag"><meta property="og:image" content="/bild.png">
<meta name="author" content="Eva">"""


def serve(remote: Remote, path: str, body: bytes | str, content_type: str = "text/html; charset=utf-8") -> str:
    """Put something onto a server and return its address."""
    data = body.encode() if isinstance(body, str) else body
    remote.documents[path] = lambda: web.Response(body=data, headers={"Content-Type": content_type})
    return remote.origin + path


async def shown(client: Client, status_id: str, *, seconds: float = 10) -> Any:
    """Return the card of a post as soon as it has one."""
    async with asyncio.timeout(seconds):
        while (card := (await client.get(f"/api/v1/statuses/{status_id}"))["card"]) is None:
            await asyncio.sleep(0.02)
    return card


async def due_now(stadt: Town) -> None:
    def hurry(unit: Unit) -> None:
        unit.execute(update(PreviewCard).where(PreviewCard.due_at.is_not(None)).values(due_at=unit.now))

    await stadt.write(hurry)


async def read_out(stadt: Town) -> None:
    """Wait until no page waits to be read."""
    await stadt.until(PreviewCard, PreviewCard.due_at.is_not(None), count=0)


async def test_a_page_becomes_a_card_and_is_read_once(stadt: Town, nachbar: Remote) -> None:
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert")
    serve(nachbar, "/bild.png", picture("PNG", (1_280, 720)), "image/png")
    url = serve(nachbar, "/fest", HEAD)
    first = await anna.write(f"Lest {url}#oben und https://b.example")
    card = await shown(anna, first["id"])
    key = card["image"].rpartition("/")[2]
    assert card == {
        "url": url,
        "title": "Straßenfest",
        "description": "Am Samstag",
        "language": "de",
        "type": "link",
        "author_name": "Eva",
        "author_url": "",
        "provider_name": nachbar.domain,
        "provider_url": nachbar.origin,
        "html": "",
        "width": 640,
        "height": 360,
        "image": f"{stadt.origin}/media/{key}",
        "image_description": "",
        "embed_url": "",
        "blurhash": card["blurhash"],
        "published_at": None,
        "authors": [{"name": "Eva", "url": "", "account": None}],
    }
    status, body = await stadt.get(f"/media/{key}", accept="*/*")
    assert (status, body != picture("PNG", (1_280, 720))) == (200, True)
    again = await bert.write(f"Auch: {url}")
    assert (await shown(anonymous(stadt), again["id"])) == card
    assert nachbar.requested.count("/fest") == 1
    assert await stadt.count(StatusCard) == 2


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("leise: {url}", {"visibility": "direct"}),
        ("@bert {origin}/@bert", {}),
    ],
)
async def test_what_is_not_looked_at(stadt: Town, nachbar: Remote, text: str, fields: dict[str, str]) -> None:
    anna = await app_of(stadt, "anna")
    await app_of(stadt, "bert")
    url = serve(nachbar, "/fest", HEAD)
    await anna.write(text.format(url=url, origin=stadt.origin), **fields)
    assert await stadt.count(PreviewCard) == 0
    assert nachbar.requested == []


@pytest.mark.parametrize("reason", ["404", "picture", "no title", "too slow", "not there"])
async def test_a_page_that_has_no_preview_is_asked_once(stadt: Town, nachbar: Remote, reason: str) -> None:
    anna = await app_of(stadt, "anna")
    match reason:
        case "picture":
            url = serve(nachbar, "/fest", picture("PNG", (2, 2)), "image/png")
        case "no title":
            url = serve(nachbar, "/fest", "<p>nichts</p>")
        case "not there":
            url = "http://fremd.invalid/fest"
        case _:
            url = f"{nachbar.origin}/fest"
    status = await anna.write(url)
    await stadt.until(PreviewCard)
    await read_out(stadt)
    await anna.write(f"noch einmal {url}")
    assert await stadt.count(PreviewCard, PreviewCard.due_at.is_not(None)) == 0
    assert (await anna.get(f"/api/v1/statuses/{status['id']}"))["card"] is None
    assert nachbar.requested.count("/fest") == (0 if reason == "not there" else 1)


async def test_of_a_long_page_the_beginning_is_read(stadt: Town, nachbar: Remote) -> None:
    anna = await app_of(stadt, "anna")
    url = serve(nachbar, "/lang", HEAD + "<p>x</p>" * 500_000)
    assert (await shown(anna, (await anna.write(url))["id"]))["title"] == "Straßenfest"


async def test_a_picture_that_is_none_leaves_the_text(stadt: Town, nachbar: Remote) -> None:
    anna = await app_of(stadt, "anna")
    serve(nachbar, "/bild.png", b"<script>alert(1)</script>", "image/png")
    card = await shown(anna, (await anna.write(serve(nachbar, "/fest", HEAD)))["id"])
    assert (card["title"], card["image"], card["width"]) == ("Straßenfest", None, 0)


async def test_what_arrives_is_looked_at_later_and_only_if_somebody_sees_it(stadt: Town, nachbar: Remote) -> None:
    emil, frida = nachbar.person("emil"), nachbar.person("frida")
    url = serve(nachbar, "/fest", HEAD)
    other = serve(nachbar, "/anderes", HEAD)
    await follower_of(stadt, emil)
    await stadt.app.server.resolver.status(frida.note(f'<a href="{other}">x</a>')["id"])
    await stadt.accept(emil, emil.create(emil.note(f'<p><a href="{url}">x</a></p>')))
    rows = await stadt.read(lambda session: [(row.url, row.due_at) for row in session.scalars(select(PreviewCard))])
    assert [address for address, _ in rows] == [url]
    wait = rows[0][1] - stadt.app.server.clock()
    assert wait <= timedelta(seconds=previews.JITTER_SECONDS)
    await due_now(stadt)
    await read_out(stadt)
    assert nachbar.requested.count("/fest") == 1
    assert "/anderes" not in nachbar.requested


async def test_an_edit_changes_the_page(stadt: Town, nachbar: Remote) -> None:
    anna = await app_of(stadt, "anna")
    first, second = serve(nachbar, "/eins", "<title>Eins</title>"), serve(nachbar, "/zwei", "<title>Zwei</title>")
    status = await anna.write(first)
    assert (await shown(anna, status["id"]))["title"] == "Eins"
    path = f"/api/v1/statuses/{status['id']}"
    await anna.put(path, json={"status": second})
    assert (await shown(anna, status["id"]))["title"] == "Zwei"
    assert (await anna.put(path, json={"status": "nichts mehr"}))["card"] is None


async def test_an_author_is_named_who_allows_it(stadt: Town, nachbar: Remote, boese: Remote) -> None:
    anna = await app_of(stadt, "anna")
    for allowed in (nachbar.domain, "127.0.0.9"):
        name = "eva" if allowed == nachbar.domain else "ida"
        person = nachbar.person(name)
        nachbar.documents[f"/users/{name}"] = {**person.document(), "attributionDomains": [allowed]}
        creator = f'<title>x</title><meta name="fediverse:creator" content="@{name}@{nachbar.domain}">'
        card = await shown(anna, (await anna.write(serve(nachbar, f"/von-{name}", creator)))["id"])
        names = [author["account"]["username"] for author in card["authors"]]
        assert names == (["eva"] if name == "eva" else [])
    creator = f'<title>x</title><meta name="fediverse:creator" content="@eva@{nachbar.domain}">'
    card = await shown(anna, (await anna.write(serve(boese, "/geborgt", creator)))["id"])
    assert card["authors"] == []


async def test_previews_that_nothing_shows_are_forgotten(stadt: Town, nachbar: Remote) -> None:
    anna = await app_of(stadt, "anna")
    serve(nachbar, "/bild.png", picture("PNG", (20, 10)), "image/png")
    status = await anna.write(serve(nachbar, "/fest", HEAD))
    await shown(anna, status["id"])

    assert await stadt.write(previews.sweep) == []
    await anna.delete(f"/api/v1/statuses/{status['id']}")
    assert await stadt.write(previews.sweep) == [], "younger than a week"
    assert await stadt.count(PreviewCard) == 1
    assert await stadt.count(Status) == 0


async def test_what_is_known_of_a_page_leaves_with_the_post(stadt: Town, nachbar: Remote) -> None:
    """FEP-8967: other servers need not read the page then."""
    anna = await app_of(stadt, "anna")
    serve(nachbar, "/bild.png", picture("PNG", (1_280, 720)), "image/png")
    url = serve(nachbar, "/fest", HEAD)
    as_activity = {"headers": {"Accept": "application/activity+json"}}

    async def attached(**post: Any) -> Any:
        written = await anna.write(f"Lest {url}", **post)
        document = await anonymous(stadt).get(written["uri"].removeprefix(stadt.origin), **as_activity)
        return written["id"], document["attachment"]

    first, links = await attached()
    assert links == [{"type": "Link", "href": url}]
    card = await shown(anna, first)
    _, (known,) = await attached()
    image = known["preview"].pop("image")
    assert known == {
        "type": "Link",
        "href": url,
        "preview": {"type": "Article", "name": "Straßenfest", "summary": "Am Samstag"},
    }
    assert (image["type"], image["url"], image["width"], image["height"]) == ("Image", card["image"], 640, 360)


async def test_what_a_server_says_of_its_own_page_is_shown_without_reading_it(
    stadt: Town, nachbar: Remote, boese: Remote
) -> None:
    anna, emil, mallory = await app_of(stadt, "anna"), nachbar.person("emil"), boese.person("mallory")
    serve(nachbar, "/bild.png", picture("PNG", (20, 10)), "image/png")
    own, other = serve(nachbar, "/fest", HEAD), serve(nachbar, "/anderes", HEAD)
    said = {
        "type": "Article",
        "name": "<b>Unser</b> Fest",
        "image": {"type": "Image", "url": f"{nachbar.origin}/bild.png"},
    }
    said |= {"summary": "Kommt", "attributedTo": {"name": "Eva", "url": "javascript:alert(1)"}}

    async def card_of(author: Person, page: str) -> Any:
        link = {"href": f"{page}#oben", "preview": said}
        text = f'<p><a href="https://anderswo.example">x</a> <a href="{page}#oben">y</a> @anna</p>'
        note = author.note(text, attachment=[link], cc=[f"{stadt.origin}/users/anna"])
        await stadt.accept(author, author.create(note))
        await due_now(stadt)
        status_id = await stadt.read(lambda session: session.scalar(select(Status.id).where(Status.uri == note["id"])))
        return await shown(anna, str(status_id))

    card = await card_of(emil, own)
    assert (card["url"], card["title"], card["description"]) == (own, "<b>Unser</b> Fest", "Kommt")
    assert card["authors"] == [{"name": "Eva", "url": "", "account": None}]
    assert card["image"].startswith(f"{stadt.origin}/media/")
    assert "/fest" not in nachbar.requested

    borrowed = await card_of(mallory, other)
    assert (borrowed["url"], borrowed["title"]) == (other, "Straßenfest"), "nobody speaks for another's page"
    assert nachbar.requested.count("/anderes") == 1
