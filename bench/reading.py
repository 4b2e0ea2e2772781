"""Reading: the pages that apps ask for most, beside a static JSON of the same size from the same server.

`python -m bench.reading` measures this part alone.
"""

import asyncio
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select, update

from activitypub.models import Actor, Follow, Like, Media, MediaState, Mention, Status, StatusHashtag, first_id_at
from activitypub.sanitize import sanitize
from activitypub.signatures.keys import load_private_key, public_pem
from activitypub.unit import Unit
from activitypub.vocabulary import Visibility
from bench import stage as staging
from bench.load import load, request
from bench.neighbours import make_key
from bench.stage import Stage, cpu_seconds, free_port, process, until_answered
from fediverse_kommune import migrations
from fediverse_kommune.config import load_config
from fediverse_kommune.database import Database, UnitSetting
from fediverse_kommune.models import FeedEntry, Notification, NotificationType

FOLLOWED = 100
STATUSES = 2_000
REPLIES = 30
NOTIFICATIONS = 60
REQUESTS = {1: 400, 16: 1_600}  # by connections
WARM_UP = 50
SERVER_CPU = 0
TEXT = (
    '<p>Der Wochenmarkt beginnt am Samstag um acht auf dem Rathausplatz. Mehr dazu unter <a href="https://musterstadt'
    '.example/markt">musterstadt.example/markt</a>, Fragen beantwortet das Ordnungsamt.</p>'
)


@dataclass(frozen=True, slots=True)
class Reading:
    """What one page costs: requests a second, milliseconds, statements; `share` is of the static answer's rate.

    `rate` is that of asking again while nothing changes, as an app does; `anew` that of pages nobody asked for before,
    whose statements and processor time these are.
    """

    name: str
    connections: int
    rate: float
    anew: float
    static_rate: float
    p50: float
    p99: float
    size: int
    statements: float
    processor: float
    static_processor: float

    @property
    def share(self) -> float:
        """The rate beside that of the static answer."""
        return self.rate / self.static_rate


@dataclass(frozen=True, slots=True)
class Page:
    """One page that is asked for, and the least share of the static answer's rate it may have (16 connections)."""

    name: str
    path: str
    floor: float


def measure(stage: Stage) -> list[tuple[Page, Reading]]:
    """Fill the stage with posts, read each page from a server, and return what it cost."""
    author, thread = populate(stage)
    pages = (
        Page("home timeline of 20", "/api/v1/timelines/home?limit=20", 0.5),
        Page("statuses of an account", f"/api/v1/accounts/{author}/statuses?limit=20", 0.35),
        Page(f"context of {REPLIES} replies", f"/api/v1/statuses/{thread}/context", 0.35),
        Page("notifications of 20", "/api/v1/notifications?limit=20", 0.35),
    )
    with _server(stage) as pid:
        return [(page, _read(stage, pid, page, connections)) for page in pages for connections in REQUESTS]


@contextmanager
def _server(stage: Stage) -> Iterator[int]:
    with process(["-m", "bench.reading_server", str(stage.config)], cpu=SERVER_CPU) as running:
        until_answered(f"{stage.origin}/.well-known/nodeinfo")
        yield running.pid


def _read(stage: Stage, pid: int, page: Page, connections: int) -> Reading:
    headers = {"Authorization": f"Bearer {staging.TOKEN}"}
    size = len(_get(stage, page.path, headers))
    address, host = ("127.0.0.1", stage.port), f"127.0.0.1:{stage.port}"
    asked = request("GET", host, page.path, headers)
    number = REQUESTS[connections]
    # A word that no route reads makes another address of it.
    mark = "&" if "?" in page.path else "?"
    others = [request("GET", host, f"{page.path}{mark}n={place}", headers) for place in range(number)]
    static = request("GET", host, f"/bench/static/{size}", {})
    for warm in (asked, static):
        asyncio.run(load(address, [warm] * WARM_UP, connections=connections))
    before, busy = int(_get(stage, "/bench/statements", {})), cpu_seconds(pid)
    anew = asyncio.run(load(address, others, connections=connections))
    statements, busy_reading = int(_get(stage, "/bench/statements", {})) - before, cpu_seconds(pid) - busy
    read = asyncio.run(load(address, [asked] * number, connections=connections))
    busy = cpu_seconds(pid)
    bare = asyncio.run(load(address, [static] * number, connections=connections))
    busy_static = cpu_seconds(pid) - busy
    for result in (read, anew, bare):
        if set(result.statuses) != {200}:
            raise SystemExit(f"{page.path} was answered {dict(result.statuses)}")
    return Reading(
        name=page.name,
        connections=connections,
        rate=read.rate,
        anew=anew.rate,
        static_rate=bare.rate,
        p50=read.percentile(0.5),
        p99=read.percentile(0.99),
        size=size,
        statements=statements / number,
        processor=busy_reading / number * 1_000,
        static_processor=busy_static / number * 1_000,
    )


def _get(stage: Stage, path: str, headers: dict[str, str]) -> bytes:
    asked = urllib.request.Request(stage.origin + path, headers=headers)
    with urllib.request.urlopen(asked, timeout=30) as answer:
        body: bytes = answer.read()
        return body


