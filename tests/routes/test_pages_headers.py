"""What browsers and caches are told beside a page, and in which language it speaks."""

import re

import pytest
from quart import Blueprint, Quart, Response

from activitypub.instance import LocalInstance
from fediverse_kommune.web import headers
from tests import acts
from tests.client import Browser, Client, app_of
from tests.town import Town
from tests.webpages import page_of


async def kinds_of_pages(stadt: Town) -> dict[str, int]:
    """The address of every kind of page, and the status it is answered with."""
    anna = await stadt.resident("anna")
    post = await stadt.write(acts.write, anna)
    return {
        "/": 200,
        "/about": 200,
        "/@anna": 200,
        f"/@anna/{post.id}": 200,
        "/tags/fest": 200,
        "/authorize_interaction?uri=acct:anna@stadt.test": 200,
        "/login": 200,
        "/oauth/authorize": 400,
        "/@niemand": 404,
        "/logout": 405,
    }


async def test_every_page_loads_only_what_is_ours_and_runs_nothing(stadt: Town) -> None:
    for path, status in (await kinds_of_pages(stadt)).items():
        page = await page_of(stadt, path, status=status)
        policy = dict(part.strip().partition(" ")[::2] for part in page.headers["Content-Security-Policy"].split(";"))
        assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'", path
        assert policy["style-src"] == "'self'"
        assert policy["form-action"].strip() == "'self'"
        assert "script-src" not in policy
        assert page.headers["X-Content-Type-Options"] == "nosniff"
        assert page.headers["X-Frame-Options"] == "DENY"
        assert page.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert page.headers["Referrer-Policy"] in {"same-origin", "no-referrer"}
        assert "camera=()" in page.headers["Permissions-Policy"]
        assert "Strict-Transport-Security" not in page.headers, "this town speaks plain HTTP"
        assert page.all("script, style, [style], iframe, object, embed, base") == []


async def test_apps_may_watch_the_window_of_the_login_and_no_other(stadt: Town) -> None:
    for path, status in (await kinds_of_pages(stadt)).items():
        page = await page_of(stadt, path, status=status)
        isolated = page.headers.get("Cross-Origin-Opener-Policy") == "same-origin"
        assert isolated is not path.startswith(("/login", "/oauth/")), path


@pytest.mark.parametrize("origin", ["https://stadt.example", "http://stadt.example"])
async def test_only_a_town_that_speaks_https_insists_on_it(origin: str) -> None:
    app, routes = Quart(__name__), Blueprint("pages", __name__)
    headers.install(routes, LocalInstance(origin, "stadt.example", "Stadt"))
    routes.add_url_rule("/", view_func=_answer)
    app.register_blueprint(routes)
    answer = await app.test_client().get("/")
    expected = "max-age=31536000" if origin.startswith("https") else None
    assert answer.headers.get("Strict-Transport-Security") == expected


async def _answer() -> Response:
    return Response("{}", content_type="application/json")


async def test_files_of_ours_are_kept_for_ever_under_their_version(stadt: Town) -> None:
    page = await page_of(stadt, "/")
    client = Client(stadt)
    for style in page.all("link[rel=stylesheet]"):
        answer = await client.ask("GET", style.get("href"))
        assert answer.status == 200
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert (await client.ask("GET", "/static/icon.svg")).headers["Cache-Control"] == "public, max-age=3600"
    assert "immutable" not in (await client.ask("GET", "/static/fehlt.css?v=1")).headers.get("Cache-Control", "")


async def test_a_feed_is_sent_again_only_if_it_changed(stadt: Town) -> None:
    anna, client = await stadt.resident("anna"), Client(stadt)
    await stadt.write(acts.write, anna)
    first = await client.ask("GET", "/@anna.rss")
    assert first.headers["Cache-Control"] == "public, max-age=60"
    again = {"If-None-Match": first.headers["ETag"]}
    assert (await client.ask("GET", "/@anna.rss", headers=again)).status == 304
    await stadt.write(acts.write, anna)
    assert (await client.ask("GET", "/@anna.rss", headers=again)).status == 200


# ------------------------------------------------------------------------------------------------ languages


async def test_a_page_speaks_what_its_reader_prefers(stadt: Town, subtests: pytest.Subtests) -> None:
    for wish, language in [
        ("de-AT,de;q=0.9", "de"),
        ("en-US", "en"),
        ("fr", "de"),
        ("", "de"),
        ("fr, en;q=0.5", "en"),
        ("de;q=0.1,en", "en"),
    ]:
        with subtests.test(wish=wish, language=language):
            page = await page_of(stadt, "/", Accept_Language=wish)
            assert page.root.get("lang") == language
            assert page.one("aside").get("aria-label") == {"de": "Wer hier ist", "en": "Who is here"}[language]


async def test_a_chosen_language_is_remembered(stadt: Town) -> None:
    browser = Browser(stadt)
    answer = await browser.open("/?lang=de")
    assert answer.headers["Cache-Control"] == "private, no-store", "nobody else should get the cookie"
    assert re.fullmatch(r"lang=de; HttpOnly; Path=/; SameSite=Lax", answer.headers["Set-Cookie"])
    assert '<html lang="de">' in (await browser.open("/about")).text
    assert '<html lang="en">' in (await Browser(stadt, {"lang": "xx"}).open("/?lang=tlh")).text


async def test_a_page_leads_to_itself_in_the_other_language(stadt: Town) -> None:
    page = await page_of(stadt, "/about?lang=de&x=%22%3E%26")
    link = page.one("footer a[hreflang]")
    assert (link.get("href"), link.text_content()) == ("/about?x=%22%3E%26&lang=en", "English")


async def test_dates_and_numbers_are_written_as_the_language_does(stadt: Town) -> None:
    anna = await stadt.resident("anna")
    post = await stadt.write(acts.write, anna)
    for language, pattern in (("de", r"\d+\. \w+ \d{4}, \d\d:\d\d"), ("en", r"\d+ \w+ \d{4}, \d\d:\d\d")):
        page = await page_of(stadt, f"/@anna/{post.id}", Accept_Language=language)
        time = page.one("time")
        assert re.fullmatch(pattern, time.text_content())
        assert time.get("datetime").endswith("Z")


# --------------------------------------------------------------------------------------------- the login


async def test_whoever_is_logged_in_can_log_out_from_every_page(stadt: Town) -> None:
    await app_of(stadt, "anna")
    browser = Browser(stadt)
    await browser.log_in("anna")
    assert "Log out Anna" in (await browser.open("/about")).text
    await browser.submit({}, form=0)
    assert "Log out" not in (await browser.open("/about")).text
