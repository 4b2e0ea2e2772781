"""The queue of verified activities: 202 is said after the commit of the row made here."""

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from hashlib import sha256
from typing import Any

from msgspec import Struct
from sqlalchemy import Insert, select
from sqlalchemy.orm import Session

from activitypub.events import ActivitiesQueued
from activitypub.models import new_id
from activitypub.on_conflict import insert_for
from activitypub.unit import Unit, UnitsOfWork
from inbox.authenticate import VerifiedActivity
from inbox.models import InboxItem

log = logging.getLogger(__name__)

BATCH = 256  # rows written by one statement at most
PRESSING, PRESSING_SECONDS = 64, 0.25  # so many arrivals within this time are a rush: more than can be worked on


class _Waiting(Struct, frozen=True):
    row: dict[str, Any]
    stored: asyncio.Future[None]


class InboxQueue:
    """Stores verified activities in sets: while one set is being committed, the next one gathers."""

    def __init__(self, db: UnitsOfWork) -> None:
        self._db = db
        self._waiting: list[_Waiting] = []
        self._arrivals: deque[float] = deque(maxlen=PRESSING)
        self._storing: asyncio.Task[None] | None = None

    async def enqueue(self, verified: VerifiedActivity, recipient_id: int | None, now: datetime) -> None:
        """Return once the activity is on disk; an activity that is there already stays as it is.

        `recipient_id` is the local actor whose personal inbox it came to. Raises `StorageUnavailable`.
        """
        loop = asyncio.get_running_loop()
        self._arrivals.append(loop.time())
        stored: asyncio.Future[None] = loop.create_future()
        self._waiting.append(_Waiting(_row(verified, recipient_id, now), stored))
        if self._storing is None:
            self._storing = asyncio.create_task(self._store_all())
        await stored

    def is_pressing(self) -> bool:
        """True while so much arrives that working on it should wait: what is not acknowledged is sent again."""
        full = len(self._arrivals) == PRESSING
        return full and asyncio.get_running_loop().time() - self._arrivals[0] < PRESSING_SECONDS

    async def _store_all(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:BATCH], self._waiting[BATCH:]
                await self._store(batch)
        finally:
            self._storing = None

    async def _store(self, batch: Sequence[_Waiting]) -> None:
        try:
            await self._db.write(insert_items, [waiting.row for waiting in batch])
        except Exception as error:  # noqa: BLE001 (handed to each sender's request)
            for waiting in batch:
                if not waiting.stored.done():
                    waiting.stored.set_exception(error)
            return
        for waiting in batch:
            if not waiting.stored.done():
                waiting.stored.set_result(None)


def insert_items(unit: Unit, rows: Sequence[dict[str, Any]]) -> None:
    """Store rows in one statement; what is known by (origin, activity id, revision) is left alone (row B03)."""
    unit.run(_insert(unit.get_bind().dialect.name), rows)
    unit.publish(ActivitiesQueued())


@cache
def _insert(dialect_name: str) -> Insert:
    statement: Insert = insert_for(dialect_name, InboxItem).on_conflict_do_nothing()
    return statement


def has_come(session: Session, activity_uri: str, origin: str) -> bool:
    """True if this activity has arrived before from that host, whatever became of it."""
    known = select(InboxItem.id).where(InboxItem.origin == origin, InboxItem.activity_uri == activity_uri)
    return session.scalar(known.limit(1)) is not None


def _row(verified: VerifiedActivity, recipient_id: int | None, now: datetime) -> dict[str, Any]:
    return {
        "id": new_id(now),
        "origin": verified.origin,
        "activity_uri": verified.activity.id,
        "revision": sha256(verified.body).hexdigest() if verified.activity.type == "Update" else "",
        "actor_uri": verified.activity.actor,
        "type": verified.activity.type[:64],
        "hearsay": verified.hearsay,
        "body": verified.body,
        "recipient_id": recipient_id,
        "received_at": now,
        "attempts": 0,
        "next_attempt_at": now,
    }
