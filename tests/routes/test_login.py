"""Logging in and out with a browser."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from activitypub.unit import Unit
from fediverse_kommune.models import User, WebSession
from tests.client import PASSWORD, Browser, app_of
from tests.town import Town


async def session_of(browser: Browser) -> str | None:
    return browser.cookies.get("session")


async def test_by_address_or_name_however_it_is_typed(stadt: Town, subtests: pytest.Subtests) -> None:
    await app_of(stadt, "anna")
    for number, name in enumerate(["anna@post.example", "ANNA@Post.example ", "anna", "@Anna"], start=1):
        with subtests.test(name=name):
            browser = Browser(stadt)
            await browser.open("/login")
            reply = await browser.submit({"username": name, "password": PASSWORD})
            assert (reply.status, reply.headers["Location"]) == (303, "/")
            assert await stadt.count(WebSession) == number


async def test_wrong_says_the_same_whatever_is_wrong(stadt: Town) -> None:
    await app_of(stadt, "anna")
    pages = []
    for name, password in (("anna", "falsch"), ("niemand", PASSWORD), ("", ""), ("anna", "")):
        browser = Browser(stadt)
        await browser.open("/login")
        reply = await browser.submit({"username": name, "password": password})
        assert reply.status == 422
        assert await session_of(browser) is None
        pages.append("is not right" in reply.text)
    assert pages == [True] * 4
    assert await stadt.count(WebSession) == 0


@pytest.mark.parametrize("column", ["confirmed_at", "disabled_at"])
async def test_who_may_not_enter_is_told_only_with_the_right_password(stadt: Town, column: str) -> None:
    await app_of(stadt, "anna")

    def change(unit: Unit) -> None:
        unit.execute(update(User).values({column: None if column == "confirmed_at" else unit.now}))

    await stadt.write(change)
    for password, sentence in ((PASSWORD, "not confirmed yet"), ("falsch", "is not right")):
        browser = Browser(stadt)
        await browser.open("/login")
        reply = await browser.submit({"username": "anna", "password": password})
        assert reply.status == 422
        assert sentence in reply.text


async def test_logging_out_ends_the_session_here(stadt: Town) -> None:
    await app_of(stadt, "anna")
    browser = Browser(stadt)
    await browser.log_in("anna")
    cookies = dict(browser.cookies)
    page = await Browser(stadt, dict(cookies)).open("/login")
    assert page.status == 303, "who is logged in need not log in"
    again = await browser.open("/login?again=1")
    assert again.status == 200
    token = again.text.partition('name="form_token" value="')[2].partition('"')[0]
    browser.last = again
    reply = await browser._send("POST", "/logout", {"form_token": token}, {})
    assert reply.status == 303
    assert "session" not in browser.cookies
    assert (await Browser(stadt, cookies).open("/login")).status == 200, "the old cookie is worth nothing"
    assert await stadt.count(WebSession) == 0


async def test_a_session_ends_by_itself(stadt: Town) -> None:
    await app_of(stadt, "anna")
    browser = Browser(stadt)
    await browser.log_in("anna")

    def age(unit: Unit) -> None:
        unit.execute(update(WebSession).values(last_seen_at=unit.now - timedelta(days=15)))

    await stadt.write(age)
    assert (await browser.open("/login")).status == 200


async def test_the_page_speaks_german_unless_asked_otherwise(stadt: Town) -> None:
    for language, word in (("de-AT", "Anmelden"), ("fr", "Anmelden"), ("en-GB,de;q=0.5", "Log in")):
        page = await Browser(stadt)._send("GET", "/login", None, {"Accept-Language": language})
        assert word in page.text
