"""The queue of verified activities: 202 is said after the commit of the row made here."""

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from hashlib import sha256
from typing import Any

from sqlalchemy import Insert, select
from sqlalchemy.orm import Session

from activitypub.events import ActivitiesQueued
from activitypub.models import new_id
from activitypub.on_conflict import insert_for
from activitypub.unit import Unit, UnitsOfWork
from inbox.authenticate import VerifiedActivity
from inbox.gathered import Gathered
from inbox.models import InboxItem

log = logging.getLogger(__name__)

BATCH = 256  # rows written by one statement at most
PRESSING, PRESSING_SECONDS = 64, 0.25  # so many arrivals within this time are a rush: more than can be worked on


class InboxQueue:
    """Stores verified activities in sets, each with one commit."""

    def __init__(self, db: UnitsOfWork) -> None:
        self._db = db
        self._arrivals: deque[float] = deque(maxlen=PRESSING)
        self._gathered = Gathered(self._store, BATCH)

    async def enqueue(self, verified: VerifiedActivity, recipient_id: int | None, now: datetime) -> None:
        """Return once the activity is on disk; an activity that is there already stays as it is.

        `recipient_id` is the local actor whose personal inbox it came to. Raises `StorageUnavailable`.
        """
        self._arrivals.append(asyncio.get_running_loop().time())
        await self._gathered(_row(verified, recipient_id, now))

    def is_pressing(self) -> bool:
        """True while so much arrives that working on it should wait: what is not acknowledged is sent again."""
        full = len(self._arrivals) == PRESSING
        return full and asyncio.get_running_loop().time() - self._arrivals[0] < PRESSING_SECONDS

    async def _store(self, rows: Sequence[dict[str, Any]]) -> list[None]:
        await self._db.write(insert_items, rows)
        return [None] * len(rows)


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
