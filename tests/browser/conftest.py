"""What browser tests ask for: a fresh page in a real Chromium."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page, async_playwright

from tests.browser.chromium import SWITCHES, environment, find_chromium


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    """A page of a German-speaking visitor, in a browser of its own without cookies.

    The browser lives in the event loop of the test, like the servers that a test starts; that costs 0.5 s.
    """
    chromium = find_chromium()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=SWITCHES, env=environment(chromium))
        context = await browser.new_context(locale="de-DE", timezone_id="Europe/Berlin")
        yield await context.new_page()
        await browser.close()