# ------------------------------------------------------------------------------------------- what is read


def populate(stage: Stage) -> tuple[int, int]:
    """Write posts into the database of a stage with people; return the ids of an author and of a thread."""
    config = load_config(stage.config)
    database = Database(config.database.url, UnitSetting(lambda: datetime.now(UTC), config.local_instance(), {}))
    migrations.upgrade(database.engine)
    try:
        return asyncio.run(database.write(_populate))
    finally:
        database.close()


def _populate(unit: Unit) -> tuple[int, int]:
    anna = unit.scalars(select(Actor).where(Actor.handle == "anna")).one()
    authors = unit.scalars(select(Actor).where(Actor.domain.is_not(None)).order_by(Actor.id).limit(FOLLOWED)).all()
    others = select(Actor.id).where(Actor.domain.is_not(None), Actor.id.not_in([author.id for author in authors]))
    unit.execute(update(Follow).where(Follow.followed_id.in_(others)).values(accepted_at=None))
    began = unit.now - timedelta(hours=STATUSES + 1)
    ids = [first_id_at(began + timedelta(hours=number)) for number in range(STATUSES)]
    unit.execute(
        insert(Status), [_status(ids, number, authors[number % FOLLOWED], unit.now) for number in range(STATUSES)]
    )
    unit.execute(insert(FeedEntry), [{"actor_id": anna.id, "id": status, "status_id": status} for status in ids])
    unit.execute(insert(StatusHashtag), [{"status_id": each, "tag": "markt", "name": "Markt"} for each in ids[::3]])
    unit.execute(insert(Mention), [{"status_id": each, "actor_id": anna.id, "silent": False} for each in ids[::5]])
    unit.execute(insert(Media), [_media(each, authors[0].id, unit.now) for each in ids[::2]])
    unit.execute(insert(Like), [_like(each, anna.id, unit.now) for each in ids[::7]])
    first, *answers = ids[-REPLIES - 1 :]
    for answer in answers:
        unit.execute(
            update(Status).where(Status.id == answer).values(in_reply_to_id=first, in_reply_to_uri=_uri(first))
        )
    rows = [
        _notification(ids[number], anna.id, authors[number % FOLLOWED].id, unit.now) for number in range(NOTIFICATIONS)
    ]
    unit.execute(insert(Notification), rows)
    return authors[0].id, first


def _uri(status_id: int) -> str:
    return f"https://nord.example/notes/{status_id}"


def _status(ids: list[int], number: int, author: Actor, now: datetime) -> dict[str, Any]:
    status_id = ids[number]
    return {
        "id": status_id,
        "uri": _uri(status_id),
        "url": _uri(status_id),
        "type": "Note",
        "actor_id": author.id,
        "local": False,
        "visibility": Visibility.PUBLIC,
        "conversation_uri": _uri(status_id),
        "content": sanitize(TEXT),
        "language": "de",
        "published_at": now,
        "received_at": now,
    }


def _media(status_id: int, actor_id: int, now: datetime) -> dict[str, Any]:
    return {
        "id": status_id,
        "actor_id": actor_id,
        "status_id": status_id,
        "position": 0,
        "state": MediaState.REMOTE,
        "media_type": "image/jpeg",
        "remote_url": f"https://nord.example/files/{status_id}.jpg",
        "description": "Der Rathausplatz am Morgen",
        "blurhash": "LEHV6nWB2yk8pyo0adR*.7kCMdnj",
        "width": 1200,
        "height": 800,
        "created_at": now,
    }


def _like(status_id: int, actor_id: int, now: datetime) -> dict[str, Any]:
    return {
        "id": status_id,
        "uri": f"{_uri(status_id)}#like",
        "actor_id": actor_id,
        "status_id": status_id,
        "created_at": now,
    }


def _notification(status_id: int, actor_id: int, from_id: int, now: datetime) -> dict[str, Any]:
    return {
        "id": status_id,
        "actor_id": actor_id,
        "from_actor_id": from_id,
        "type": NotificationType.MENTION,
        "status_id": status_id,
        "cause": f"mention:{from_id}:{status_id}",
        "created_at": now,
    }


def main() -> None:
    """Measure reading alone and print it."""
    with tempfile.TemporaryDirectory(prefix="kommune-bench-") as name:
        folder = Path(name)
        stage = Stage(folder, free_port(), make_key(folder), free_port())
        staging.write_config(stage)
        staging.populate(stage, hosts=50, followers=500, public_pem=public_pem(load_private_key(stage.key)))
        for page, read in measure(stage):
            print(
                f"{page.name:24} {read.connections:2} connections: {read.rate:6.0f} of {read.static_rate:6.0f} a second"
                f" = {read.share:.2f}; anew {read.anew:.0f}, for {read.processor:.2f} ms of the processor where the"
                f" static one takes {read.static_processor:.2f};"
                f" p50 {read.p50:.1f} p99 {read.p99:.1f} ms; {read.statements:.1f} statements; {read.size} bytes"
            )


if __name__ == "__main__":
    main()
