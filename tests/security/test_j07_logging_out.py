"""J07: who logs out is out: what was copied of the cookie or the token before opens nothing, and nothing else ends."""

from collections.abc import Awaitable, Callable, Mapping

import pytest
from sqlalchemy import delete

from activitypub.unit import Unit
from fediverse_kommune.models import Application
from tests.client import anonymous
from tests.town import Town
from tests.ways_in import BY_TOKEN, Household, household


async def log_out_of_browser(home: Household) -> None:
    await home.browser.open("/")
    reply = await home.browser.submit({})
    assert (reply.status, "session" in home.browser.cookies) == (303, False)


async def log_out_of_app(home: Household) -> None:
    secrets = {"client_id": home.app.client_id, "client_secret": home.app.client_secret}
    await anonymous(home.stadt).post("/oauth/revoke", data={**secrets, "token": home.client.token})


async def lose_the_app(home: Household) -> None:
    """The app itself is taken away; there is no page for that, but the row can go."""

    def remove(unit: Unit) -> None:
        unit.execute(delete(Application).where(Application.client_id == home.app.client_id))

    await home.stadt.write(remove)


LOSSES: Mapping[str, tuple[Callable[[Household], Awaitable[None]], frozenset[str]]] = {
    "the browser logs out": (log_out_of_browser, frozenset({"browser"})),
    "the app logs out": (log_out_of_app, BY_TOKEN),
    "the app is removed": (lose_the_app, BY_TOKEN),
}


@pytest.mark.timeout(120)
@pytest.mark.parametrize("what", LOSSES)
async def test_j07_what_was_open_by_it_is_shut_and_nothing_else(stadt: Town, what: str) -> None:
    lose, expected = LOSSES[what]
    async with household(stadt, "anna") as home:
        assert await home.shut(frozenset()) == set()
        await lose(home)
        assert await home.shut_for_good(expected) == expected


async def test_j07_a_browser_is_logged_out_of_every_session_it_ever_had(stadt: Town) -> None:
    async with household(stadt, "anna") as home:
        first = dict(home.browser.cookies)
        await home.browser.log_in("anna", "/login?again=1")
        second = dict(home.browser.cookies)
        await log_out_of_browser(home)
        for cookies in (first, second):
            home.session = cookies
            assert "browser" in await home.shut(frozenset({"browser"}))
