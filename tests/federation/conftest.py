"""Two towns that have never heard of each other. A file whose towns are set up otherwise has fixtures of its own."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from tests.town import Town, town


@pytest.fixture
async def nord(new_database: Callable[[], str], tmp_path: Path) -> AsyncIterator[Town]:
    async with town(new_database(), tmp_path / "nord", host="nord.test") as running:
        yield running


@pytest.fixture
async def sued(new_database: Callable[[], str], tmp_path: Path) -> AsyncIterator[Town]:
    async with town(new_database(), tmp_path / "sued", host="sued.test") as running:
        yield running
