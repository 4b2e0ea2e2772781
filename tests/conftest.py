"""What every test may ask for by name: databases of both kinds, a town that runs, and other servers around it.

A test that takes `stadt` runs twice, on SQLite and on PostgreSQL; `-k "not postgresql"` leaves the second out.
"""

import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from fediverse_kommune import migrations
from fediverse_kommune.database import driver_url, open_engine
from tests.fediverse import Remote, remote
from tests.postgres import PostgresServer
from tests.town import Town, town


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server for this process, started by the first test that asks for it."""
    server = PostgresServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite database to copy."""
    path = tmp_path_factory.mktemp("template") / "migrated.db"
    _migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres: PostgresServer) -> str:
    """The URL of a migrated PostgreSQL database to clone; nobody stays connected to it."""
    url = postgres.create_database()
    _migrate(url)
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def new_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], str]]:
    """A function that gives the URL of one more migrated, empty database. They are gone after the test."""
    if request.param == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")
        numbers = count()
        yield lambda: f"sqlite:///{shutil.copy(template, tmp_path / f'{next(numbers)}.db')}"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    migrated: str = request.getfixturevalue("postgres_template")
    urls: list[str] = []

    def create() -> str:
        urls.append(server.create_database(migrated))
        return urls[-1]

    yield create
    for url in urls:
        server.drop_database(url)


@pytest.fixture
def database_url(new_database: Callable[[], str]) -> str:
    """The URL of a migrated, empty database: of each kind in turn."""
    return new_database()


@pytest.fixture
async def stadt(database_url: str, tmp_path: Path) -> AsyncIterator[Town]:
    """A running instance, `stadt.test`, with its workers."""
    async with town(database_url, tmp_path / "stadt") as running:
        yield running


@pytest.fixture
async def nachbar() -> AsyncIterator[Remote]:
    """An honest server of the fediverse."""
    async with remote("nachbar.test") as server:
        yield server


@pytest.fixture
async def boese() -> AsyncIterator[Remote]:
    """A server whose owner means harm; it serves whatever a test puts into its `documents`."""
    async with remote("boese.test") as server:
        yield server


def _migrate(url: str) -> None:
    engine = open_engine(driver_url(url))
    migrations.upgrade(engine)
    engine.dispose()
