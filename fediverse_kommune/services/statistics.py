"""How many people and posts there are here: counted rarely, because everybody asks."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec import Struct
from sqlalchemy import ColumnElement, func, select, union
from sqlalchemy.orm import InstrumentedAttribute, Session

from activitypub.context import Clock
from activitypub.models import Actor, Status
from activitypub.models.base import first_id_at
from activitypub.unit import UnitsOfWork
from fediverse_kommune.models import AccessToken, Role, User, WebSession

COUNTED_EVERY = timedelta(minutes=5)
WEEKS_COUNTED_EVERY = timedelta(hours=1)
WEEKS = 12
MONTH = timedelta(days=30)
HALF_YEAR = timedelta(days=180)


class Usage(Struct, frozen=True):
    """Figures of this instance. Active is who used an app or a browser here in that time.

    `staff` are the ids of those who work for it, as their badges tell everybody.
    """

    users: int
    active_month: int
    active_half_year: int
    statuses: int
    domains: int
    staff: tuple[str, ...] = ()


class Week(Struct, frozen=True):
    """What happened here in a week: posts written, people who logged in with something new, people who came."""

    begins_at: datetime
    statuses: int
    logins: int
    registrations: int


class Statistics:
    """Counts at most every five minutes, once however many ask at that moment."""

    def __init__(self, db: UnitsOfWork, clock: Clock) -> None:
        self._db = db
        self._clock = clock
        self._usage: Usage | None = None
        self._counted_at: datetime | None = None
        self._weeks: Sequence[Week] = ()
        self._weeks_counted_at: datetime | None = None
        self._lock = asyncio.Lock()

    async def usage(self) -> Usage:
        """Return the figures, at most five minutes old."""
        async with self._lock:
            now = self._clock()
            if self._usage is None or self._counted_at is None or now - self._counted_at > COUNTED_EVERY:
                self._usage = await self._db.read(count_usage, now)
                self._counted_at = now
            return self._usage

    async def weeks(self) -> Sequence[Week]:
        """Return the last twelve weeks, the latest first, at most an hour old."""
        async with self._lock:
            now = self._clock()
            if self._weeks_counted_at is None or now - self._weeks_counted_at > WEEKS_COUNTED_EVERY:
                self._weeks = await self._db.read(count_weeks, now)
                self._weeks_counted_at = now
            return self._weeks


def count_weeks(session: Session, now: datetime) -> list[Week]:
    """Count what happened in each of the last twelve weeks, which begin on Mondays (UTC); four statements."""
    monday = now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=now.weekday())
    begins = [monday - timedelta(weeks=number) for number in range(WEEKS)]
    oldest = begins[-1]
    written = select(*_by_week(Status.received_at, begins)).where(
        Status.local, Status.held.is_(False), Status.id >= first_id_at(oldest)
    )
    came = select(*_by_week(User.created_at, begins)).where(User.created_at >= oldest)
    browsers = select(*_by_week(WebSession.created_at, begins)).where(WebSession.created_at >= oldest)
    apps = select(*_by_week(AccessToken.created_at, begins)).where(
        AccessToken.created_at >= oldest, AccessToken.user_id.is_not(None)
    )
    figures = zip(*(session.execute(query).one() for query in (written, browsers, apps, came)), strict=True)
    return [
        Week(begins_at, statuses, by_browser + by_app, registrations)
        for begins_at, (statuses, by_browser, by_app, registrations) in zip(begins, figures, strict=True)
    ]


def _by_week(moment: InstrumentedAttribute[datetime], begins: Sequence[datetime]) -> list[ColumnElement[int]]:
    """Count the rows of each week."""
    return [func.count().filter(moment >= begin, moment < begin + timedelta(weeks=1)) for begin in begins]


def count_usage(session: Session, now: datetime) -> Usage:
    """Count people who may log in, those who did lately, posts written here, and other servers we know."""
    may_log_in = (User.confirmed_at.is_not(None), User.approved_at.is_not(None), User.disabled_at.is_(None))
    local = Actor.domain.is_(None)
    works_here = select(Actor.uri).join(User, User.actor_id == Actor.id).where(User.role != Role.USER, *may_log_in)
    return Usage(
        users=session.scalar(select(func.count(User.id)).where(*may_log_in)) or 0,
        active_month=_active_since(session, now - MONTH),
        active_half_year=_active_since(session, now - HALF_YEAR),
        statuses=session.scalar(select(func.coalesce(func.sum(Actor.statuses_count), 0)).where(local)) or 0,
        domains=session.scalar(select(func.count(func.distinct(Actor.host))).where(~local)) or 0,
        staff=tuple(session.scalars(works_here.where(Actor.suspended_at.is_(None)).order_by(User.id))),
    )


def _active_since(session: Session, since: datetime) -> int:
    seen = union(
        select(AccessToken.user_id).where(AccessToken.last_used_at >= since, AccessToken.user_id.is_not(None)),
        select(WebSession.user_id).where(WebSession.last_seen_at >= since),
    ).subquery()
    return session.scalar(select(func.count()).select_from(seen)) or 0
