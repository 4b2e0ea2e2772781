"""What a measurement needs around it: a configuration, a database with people in it, and processes that end."""

import asyncio
import os
import resource
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from sqlalchemy import insert, select, update

from activitypub.models import Actor, ActorKey, Follow, new_id
from activitypub.sanitize import sanitize
from activitypub.unit import Unit
from bench.neighbours import host_of
from fediverse_kommune import migrations
from fediverse_kommune.config import load_config
from fediverse_kommune.database import Database, UnitSetting
from fediverse_kommune.models import AccessToken, Application, User
from fediverse_kommune.services.accounts import NewUser, create_user
from fediverse_kommune.services.tokens import digest

START_SECONDS = 30
TOKEN = "bench"  # Anna's app; the database it opens lives as long as the measurement


@dataclass(frozen=True, slots=True)
class Stage:
    """A server's folder and address. `key` is the PEM that all neighbours sign with.

    The database is a SQLite file in the folder unless `database_url` names another, migrated or empty.
    """

    folder: Path
    port: int
    key: str
    neighbours_port: int
    database_url: str = ""

    @property
    def config(self) -> Path:
        """The configuration file."""
        return self.folder / "config.toml"

    @property
    def origin(self) -> str:
        """Where the server's ids begin."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        """The URL of the database."""
        return self.database_url or f"sqlite:///{self.folder}/kommune.db"


def write_config(stage: Stage) -> None:
    """Write a configuration for a server in the test network of this machine."""
    stage.config.write_text(
        f"""[instance]
origin = "{stage.origin}"
name = "Messstadt"
[server]
listen = "127.0.0.1:{stage.port}"
[database]
url = "{stage.url}"
[media]
storage = "{stage.folder}/media"
[limits]
requests = 1_000_000
uploads = 1_000_000
deletions = 1_000_000
[federation]
allow_http = true
allow_networks = ["127.0.0.0/8"]
"""
    )


def populate(stage: Stage, *, hosts: int, followers: int, public_pem: str) -> None:
    """Create Anna, who follows and is followed by `followers` actors on `hosts` neighbours."""
    config = load_config(stage.config)
    database = Database(config.database.url, UnitSetting(lambda: datetime.now(UTC), config.local_instance(), {}))
    migrations.upgrade(database.engine)
    asyncio.run(database.write(_populate, stage.neighbours_port, hosts, followers, public_pem))
    database.close()


def _populate(unit: Unit, port: int, hosts: int, followers: int, public_pem: str) -> None:
    anna = create_user(unit, NewUser("anna", "anna@example.org", "", confirmed=True)).actor_id
    unit.add(_token(unit, anna))
    actors, keys, follows = [], [], []
    for number in range(followers):
        host = host_of(number % hosts, port)
        uri = f"http://{host}/users/u{number}"
        actor_id = new_id(unit.now)
        actors.append(_actor_row(actor_id, uri, host, f"u{number}", unit.now))
        keys.append(
            {
                "id": actor_id,
                "actor_id": actor_id,
                "uri": f"{uri}#main-key",
                "public_pem": public_pem,
                "created_at": unit.now,
            }
        )
        for follower, followed in ((actor_id, anna), (anna, actor_id)):
            follow_id = new_id(unit.now)
            follows.append(
                {
                    "id": follow_id,
                    "uri": f"{uri}#follow/{follow_id}",
                    "follower_id": follower,
                    "followed_id": followed,
                    "created_at": unit.now,
                    "accepted_at": unit.now,
                }
            )
    unit.execute(insert(Actor), actors)
    unit.execute(insert(ActorKey), keys)
    unit.execute(insert(Follow), follows)
    unit.execute(update(Actor).where(Actor.id == anna).values(followers_count=followers, following_count=followers))


def _actor_row(actor_id: int, uri: str, host: str, username: str, now: datetime) -> dict[str, object]:
    return {
        "id": actor_id,
        "uri": uri,
        "type": "Person",
        "host": host,
        "username": username,
        "domain": host,
        "handle": f"{username}@{host}",
        "summary": sanitize(""),
        "inbox_uri": f"{uri}/inbox",
        "shared_inbox_uri": f"http://{host}/inbox",
        "followers_uri": f"{uri}/followers",
        "followers_count": 1,
        "following_count": 1,
        "created_at": now,
        "fetched_at": now,
    }


def _token(unit: Unit, actor_id: int) -> AccessToken:
    """Return the row that lets a client write as this actor."""
    application = Application(
        id=new_id(unit.now),
        client_id="bench",
        client_secret_hash="",
        name="bench",
        redirect_uris=[],
        scopes="read write",
        created_at=unit.now,
    )
    unit.add(application)
    unit.flush()
    user_id = unit.scalars(select(User.id).where(User.actor_id == actor_id)).one()
    return AccessToken(
        id=new_id(unit.now),
        token_hash=digest(TOKEN),
        application_id=application.id,
        user_id=user_id,
        actor_id=actor_id,
        scopes="read write",
        created_at=unit.now,
    )


@contextmanager
def process(
    arguments: Sequence[str], *, cpu: int | None = None, log: IO[bytes] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program of this project while the block lasts, and end it by its own id.

    It runs on one core if `cpu` names it; what it has to say goes into `log` if there is one.
    """
    running = subprocess.Popen([sys.executable, *arguments], stdout=subprocess.DEVNULL, stderr=log)
    if cpu is not None:
        os.sched_setaffinity(running.pid, {cpu})
    try:
        yield running
    finally:
        running.send_signal(signal.SIGTERM)
        try:
            running.wait(20)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()


@contextmanager
def pinned(cpu: int) -> Iterator[None]:
    """Run what this program does in the block, with the threads it starts there, on one core."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {cpu})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def until_answered(url: str) -> float:
    """Wait until a GET is answered and return the seconds that took; raises TimeoutError."""
    started = time.perf_counter()
    while time.perf_counter() - started < START_SECONDS:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                answer.read()
                return time.perf_counter() - started
        except OSError:
            time.sleep(0.01)
    raise TimeoutError(f"{url} did not answer within {START_SECONDS} s")


def resident_megabytes(pid: int) -> float:
    """Return the resident memory of a process and its children, in megabytes."""
    total = 0
    for one in (pid, *_children(pid)):
        total += int(Path(f"/proc/{one}/statm").read_text().split()[1]) * resource.getpagesize()
    return total / 1_000_000


def cpu_seconds(pid: int) -> float:
    """Return the processor time a process has used so far, in seconds."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    """Return a port that was free a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def _children(pid: int) -> list[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(child) for child in text.split()]
