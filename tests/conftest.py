"""What every test may ask for by name: databases of both kinds, a town that runs, and other servers around it.

A test that takes `stadt` runs twice, on SQLite and on PostgreSQL; `-k "not postgresql"` leaves the second out. Of the
tests that say little about a database (`SHARED`) PostgreSQL takes the first of each file and every twelfth, always the
same ones; KOMMUNE_TESTS=all takes all (docs/decisions/0015-what-postgresql-takes.md).
"""

import asyncio
import gc
import os
import re
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zlib import crc32

import pytest
import uvicorn.server
from hypothesis import settings
from sqlalchemy import URL, Connection, Engine, create_engine

import activitypub.graph.actors
import fediverse_kommune.database
from fediverse_kommune import migrations
from fediverse_kommune.database import driver_url, open_engine
from fediverse_kommune.route_rule import RouteRule
from tests.fediverse import Remote, remote, shared_key
from tests.postgres import PostgresServer
from tests.town import Town, town

STATEMENTS, KEYS = 4_000, 8
SHARE = 12  # PostgreSQL takes one of so many of the tests named here, and the first of each file
ALWAYS_WHOLE = "two_towns|three_servers|two_processes|disorder"
SHARED = re.compile(rf"tests/(routes|client|security)/|tests/federation/test_(?!{ALWAYS_WHOLE})")
# Rows of the threat catalogue that every release stands on: PostgreSQL takes the first case of each of their tests.
FOUNDATION = re.compile(r"tests/security/test_([a-d]\d|e0[1-8])")


def pytest_configure() -> None:
    """Let Hypothesis look at what comes out and not at the clock: a busy machine is no fault of the code."""
    settings.register_profile("patient", deadline=None)
    settings.load_profile("patient")


def pytest_collection_finish() -> None:
    """Let the collector look at what tests make, and not again and again at all that was imported."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave most of such tests to SQLite alone, unless all are asked for."""
    if os.environ.get("KOMMUNE_TESTS") == "all":
        return
    taken = set(_for_both(item.nodeid for item in items))
    config.hook.pytest_deselected(items=[item for item in items if item.nodeid not in taken])
    items[:] = [item for item in items if item.nodeid in taken]


def _for_both(nodeids: Iterable[str]) -> Iterator[str]:
    """Iterate over the tests that run: all on SQLite, and what PostgreSQL takes."""
    tried: set[str] = set()
    for nodeid in nodeids:
        if "[postgresql" not in nodeid or SHARED.match(nodeid) is None:
            yield nodeid
            continue
        kind = nodeid.partition("[" if FOUNDATION.match(nodeid) else "::")[0]
        if kind not in tried or crc32(nodeid.encode()) % SHARE == 0:
            tried.add(kind)
            yield nodeid


@pytest.fixture(scope="session", autouse=True)
def made_once() -> Iterator[None]:
    """Let the towns of this process share what SQLAlchemy and Werkzeug compiled, and new actors a few keys.

    Each test has a town and a database of its own, and would compile some hundred statements and the rules of some
    hundred routes and make a key anew: most of its time.
    """
    first: dict[str, Engine] = {}
    asked: set[str] = set()
    rules: dict[str, RouteRule] = {}
    numbers = count()
    compile_rule = RouteRule.compile

    def engine_that_shares(url: URL, **options: Any) -> Engine:
        engine = create_engine(url, query_cache_size=STATEMENTS, **options)
        known = first.setdefault(engine.name, engine)
        initialize = type(known.dialect).initialize

        def ask_once(connection: Connection) -> None:
            """Ask the server for its version and what it can do: it is the same for all engines of a kind."""
            if known.name not in asked:
                initialize(known.dialect, connection)
                asked.add(known.name)

        engine.dialect.initialize = ask_once
        engine.dialect = engine.pool._dialect = known.dialect
        engine._compiled_cache = known._compiled_cache
        return engine

    def compile_once(rule: RouteRule) -> None:
        known = rules.get(rule.rule)
        if known is None:
            compile_rule(rule)
            rules[rule.rule] = rule
        else:
            rule._parts, rule._trace, rule._converters = known._parts, known._trace, known._converters
            rule.arguments |= known.arguments

    def sleep_less(seconds: float) -> Awaitable[None]:
        return asyncio.sleep(seconds / 20)

    with pytest.MonkeyPatch.context() as patch:
        # It looks ten times a second whether it is to stop, and then waits for as long again.
        patch.setattr(uvicorn.server, "asyncio", SimpleNamespace(**{**vars(asyncio), "sleep": sleep_less}))
        patch.setattr(fediverse_kommune.database, "create_engine", engine_that_shares)
        # All workers ask at the start, so every thread opens a connection, for which PostgreSQL forks: two are enough
        # to meet each other.
        patch.setattr(fediverse_kommune.database, "READERS", 2)
        patch.setattr(RouteRule, "compile", compile_once)
        patch.setattr(activitypub.graph.actors, "generate_rsa_key", lambda: shared_key(next(numbers) % KEYS))
        yield


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
        urls.append(server.lend_database(migrated))
        return urls[-1]

    yield create
    for url in urls:
        server.take_back(url)


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
