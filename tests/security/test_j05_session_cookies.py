"""J05: a session gets a new name at every login, and others can neither read nor plant nor send its cookie."""

from datetime import UTC, datetime
from types import SimpleNamespace

from quart import Response

from activitypub.instance import LocalInstance
from fediverse_kommune.models import WebSession
from fediverse_kommune.web.sessions import Sessions
from tests.client import Browser, app_of
from tests.town import Town


async def test_j05_a_planted_session_is_not_the_one_that_is_logged_in(stadt: Town) -> None:
    await app_of(stadt, "anna")
    browser = Browser(stadt, {"session": "planted-by-somebody"})
    await browser.log_in("anna")
    first = browser.cookies["session"]
    assert first != "planted-by-somebody"
    await browser.log_in("anna", "/login?again=1")
    assert browser.cookies["session"] != first
    assert await stadt.count(WebSession) == 1, "the former session is gone"
    assert (await Browser(stadt, {"session": first}).open("/login")).status == 200


async def test_j05_the_cookie_is_closed(stadt: Town) -> None:
    await app_of(stadt, "anna")
    browser = Browser(stadt)
    reply = await browser.log_in("anna")
    (cookie,) = [value for value in reply.headers.getall("Set-Cookie") if value.startswith("session=")]  # type: ignore[attr-defined]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie


async def test_j05_with_tls_no_other_host_can_set_it() -> None:
    class Nothing:
        async def write(self, *_: object) -> None: ...

    instance = LocalInstance("https://stadt.example", "stadt.example", "Stadt")
    sessions = Sessions(Nothing(), lambda: datetime.now(UTC), instance)  # type: ignore[arg-type]
    response = Response(b"")
    await sessions.begin(SimpleNamespace(cookies={}), response, 1)  # type: ignore[arg-type]
    cookie = response.headers["Set-Cookie"]
    assert cookie.startswith("__Host-session=")
    assert "Secure" in cookie
