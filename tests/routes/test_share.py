"""Where other sites send people from here to write about something: /share."""

from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from activitypub.models import Status
from fediverse_kommune.services.statuses import CHARACTERS
from fediverse_kommune.web.share import proposed
from tests.client import Browser, app_of
from tests.town import Town
from tests.webpages import parsed

ABOUT = {"title": "Bürgerfest", "text": "Kommt alle!", "url": "https://zeitung.example/fest?a=1&b=<2>"}
ASKED = f"/share?{urlencode(ABOUT)}"
TEXT = "Bürgerfest\n\nKommt alle!\n\nhttps://zeitung.example/fest?a=1&b=<2>"


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        (("", "", ""), ""),
        ((" Fest ", "\r\nKommt\r\nalle", ""), "Fest\n\nKommt\nalle"),
        (("", "Siehe https://a.example/1", "https://a.example/1"), "Siehe https://a.example/1"),
        (("x" * 30_000, "", ""), "x" * 20_000),
    ],
)
def test_what_is_proposed(parts: tuple[str, ...], text: str) -> None:
    assert proposed(parts) == text


async def test_somebody_writes_what_another_site_proposes(stadt: Town, subtests: pytest.Subtests) -> None:
    anna = await app_of(stadt, "anna")
    browser = Browser(stadt)

    with subtests.test("after the login, with what was proposed, and nothing is written yet"):
        reply = await browser.open(ASKED)
        login = reply.headers["Location"]
        assert (reply.status, urlsplit(login).path) == (303, "/login")
        back = parse_qs(urlsplit(login).query)["next"][0]
        assert dict(parse_qs(urlsplit(back).query)) == {name: [value] for name, value in ABOUT.items()}
        assert (await browser.log_in("anna", login)).headers["Location"] == back
        page = parsed(await browser.open(back))
        assert page.one("label[for=text]").text_content() == "Your text"
        assert page.one("textarea").text_content().lstrip("\n") == TEXT
        assert [choice.get("value") for choice in page.all("option[selected]")] == ["public"]
        assert await stadt.count(Status) == 0

    with subtests.test("written once, however often the form is sent"):
        form = browser.last
        for _ in range(2):
            browser.last = form
            reply = await browser.submit({"text": TEXT, "visibility": "unlisted"}, form=1)
            assert (reply.status, reply.headers["Location"]) == (303, "/share?written=1")
        assert "Your post is written." in parsed(await browser.open("/share?written=1")).text
        (post,) = await anna.get(f"/api/v1/accounts/{anna.id}/statuses")
        assert (post["visibility"], post["language"]) == ("unlisted", "de")
        assert "zeitung.example" in post["content"]

    with subtests.test("what cannot be written stays in the form"):
        await browser.open("/share")
        for text in (" ", "y " * CHARACTERS):
            page = parsed(await browser.submit({"text": text, "visibility": "public"}, form=1), 422)
            assert "at most 5,000 characters" in page.one("[role=alert]").text_content()
            assert page.one("textarea").text_content().strip() == text.strip()

    with subtests.test("for whom, is what the form offers, or fewer"):
        await browser.open("/share")
        await browser.submit({"text": "An wen?", "visibility": "alle"}, form=1)
        assert (await anna.get(f"/api/v1/accounts/{anna.id}/statuses"))[0]["visibility"] == "private"

    with subtests.test("no other site writes anything"):
        await browser.open("/share")
        reply = await browser.submit(
            {"text": "x", "visibility": "public"}, form=1, headers={"Origin": "https://boese.test"}
        )
        assert reply.status == 403
        await browser.open("/share")
        assert (await browser.submit({"text": "x", "form_token": "y"}, form=1)).status == 403
        assert await stadt.count(Status) == 2
