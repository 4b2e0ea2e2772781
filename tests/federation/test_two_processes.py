"""Two server processes on one PostgreSQL: what one commits, the streams of the other hear."""

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from sqlalchemy import text

from fediverse_kommune.services import tokens
from tests.client import Client, app_of
from tests.ports import free_port
from tests.postgres import PostgresServer
from tests.streams import listening
from tests.town import Town, town

CONFIG = """[instance]
origin = "{origin}"
name = "Teststadt"
[server]
listen = "127.0.0.1:{port}"
[database]
url = "{url}"
[media]
storage = "{folder}/media"
[federation]
allow_http = true
allow_networks = ["127.0.0.0/8"]
"""


@pytest.fixture
async def hier(postgres: PostgresServer, postgres_template: str, tmp_path: Path) -> AsyncIterator[tuple[Town, str]]:
    """A town in this process, and the URL of its database."""
    url = postgres.lend_database(postgres_template)
    async with town(url, tmp_path / "hier") as running:
        yield running, url
    postgres.take_back(url)


@pytest.fixture
async def dort(hier: tuple[Town, str], tmp_path: Path) -> AsyncIterator[Town]:
    """The same town, served by another process as well."""
    here, url = hier
    port = free_port()
    config = tmp_path / "dort.toml"
    config.write_text(CONFIG.format(origin=here.origin, port=port, url=url, folder=tmp_path / "hier"))
    with (tmp_path / "dort.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "fediverse_kommune", "serve", "--config", str(config)),
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            stdout=log,
            stderr=log,
        )
    elsewhere = Town(here.app, here.host, here.port, here.http, here.looked_up)
    try:
        await _until_it_answers(here, port)
        yield Doubled(elsewhere, port)
    finally:
        process.terminate()
        await process.wait()


class Doubled(Town):
    """A town whose clients connect to another port."""

    __slots__ = ("served_at",)

    def __init__(self, place: Town, port: int) -> None:
        super().__init__(place.app, place.host, place.port, place.http, place.looked_up)
        self.served_at = port

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.served_at}"


async def _until_it_answers(place: Town, port: int) -> None:
    async with asyncio.timeout(60):
        while True:
            try:
                async with place.http.get(f"http://127.0.0.1:{port}/api/v1/streaming/health") as answer:
                    assert answer.status == 200
                    return
            except aiohttp.ClientError:
                await asyncio.sleep(0.05)


async def test_what_one_process_commits_the_streams_of_the_other_hear(hier: tuple[Town, str], dort: Town) -> None:
    here, _ = hier
    anna, bert = await app_of(here, "anna"), await app_of(here, "bert")
    await anna.follow(bert)
    bert_there = Client(dort, bert.token, bert.id, "bert")
    async with listening(anna, "user") as ear:
        await bert_there.write("der erste")
        await ear.next()
        status = await bert_there.write("aus dem anderen Prozess")
        answered_at = time.monotonic()
        event = await ear.next()
        assert time.monotonic() - answered_at < 1
        assert (event.name, event.id) == ("update", status["id"])
        assert event.payload == await anna.get(f"/api/v1/statuses/{status['id']}")
        await bert_there.delete(f"/api/v1/statuses/{status['id']}")
        assert ((event := await ear.next()).name, event.id) == ("delete", status["id"])
    await _and_the_other_way_round(anna, bert, dort)
    await _and_after_the_line_was_cut(here, anna, bert_there)


async def _and_the_other_way_round(anna: Client, bert: Client, dort: Town) -> None:
    """A token that is revoked here ends its streams there."""
    there = Client(dort, anna.token, anna.id, "anna")
    async with listening(there, "user") as ear:
        status = await bert.write("aus diesem Prozess")
        assert (await ear.next()).id == status["id"]
        user_id = await dort.read(_user_of, int(anna.id))
        await dort.write(tokens.revoke_all, user_id)
        assert await ear.closed(seconds=3) == 1008


def _user_of(session: object, actor_id: int) -> int:
    found = session.scalar(text("SELECT id FROM users WHERE actor_id = :actor"), {"actor": actor_id})  # type: ignore[attr-defined]
    return int(found)


async def _and_after_the_line_was_cut(here: Town, anna: Client, bert_there: Client) -> None:
    """Whoever listens while signals are lost begins anew, and hears what comes afterwards."""
    anna = await app_of(here, "anna")
    async with listening(anna, "user") as ear:
        await here.write(_hang_up)
        assert await ear.closed() == 1012
    async with listening(anna, "user") as ear:
        status = await bert_there.write("wieder da")
        assert (await ear.next()).id == status["id"]


def _hang_up(unit: object) -> None:
    """Cut every connection that listens, as a restart of the database would."""
    ears = "FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = current_database()"
    unit.execute(text(f"SELECT pg_terminate_backend(pid) {ears}"))  # type: ignore[attr-defined]
