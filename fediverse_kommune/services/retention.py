"""How many of those who joined stayed. https://docs.joinmastodon.org/methods/admin/retention/"""

from collections import defaultdict
from datetime import date

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import Session

from fediverse_kommune.models import User
from fediverse_kommune.services.measures import last_seen
from fediverse_kommune.services.periods import Period


class Cohort(Struct, frozen=True):
    """Those who joined in one day or month, and how many of them were still seen in it or any later one."""

    begin: date
    joined: int
    stayed: list[tuple[date, int]]


def cohorts(session: Session, period: Period, *, monthly: bool) -> list[Cohort]:
    """Return a cohort for each day or month of the period, in two statements."""
    steps = sorted({_begin(day, monthly=monthly) for day in period.days})
    seen = dict(last_seen(session, period.begin))
    people: dict[date, list[date]] = defaultdict(list)
    rows = session.execute(select(User.actor_id, User.created_at).where(period.holds(User.id)))
    for actor_id, created_at in rows:
        last = max(seen.get(actor_id, created_at), created_at)
        people[_begin(created_at.date(), monthly=monthly)].append(_begin(last.date(), monthly=monthly))
    return [
        Cohort(
            begin,
            len(people[begin]),
            [(step, sum(last >= step for last in people[begin])) for step in steps if step >= begin],
        )
        for begin in steps
    ]


def _begin(day: date, *, monthly: bool) -> date:
    return day.replace(day=1) if monthly else day
