"""What browser tests ask for: a fresh page in a real Chromium, and a town with people in it."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page

from fediverse_kommune.seeds import Login
from tests.browser.visitor import town_to_visit, visitor
from tests.town import Town


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    """A page of a German-speaking visitor, in a browser of its own without cookies."""
    async with visitor() as fresh:
        yield fresh


@pytest.fixture
async def musterstadt(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[tuple[Town, dict[str, Login]]]:
    """A seeded town under an address that a browser can reach, and who can log in there, by username."""
    database = Path(shutil.copy(sqlite_template, tmp_path / "musterstadt.db"))
    async with town_to_visit(database, tmp_path / "musterstadt") as running:
        yield running
