"""A visitor with a browser of their own, and the town they look at."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Page, async_playwright

from fediverse_kommune import seeds
from tests.browser.chromium import SWITCHES, environment, find_chromium
from tests.town import Town, town

# Towns of the tests are called stadt.test and live on this machine.
NAMES = "--host-resolver-rules=MAP *.test 127.0.0.1"


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """A browser in which nobody has been anywhere. It lives in one event loop, like the servers that a test starts."""
    program = find_chromium()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=program, args=[*SWITCHES, NAMES], env=environment(program)
        )
        yield browser
        await browser.close()


@asynccontextmanager
async def page_of(browser: Browser, **options: Any) -> AsyncIterator[Page]:
    """A page of a German-speaking visitor, without cookies of anybody else; `options` are Playwright's."""
    context = await browser.new_context(**{"locale": "de-DE", "timezone_id": "Europe/Berlin", **options})
    yield await context.new_page()
    await context.close()


@asynccontextmanager
async def visitor(**options: Any) -> AsyncIterator[Page]:
    """Such a page in a browser of its own, which costs 0.5 s."""
    async with chromium() as browser, page_of(browser, **options) as page:
        yield page


@asynccontextmanager
async def town_to_visit(database: Path, folder: Path) -> AsyncIterator[tuple[Town, dict[str, seeds.Login]]]:
    """A seeded town under an address that a browser can reach, and who can log in there, by username."""
    async with town(f"sqlite:///{database}", folder, host="127.0.0.1", relay=True) as running:
        logins = await running.write(seeds.plant)
        assert logins is not None
        yield running, {login.username: login for login in logins}
