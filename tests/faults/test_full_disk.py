"""A disk that is full (X05): said plainly, nothing stored by half, reading goes on, and all is well once there is room.

SQLite's disk is full because the system lets the server write no further (RLIMIT_FSIZE, which needs no root),
PostgreSQL's because the database says so (SQLSTATE 53100), as a trigger can make it.
"""

import json
import resource
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from sqlalchemy import text

from activitypub.signatures.cavage import sign
from activitypub.signatures.keys import load_private_key
from bench.activities import create
from bench.neighbours import ACTIVITY
from bench.stage import TOKEN, Stage
from faults.recounts import COUNTS, HALF_DONE
from faults.server import neighbours, serving, set_up, until_ready, until_rest
from faults.verdict import offenders
from fediverse_kommune.database import driver_url, open_engine

APP = {"Authorization": f"Bearer {TOKEN}"}
WRITTEN = ("inbox_items", "statuses", "actors", "oauth_tokens")
FULL_DISK = """
    CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql
    AS $$ BEGIN RAISE 'no room' USING ERRCODE = '53100'; END $$"""


@dataclass(slots=True)
class Server:
    """A server as a process of its own, and the disk below it."""

    stage: Stage
    process: subprocess.Popen[bytes]
    http: aiohttp.ClientSession

    @contextmanager
    def full_disk(self) -> Iterator[None]:
        """Leave no room while the block lasts."""
        self._fill()
        try:
            yield
        finally:
            self._free()

    async def send(self, activity: dict[str, Any]) -> aiohttp.ClientResponse:
        """POST an activity to the shared inbox, signed, and return the answer, read whole."""
        url, body = f"{self.stage.origin}/inbox", json.dumps(activity).encode()
        headers = sign(
            "POST",
            url,
            {"Content-Type": ACTIVITY},
            body,
            key_id=f"{activity['actor']}#main-key",
            private_key=load_private_key(self.stage.key),
            now=datetime.now(UTC),
        )
        async with self.http.post(url, data=body, headers=headers) as answer:
            await answer.read()
        return answer

    async def post(self, words: str) -> aiohttp.ClientResponse:
        """Post as Anna through the client API, and return the answer, read whole."""
        async with self.http.post(
            f"{self.stage.origin}/api/v1/statuses", json={"status": words}, headers=APP
        ) as answer:
            await answer.read()
        return answer

    async def get(self, path: str, **headers: str) -> int:
        """Return the status of a GET."""
        async with self.http.get(f"{self.stage.origin}{path}", headers=headers) as answer:
            await answer.read()
        return answer.status

    async def home(self) -> list[str]:
        """Return the ids of what stands in Anna's home timeline, once nothing waits in the queue."""
        await until_rest(self.stage)
        async with self.http.get(f"{self.stage.origin}/api/v1/timelines/home", headers=APP) as answer:
            return [status["uri"] for status in await answer.json()]

    def execute(self, *statements: str) -> None:
        """Change the database from outside."""
        engine = open_engine(driver_url(self.stage.url))
        with engine.begin() as connection:
            for statement in statements:
                connection.execute(text(statement))
        engine.dispose()

    def _fill(self) -> None:
        if self._is_sqlite():
            resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
            return
        trigger = "CREATE TRIGGER full_disk BEFORE INSERT OR UPDATE ON {} EXECUTE FUNCTION full_disk()"
        self.execute(FULL_DISK, *(trigger.format(table) for table in WRITTEN))

    def _free(self) -> None:
        if self._is_sqlite():
            resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        else:
            self.execute("DROP FUNCTION full_disk CASCADE")

    def _is_sqlite(self) -> bool:
        return self.stage.url.startswith("sqlite")


@pytest.fixture
async def server(database_url: str, tmp_path: Path) -> AsyncIterator[Server]:
    """A running server that knows some neighbours."""
    stage = await set_up(tmp_path, database_url)
    with (tmp_path / "server.log").open("ab") as log, neighbours(stage, log), serving(stage, log) as process:
        await until_ready(stage, process)
        async with aiohttp.ClientSession() as http:
            yield Server(stage, process, http)


def note_of(server: Server, number: int) -> dict[str, Any]:
    """Return the Create of a note by somebody whom Anna follows."""
    port = server.stage.neighbours_port
    return create(f"http://127.1.0.1:{port}/users/u0", f"http://127.1.0.1:{port}/notes/{number}", number)


async def test_a_full_disk_is_said_and_nothing_is_half_stored(server: Server) -> None:
    before, during, after, by_a_stranger = (note_of(server, number) for number in range(4))
    by_a_stranger["actor"] = by_a_stranger["actor"].replace("/u0", "/fremd")
    assert (await server.send(before)).status == 202
    assert await server.home() == [before["object"]["id"]]

    server.execute("UPDATE oauth_tokens SET last_used_at = NULL")  # so that a read would have something to write
    with server.full_disk():
        refusals = [await server.send(activity) for activity in (during, during, by_a_stranger)]
        refusals.append(await server.post("Hallo"))
        for refusal in refusals:
            assert refusal.status == 503
            assert int(refusal.headers["Retry-After"]) > 0
            assert "error" in await refusal.json()
        assert await server.get("/users/anna", Accept=ACTIVITY) == 200
        assert await server.get("/api/v1/timelines/home", **APP) == 200
        assert await server.get("/.well-known/nodeinfo") == 200

    assert (await server.send(after)).status == 202
    assert (await server.post("Wieder da")).status == 200
    home = await server.home()
    assert home.count(after["object"]["id"]) == 1
    assert len(home) == 3, home
    assert (await server.send(during)).status == 202
    assert (await server.home()).count(during["object"]["id"]) == 1
    assert _contradictions(server.stage) == []


def _contradictions(stage: Stage) -> list[str]:
    engine = open_engine(driver_url(stage.url), read_only=True)
    with engine.connect() as connection:
        found = offenders(connection, {**COUNTS, "inbox": HALF_DONE["done and dead"]})
        if connection.dialect.name == "sqlite":
            found += [str(row) for row in connection.exec_driver_sql("PRAGMA integrity_check") if row[0] != "ok"]
    engine.dispose()
    return found
