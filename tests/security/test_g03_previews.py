"""G03: HTML that a site offers as a preview of itself (oEmbed) is neither fetched nor shown; text stays text."""

from aiohttp import web
from sqlalchemy import select

from activitypub.models import Status
from fediverse_kommune.models import PreviewCard
from tests.client import Client, app_of
from tests.fediverse import PUBLIC, Remote
from tests.security.hostile_pages import trapped
from tests.town import Town

EMBED = '<iframe srcdoc="<script>parent.alert(1)</script>"></iframe><script>alert(1)</script>'


async def test_g03_what_a_page_says_of_itself_is_text(stadt: Town, boese: Remote) -> None:
    anna = await app_of(stadt, "anna")
    head = (
        f"<title>x</title><meta property='og:title' content='{EMBED}'>"
        f"<meta property='og:description' content='{EMBED}'>"
        f"<meta property='og:site_name' content='{EMBED}'><meta name='author' content='{EMBED}'>"
        "<meta property='og:video' content='https://boese.test/player'><meta property='og:type' content='video'>"
        f"<meta property='og:image' content='javascript:alert(1)'><meta property='og:image:alt' content='{EMBED}'>"
        "<link rel='alternate' type='application/json+oembed' href='/oembed.json'><body>"
    )
    boese.documents["/seite"] = lambda: web.Response(text=head, content_type="text/html")
    boese.documents["/oembed.json"] = {"type": "rich", "version": "1.0", "html": EMBED}
    status = await anna.write(f"{boese.origin}/seite")
    await stadt.until(PreviewCard, PreviewCard.fetched_at.is_not(None))
    card = (await anna.get(f"/api/v1/statuses/{status['id']}"))["card"]
    assert (card["html"], card["embed_url"], card["image"], card["type"]) == ("", "", None, "link")
    assert card["title"] == EMBED, "as text, which a client shows as such"
    assert "/oembed.json" not in boese.requested
    async with trapped(stadt) as trap:
        await trap.assert_harmless(f"/@anna/{status['id']}")


async def test_g03_no_preview_that_comes_along_is_believed(stadt: Town, boese: Remote) -> None:
    anna, mallory = await stadt.resident("anna"), boese.person("mallory")
    article = f"{boese.origin}/artikel"
    boese.documents["/artikel"] = (
        f'<link rel="alternate" type="application/json+oembed" href="{article}.json">'.encode()
    )
    boese.documents["/artikel.json"] = {"type": "rich", "version": "1.0", "html": EMBED}
    note = mallory.note(
        content=f'<p>Lest <a href="{article}">das hier</a></p>',
        to=[PUBLIC],
        cc=[anna.uri],
        tag=[{"type": "Mention", "href": anna.uri, "name": "@anna"}],
        attachment=[
            {"type": "Link", "href": article, "mediaType": "text/html", "name": EMBED},
            {"type": "Page", "url": article, "name": EMBED, "content": EMBED, "preview": {"content": EMBED}},
            {"type": "Document", "mediaType": "text/html", "url": article, "name": EMBED},
        ],
        preview={"type": "Note", "content": EMBED, "html": EMBED},
        oembed={"html": EMBED},
        card={"html": EMBED, "type": "rich"},
    )
    await stadt.accept(mallory, mallory.create(note))
    stored = await stadt.read(lambda session: session.scalars(select(Status)).one())
    answer = mallory.note(content="<p>Wurzel</p>", to=[PUBLIC], cc=[anna.uri])
    await stadt.accept(mallory, mallory.create(answer))

    assert [path for path in boese.requested if path.startswith("/artikel")] == []
    entity = (await Client(stadt).ask("GET", f"/api/v1/statuses/{stored.id}")).json
    assert entity["card"] is None
    async with trapped(stadt) as trap:
        await trap.assert_harmless(f"/authorize_interaction?uri={note['id']}")
        assert await trap.page.locator("main").inner_text() != ""
        assert await trap.page.get_by_text("Lest das hier").is_visible()
        assert await trap.page.locator("iframe, script").count() == 0
