"""Posts in the pages of others, and refreshes of which there are none. https://docs.joinmastodon.org/methods/oembed/"""

from urllib.parse import quote

import pytest

from tests.client import anonymous, app_of
from tests.security.hostile_pages import VECTORS, printable
from tests.town import Town
from tests.webpages import page_of


async def test_an_open_post_by_its_address(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    status = await anna.write("Hallo <b>", visibility="unlisted", language="de")
    for address in (status["url"], status["uri"], f"{status['url']}?x=1#y"):
        reply = await anonymous(stadt).ask("GET", f"/api/oembed?url={quote(address, safe='')}&maxwidth=300")
        assert reply.status == 200
        day = status["created_at"][:10]
        assert reply.json == {
            "type": "rich",
            "version": "1.0",
            "title": f"Anna (@anna@{stadt.host}:{stadt.port})",
            "author_name": "Anna",
            "author_url": f"{stadt.origin}/@anna",
            "provider_name": "Teststadt",
            "provider_url": f"{stadt.origin}/",
            "cache_age": 86_400,
            "html": f'<blockquote cite="{status["url"]}" lang="de"><p>Hallo &lt;b&gt;</p></blockquote>'
            f'<p><a href="{status["url"]}">Anna, <time datetime="{status["created_at"]}">{day}</time></a></p>',
            "width": 300,
            "height": None,
        }


async def test_a_warning_stands_for_what_it_warns_of(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    status = await anna.write("Spinne", spoiler_text="<i>Tiere</i>")
    html = (await anna.get(f"/api/oembed?url={quote(status['url'])}"))["html"]
    assert "<p>&lt;i&gt;Tiere&lt;/i&gt;</p>" in html
    assert "Spinne" not in html


async def test_what_is_not_for_everybody_is_not_there(stadt: Town, subtests: pytest.Subtests) -> None:
    anna = await app_of(stadt, "anna")
    for visibility in ["private", "direct", "local"]:
        with subtests.test(visibility=visibility):
            fields = {"local_only": True} if visibility == "local" else {"visibility": visibility}
            status = await anna.write("leise", **fields)
            for address in (
                status["url"],
                f"{stadt.origin}/@bert/{status['id']}",
                "https://fremd.example/@anna/1",
                "x",
            ):
                reply = await anna.ask("GET", f"/api/oembed?url={quote(address, safe='')}")
                assert (reply.status, reply.json) == (404, {"error": "Record not found"})
            assert (await anna.ask("GET", "/api/oembed")).status == 422


async def test_nothing_in_it_runs(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    status = await anna.write(printable("".join(VECTORS))[:4_000])
    html = (await anna.get(f"/api/oembed?url={quote(status['url'])}"))["html"].lower()
    assert not any(mark in html for mark in ("<script", "<iframe", "<img", " onerror=x", 'javascript:alert(1)"'))


async def test_no_refresh_is_under_way(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    status = await anna.write("x")
    context = await anna.ask("GET", f"/api/v1/statuses/{status['id']}/context")
    assert "Mastodon-Async-Refresh" not in context.headers
    assert (await anna.ask("GET", "/api/v1_alpha/async_refreshes/abc")).status == 404
    assert (await anonymous(stadt).ask("GET", "/api/v1_alpha/async_refreshes/abc")).status == 401


async def test_the_page_of_a_post_says_where_to_ask(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    post = await anna.write("Zum Einbetten")
    page = await page_of(stadt, f"/@anna/{post['id']}")
    address = page.one('link[type="application/json+oembed"]').get("href")
    found = await anonymous(stadt).get(address.removeprefix(stadt.origin))
    assert "Zum Einbetten" in found["html"]
