"""What every test may ask for by name."""

from collections.abc import Iterator

import pytest

from tests.postgres import PostgresServer


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server for this process, started by the first test that asks for it."""
    server = PostgresServer()
    server.start()
    yield server
    server.stop()
