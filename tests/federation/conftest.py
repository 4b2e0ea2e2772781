"""Two towns that have never heard of each other. A file whose towns are set up otherwise has fixtures of its own."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from tests.payload_servers import PayloadServers
from tests.town import Town, town


@pytest.fixture
async def nord(new_database: Callable[[], str], tmp_path: Path) -> AsyncIterator[Town]:
    async with town(new_database(), tmp_path / "nord", host="nord.test") as running:
        yield running


@pytest.fixture
async def sued(new_database: Callable[[], str], tmp_path: Path) -> AsyncIterator[Town]:
    async with town(new_database(), tmp_path / "sued", host="sued.test") as running:
        yield running


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def module_database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the address of a database that all tests of a file share."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path_factory.mktemp('town')}/kommune.db"
    url: str = request.getfixturevalue("postgres").create_database()
    return url


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def servers() -> AsyncIterator[PayloadServers]:
    """Start a server for each program whose payloads are told."""
    async with PayloadServers().serving() as running:
        yield running
