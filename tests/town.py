"""An instance under test: the real app on a real socket with a real database and its workers running."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

import aiohttp
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from activitypub.graph.actors import create_local_actor, find_actor
from activitypub.models import Actor, Base
from activitypub.signatures.keys import private_pem
from activitypub.unit import Unit
from fediverse_kommune.app import Kommune, create_app
from fediverse_kommune.config import (
    Config,
    DatabaseConfig,
    FederationConfig,
    InstanceConfig,
    LimitsConfig,
    MailConfig,
    MediaConfig,
    ServerConfig,
    TranslationConfig,
)
from fediverse_kommune.housekeeping import Housekeeping
from fediverse_kommune.serve import running
from inbox.models import InboxItem
from outbox.models import Lane
from tests.fediverse import ACTIVITY_TYPE, Person, shared_key

P = ParamSpec("P")
T = TypeVar("T")


# Tests that count requests bring their own limits.
UNLIMITED = LimitsConfig(requests=1_000_000, uploads=1_000_000, deletions=1_000_000, sign_ups=1_000_000)
NO_TRANSLATOR = TranslationConfig()

# What changes when a document is merely read again.
_VOLATILE = frozenset(
    {
        *(("actors", "fetched_at"), ("actors", "version"), ("statuses", "version")),
        *(("actor_keys", "id"), ("actor_keys", "created_at"), ("polls", "fetched_at")),
    }
)


NO_MAIL = MailConfig()


async def on_loopback(host: str) -> Sequence[str]:
    """Look up any name of the test fediverse: all of it is on this machine, but *.inside.test is behind a firewall."""
    if host.endswith(".inside.test"):
        return ["10.1.2.3"]
    if host.endswith(".test"):
        return ["127.0.0.1"]
    raise OSError(f"{host} does not exist")


@dataclass(slots=True)
class Town:
    """A running instance and what a test does with it."""

    app: Kommune
    host: str
    port: int
    http: aiohttp.ClientSession
    # Every host name the egress looked up: what is not in here was never contacted.
    looked_up: list[str]

    @property
    def origin(self) -> str:
        return self.app.server.instance.origin

    @property
    def address(self) -> str:
        """Where a client connects; `Host` then says whom it means."""
        return f"http://127.0.0.1:{self.port}"

    async def read(self, work: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await self.app.server.db.read(work, *args, **kwargs)

    async def write(self, work: Callable[Concatenate[Unit, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await self.app.server.db.write(work, *args, **kwargs)

    async def resident(self, username: str, *, locked: bool = False, kind: str = "Person") -> Actor:
        """Return an actor of this town that nobody logs in as."""

        def create(unit: Unit) -> Actor:
            key = private_pem(shared_key("resident"))
            actor = create_local_actor(unit, username, kind=kind, name=username.title(), private_key_pem=key)
            actor.manually_approves_followers = locked
            return actor

        return await self.write(create)

    async def known(self, person: Person) -> Actor | None:
        """Return what this town has stored of a remote actor."""
        return await self.read(find_actor, person.uri)

    async def meet(self, person: Person) -> Actor:
        """Let this town read a remote actor, so that a later rejection has nothing to fetch or store."""
        return await self.app.server.resolver.actor(person.uri)

    async def get(
        self, path: str, *, accept: str = ACTIVITY_TYPE, headers: Mapping[str, str] | None = None
    ) -> tuple[int, Any]:
        """Return status and body (decoded if it is JSON) of a GET."""
        sent = {"Accept": accept, "Host": f"{self.host}:{self.port}", **(headers or {})}
        async with self.http.get(self.address + path, headers=sent, allow_redirects=False) as answer:
            body = await answer.read()
            is_json = "json" in answer.headers.get("Content-Type", "")
            return answer.status, json.loads(body) if is_json and body else body

    async def deliver(
        self,
        sender: Person,
        activity: Mapping[str, Any] | bytes,
        *,
        path: str = "/inbox",
        headers: Mapping[str, str] | None = None,
        key_id: str | None = None,
        now: datetime | None = None,
    ) -> int:
        """POST a signed activity to an inbox of this town and return the status."""
        body = activity if isinstance(activity, bytes) else json.dumps(activity).encode()
        signed = sender.signed(self.origin + path, body, key_id=key_id, now=now)
        return await self.post(path, body, {**signed, **(headers or {})})

    async def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> int:
        """POST bytes as they are and return the status."""
        sent = {"Host": f"{self.host}:{self.port}", **headers}
        async with self.http.post(self.address + path, data=body, headers=sent) as answer:
            await answer.read()
            return answer.status

    async def accept(self, sender: Person, activity: Mapping[str, Any], **options: Any) -> None:
        """Deliver an activity that must be accepted, and wait until it took effect."""
        status = await self.deliver(sender, activity, **options)
        assert status == 202, f"{activity.get('type')} was answered {status}"
        await self.settle()

    async def settle(self, *, seconds: float = 10) -> None:
        """Wait until nothing waits in the inbox queue."""
        async with asyncio.timeout(seconds):
            while await self.read(_due):
                await asyncio.sleep(0.005)

    async def rest(self, *, seconds: float = 10) -> None:
        """Wait until nothing waits in the inbox queue and nothing is being sent."""
        await self.settle(seconds=seconds)
        async with asyncio.timeout(seconds):
            while await self.read(_sending):
                await asyncio.sleep(0.005)

    async def housekeep(self) -> None:
        """Do one round of what has to be done from time to time."""
        await Housekeeping(self.app.server).round(trim=False)

    async def state(self) -> dict[str, frozenset[str]]:
        """Return every row of every table, once the town is at rest: two states are equal or something changed."""
        await self.rest()
        return await self.read(_rows)

    async def until(self, table: type[Any], *conditions: Any, count: int = 1, seconds: float = 10) -> None:
        """Wait until exactly `count` rows meet the conditions; raises TimeoutError."""
        async with asyncio.timeout(seconds):
            while await self.count(table, *conditions) != count:
                await asyncio.sleep(0.005)

    async def count(self, table: type[Any], *conditions: Any) -> int:
        """Return how many rows of a table meet the conditions."""
        return await self.read(_count, table, conditions)


def _due(session: Session) -> int:
    waiting = InboxItem.done_at.is_(None) & InboxItem.dead_at.is_(None) & InboxItem.last_error.is_(None)
    return session.scalar(select(func.count()).select_from(InboxItem).where(waiting)) or 0


def _sending(session: Session) -> int:
    due = (Lane.next_attempt_at <= datetime.now(UTC)) | Lane.holder.is_not(None)
    return session.scalar(select(func.count()).select_from(Lane).where(due)) or 0


def _rows(session: Session) -> dict[str, frozenset[str]]:
    return {
        table.name: frozenset(
            str({column: value for column, value in row._mapping.items() if (table.name, column) not in _VOLATILE})
            for row in session.execute(select(*table.columns))
        )
        for table in Base.metadata.sorted_tables
    }


def _count(session: Session, table: type[Any], conditions: Sequence[Any]) -> int:
    return session.scalar(select(func.count()).select_from(table).where(*conditions)) or 0


@asynccontextmanager
async def town(
    database_url: str,
    folder: Path,
    *,
    host: str = "stadt.test",
    account_domain: str | None = None,
    secure_mode: bool = False,
    limited: bool = False,
    relay: bool = False,
    backfill: bool = False,
    ffmpeg: str | None = None,
    switched_off: tuple[str, ...] = (),
    limits: LimitsConfig = UNLIMITED,
    translation: TranslationConfig = NO_TRANSLATOR,
    mail: MailConfig = NO_MAIL,
    **words: Any,
) -> AsyncIterator[Town]:
    """Start an instance on a free loopback port; `words` go into `[instance]` of its configuration."""
    listener = socket.create_server(("127.0.0.1", 0))
    # Connections inherit it. asyncio sets it only for sockets made with the protocol named, and without it the body of
    # an answer waits 40 ms for the acknowledgement of its head.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    port = listener.getsockname()[1]
    config = Config(
        instance=InstanceConfig(
            origin=f"http://{host}:{port}", name="Teststadt", account_domain=account_domain, **words
        ),
        server=ServerConfig(listen=f"127.0.0.1:{port}"),
        database=DatabaseConfig(url=database_url),
        media=MediaConfig(storage=str(folder / "media"), ffmpeg=ffmpeg, switched_off=switched_off),
        limits=limits,
        translation=translation,
        federation=FederationConfig(
            mode="allowlist" if limited else "blocklist",
            secure_mode=secure_mode,
            relay=relay,
            backfill=backfill,
            allow_http=True,
            allow_networks=("127.0.0.0/8",),
        ),
        mail=mail,
    )
    looked_up: list[str] = []

    async def look_up(name: str) -> Sequence[str]:
        looked_up.append(name)
        return await on_loopback(name)

    app = create_app(config, look_up=look_up)
    async with running(app, listener), aiohttp.ClientSession() as http:
        yield Town(app, host, port, http, looked_up)
