"""How many people and posts there are here: counted rarely, because everybody asks."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, union
from sqlalchemy.orm import Session

from activitypub.context import Clock
from activitypub.models import Actor
from activitypub.unit import UnitsOfWork
from fediverse_kommune.models import AccessToken, User, WebSession

COUNTED_EVERY = timedelta(minutes=5)
MONTH = timedelta(days=30)
HALF_YEAR = timedelta(days=180)


@dataclass(frozen=True, slots=True)
class Usage:
    """Figures of this instance. Active is who used an app or a browser here in that time."""

    users: int
    active_month: int
    active_half_year: int
    statuses: int
    domains: int


class Statistics:
    """Counts at most every five minutes, once however many ask at that moment."""

    def __init__(self, db: UnitsOfWork, clock: Clock) -> None:
        self._db = db
        self._clock = clock
        self._usage: Usage | None = None
        self._counted_at: datetime | None = None
        self._lock = asyncio.Lock()

    async def usage(self) -> Usage:
        """Return the figures, at most five minutes old."""
        async with self._lock:
            now = self._clock()
            if self._usage is None or self._counted_at is None or now - self._counted_at > COUNTED_EVERY:
                self._usage = await self._db.read(count_usage, now)
                self._counted_at = now
            return self._usage


def count_usage(session: Session, now: datetime) -> Usage:
    """Count people who may log in, those who did lately, posts written here, and other servers we know."""
    may_log_in = (User.confirmed_at.is_not(None), User.disabled_at.is_(None))
    local = Actor.domain.is_(None)
    return Usage(
        users=session.scalar(select(func.count(User.id)).where(*may_log_in)) or 0,
        active_month=_active_since(session, now - MONTH),
        active_half_year=_active_since(session, now - HALF_YEAR),
        statuses=session.scalar(select(func.coalesce(func.sum(Actor.statuses_count), 0)).where(local)) or 0,
        domains=session.scalar(select(func.count(func.distinct(Actor.host))).where(~local)) or 0,
    )


def _active_since(session: Session, since: datetime) -> int:
    seen = union(
        select(AccessToken.user_id).where(AccessToken.last_used_at >= since, AccessToken.user_id.is_not(None)),
        select(WebSession.user_id).where(WebSession.last_seen_at >= since),
    ).subquery()
    return session.scalar(select(func.count()).select_from(seen)) or 0
