"""What browser tests ask for: a fresh page in a real Chromium, and a town with people in it.

Browser and town are those of a whole file, whose tests look at the town and leave it as it is.
"""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from fediverse_kommune.seeds import Login
from tests.browser.visitor import chromium, page_of, town_to_visit
from tests.town import Town


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    """A real Chromium."""
    async with chromium() as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def page(browser: Browser) -> AsyncIterator[Page]:
    """A page of a German-speaking visitor without cookies."""
    async with page_of(browser) as fresh:
        yield fresh


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def musterstadt(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[Town, dict[str, Login]]]:
    """A seeded town under an address that a browser can reach, and who can log in there, by username."""
    folder = tmp_path_factory.mktemp("musterstadt")
    database = Path(shutil.copy(sqlite_template, folder / "musterstadt.db"))
    async with town_to_visit(database, folder / "files") as running:
        yield running
