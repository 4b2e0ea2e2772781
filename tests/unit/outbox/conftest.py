"""A database of each kind with the outbox in it, a clock that tests set, and people on both sides."""

import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from activitypub.events import DeliveriesQueued
from activitypub.graph.actors import create_local_actor
from activitypub.graph.statuses import StatusDraft, StatusText, create_status
from activitypub.instance import LocalInstance
from activitypub.models import Actor, Base, Follow, Status, new_id
from activitypub.sanitize import SafeHTML
from activitypub.signatures.keys import private_pem
from activitypub.unit import Unit
from activitypub.vocabulary import Visibility
from fediverse_kommune.database import Database, UnitSetting, driver_url, open_engine
from outbox.models import Delivery, Lane, OutgoingActivity
from tests.fediverse import shared_key
from tests.postgres import PostgresServer

INSTANCE = LocalInstance(origin="https://stadt.example", account_domain="stadt.example", name="Stadt")
START = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


class Clock:
    """A clock that stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **parts: float) -> None:
        self.now += timedelta(**parts)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def postgres_with_tables(postgres: PostgresServer) -> str:
    """A database to copy: that is faster than making its tables anew for each test."""
    url = postgres.create_database()
    engine = open_engine(driver_url(url))
    Base.metadata.create_all(engine)
    engine.dispose()
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'outbox.db'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    url = server.lend_database(request.getfixturevalue("postgres_with_tables"))
    yield url
    server.take_back(url)


@pytest.fixture
def heard() -> list[Any]:
    """Events published by units of the test."""
    return []


@pytest.fixture
async def db(database_url: str, clock: Clock, heard: list[Any]) -> AsyncIterator[Database]:
    def hear(_unit: Unit, event: DeliveriesQueued) -> None:
        heard.append(event)

    database = Database(database_url, UnitSetting(clock, INSTANCE, {DeliveriesQueued: (hear,)}))
    Base.metadata.create_all(database.engine)
    yield database
    database.close()


def local(unit: Unit, username: str, **values: Any) -> Actor:
    """Make an actor of ours. All of them share one key, because making one takes time."""
    actor = create_local_actor(unit, username, private_key_pem=private_pem(shared_key()))
    for name, value in values.items():
        setattr(actor, name, value)
    unit.flush()
    return actor


def remote(
    unit: Unit, username: str, host: str, *, shared: bool = True, origin: str | None = None, **values: Any
) -> Actor:
    """Make an actor of another server, as if it had been fetched."""
    origin = origin or f"https://{host}"
    uri = f"{origin}/users/{username}"
    actor = Actor(
        id=new_id(unit.now),
        **{
            "uri": uri,
            "type": "Person",
            "host": host,
            "username": username,
            "domain": host,
            "handle": f"{username}@{host}",
            "inbox_uri": f"{uri}/inbox",
            "shared_inbox_uri": f"{origin}/inbox" if shared else None,
            "followers_uri": f"{uri}/followers",
            "created_at": unit.now,
            **values,
        },
    )
    unit.add(actor)
    unit.flush()
    return actor


def following(unit: Unit, follower: Actor, followed: Actor, *, accepted: bool = True) -> Follow:
    """Let one actor follow another, or only ask to."""
    follow_id = new_id(unit.now)
    row = Follow(
        id=follow_id,
        uri=f"{follower.uri}#follow/{follow_id}",
        follower_id=follower.id,
        followed_id=followed.id,
        created_at=unit.now,
        accepted_at=unit.now if accepted else None,
    )
    unit.add(row)
    unit.flush()
    return row


def posted(
    unit: Unit,
    author: Actor,
    *mentions: Actor,
    visibility: Visibility = Visibility.PUBLIC,
    in_reply_to: Status | None = None,
    local_only: bool = False,
) -> Status:
    """Make a status, and tell nobody yet."""
    status_id = new_id(unit.now)
    uri = f"{author.uri}/statuses/{status_id}"
    draft = StatusDraft(
        uri=uri,
        author=author,
        visibility=visibility,
        text=StatusText(content=SafeHTML.stored("<p>Guten Tag</p>"), mentions=mentions),
        published_at=unit.now,
        id=status_id,
        in_reply_to_uri=in_reply_to.uri if in_reply_to else None,
        local_only=local_only,
    )
    return create_status(unit, draft)


@dataclass(frozen=True)
class Queued:
    """A waiting delivery as a test looks at it."""

    activity: dict[str, Any]
    inbox: str

    @property
    def kind(self) -> str:
        return str(self.activity["type"])


def queued(session: Session) -> list[Queued]:
    """What waits, in its order."""
    rows = session.execute(
        select(OutgoingActivity.body, Delivery.inbox_uri)
        .join(Delivery, Delivery.activity_id == OutgoingActivity.id)
        .where(Delivery.given_up_at.is_(None))
        .order_by(Delivery.id)
    )
    return [Queued(json.loads(body), inbox) for body, inbox in rows]


def rows(session: Session) -> dict[str, int]:
    """How many rows each table of the queue has."""
    return {
        table.__tablename__: session.scalar(select(func.count()).select_from(table)) or 0
        for table in (OutgoingActivity, Delivery, Lane)
    }
