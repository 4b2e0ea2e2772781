"""A server to do things to: a process of its own, with residents, neighbours and a log."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from subprocess import Popen
from typing import IO

import aiohttp
from sqlalchemy import text

from activitypub.signatures.keys import load_private_key, public_pem
from bench import stage as staging
from bench.neighbours import host_of, make_key
from bench.stage import Stage, free_port, process, until_answered
from faults.load import HOSTS, PEOPLE
from fediverse_kommune.database import driver_url, open_engine

START_PATIENCE_SECONDS = 60.0
# A lease that a dead server held runs out after 60 s, and a first pause after a failure lasts 15 to 20 s.
REST_PATIENCE_SECONDS = 150.0
WAITING = """
    SELECT (SELECT count(*) FROM inbox_items WHERE done_at IS NULL AND dead_at IS NULL)
         + (SELECT count(*) FROM deliveries WHERE given_up_at IS NULL)"""


class ServerDied(Exception):
    """The server ended, and it was not we who killed it."""


async def set_up(folder: Path, database_url: str = "") -> Stage:
    """Make a stage with Anna, her neighbours and their key, on an empty database."""
    key = make_key(folder)
    stage = Stage(folder, free_port(), key, free_port(), database_url)
    staging.write_config(stage)
    public_key = public_pem(load_private_key(key))
    await asyncio.to_thread(staging.populate, stage, hosts=HOSTS, followers=PEOPLE, public_pem=public_key)
    return stage


@contextmanager
def neighbours(stage: Stage, log: IO[bytes]) -> Iterator[None]:
    """Let the neighbours answer, and note what they are sent, while the block lasts."""
    arguments = ["-m", "faults.witness", str(stage.folder), str(stage.neighbours_port), str(HOSTS)]
    with process(arguments, log=log):
        until_answered(f"http://{host_of(0, stage.neighbours_port)}/users/u0")
        yield


def serving(stage: Stage, log: IO[bytes]) -> AbstractContextManager[Popen[bytes]]:
    """Run the server while the block lasts, unless it is killed before."""
    return process(["-m", "fediverse_kommune", "serve", "--config", str(stage.config)], log=log)


async def until_ready(stage: Stage, server: Popen[bytes]) -> float:
    """Wait for the server's first answer and return the seconds that took. Raises `ServerDied` or TimeoutError."""
    started = time.perf_counter()
    async with asyncio.timeout(START_PATIENCE_SECONDS), aiohttp.ClientSession() as http:
        while server.poll() is None:
            try:
                async with http.get(f"{stage.origin}/.well-known/nodeinfo") as answer:
                    if answer.status == 200:
                        return time.perf_counter() - started
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.01)
    raise ServerDied(f"the server ended by itself with {server.returncode}: its log in {stage.folder} says why")


async def until_rest(stage: Stage) -> float:
    """Wait until no activity and no delivery waits, and return the seconds that took; give up after a while.

    What then still waits is found by the judge.
    """
    started = time.perf_counter()
    while (seconds := time.perf_counter() - started) < REST_PATIENCE_SECONDS:
        if not await asyncio.to_thread(_waiting, stage.url):
            break
        await asyncio.sleep(0.2)
    return seconds


def end_leases(stage: Stage) -> None:
    """Make due what a dead server had in hand, as if its lease were over."""
    engine = open_engine(driver_url(stage.url))
    with engine.begin() as connection:
        connection.execute(text("UPDATE inbox_items SET next_attempt_at = received_at WHERE done_at IS NULL"))
    engine.dispose()


def _waiting(url: str) -> int:
    """Return how many activities and deliveries the server at this database still has to deal with."""
    engine = open_engine(driver_url(url), read_only=True)
    with engine.connect() as connection:
        count: int = connection.execute(text(WAITING)).scalar_one()
    engine.dispose()
    return count
