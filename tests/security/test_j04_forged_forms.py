"""J04: no page of another site logs anybody in or out, or agrees to an app for them."""

import pytest

from fediverse_kommune.models import AuthorizationCode, WebSession
from tests.client import PASSWORD, Browser, app_of, forms
from tests.routes.test_oauth import App
from tests.town import Town

LOGIN = {"username": "anna", "password": PASSWORD}


async def test_j04_a_form_from_elsewhere_is_refused_even_with_a_token(stadt: Town, subtests: pytest.Subtests) -> None:
    await app_of(stadt, "anna")
    app = await App.register(stadt)
    for headers in [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://stadt.test.evil.example"},
    ]:
        with subtests.test(headers=headers):
            browser = Browser(stadt)
            await browser.open("/login")
            assert (await browser.submit(LOGIN, headers=headers)).status == 403
            await browser.log_in("anna")
            await browser.open(app.address())
            assert (await browser.submit({}, headers=headers)).status == 403
            assert await stadt.count(AuthorizationCode) == 0


async def test_j04_our_own_forms_are_taken(stadt: Town) -> None:
    await app_of(stadt, "anna")
    for headers in ({"Sec-Fetch-Site": "same-origin", "Origin": stadt.origin}, {"Origin": stadt.origin}, {}):
        browser = Browser(stadt)
        await browser.open("/login")
        assert (await browser.submit(LOGIN, headers=headers)).status == 303


async def test_j04_without_the_token_of_this_browser_nothing_is_done(stadt: Town) -> None:
    await app_of(stadt, "anna")
    stranger = Browser(stadt)
    await stranger.open("/login")
    assert stranger.last is not None
    theirs = forms(stranger.last.text)[0][1]["form_token"]
    for token in ("", "x", "ä", theirs):
        browser = Browser(stadt)
        await browser.open("/login")
        assert (await browser.submit({**LOGIN, "form_token": token})).status == 403
    browser = Browser(stadt)
    await browser.open("/login")
    browser.cookies.clear()
    assert (await browser.submit(LOGIN)).status == 403
    assert await stadt.count(WebSession) == 0


async def test_j04_a_token_from_before_the_login_is_worth_nothing_after_it(stadt: Town) -> None:
    await app_of(stadt, "anna")
    browser = Browser(stadt)
    page = await browser.open("/login")
    before = forms(page.text)[0][1]["form_token"]
    await browser.log_in("anna")
    reply = await browser._send("POST", "/logout", {"form_token": before}, {})
    assert reply.status == 403
    assert await stadt.count(WebSession) == 1


async def test_j04_an_authorization_needs_a_page_and_no_link_does_it(stadt: Town) -> None:
    await app_of(stadt, "anna")
    app = await App.register(stadt)
    browser = Browser(stadt)
    await browser.log_in("anna")
    for path in ("/oauth/authorize", app.address()):
        reply = await browser._send("POST", path, {"decision": "allow"}, {})
        assert reply.status == 403
    assert (await browser.open(app.address() + "&decision=allow")).status == 200
    assert await stadt.count(AuthorizationCode) == 0
