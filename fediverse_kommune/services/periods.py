"""Days and what falls on them: how the admin API counts. An id begins with the moment of its row, and so its day."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from msgspec import Struct
from sqlalchemy import ColumnElement, literal_column
from sqlalchemy.orm import InstrumentedAttribute

from activitypub.models import first_id_at
from activitypub.models.base import Id
from fediverse_kommune.services.refusals import Invalid

LONGEST = 366  # days of one period: what is asked at once must cost a bounded time
_DAY = 86_400_000 << 16  # as ids count time
_EPOCH = date(1970, 1, 1)

Column = InstrumentedAttribute[int] | ColumnElement[int]


class Period(Struct, frozen=True):
    """Whole days in UTC, both ends included."""

    first: date
    last: date

    @property
    def days(self) -> list[date]:
        """Return the days, the earliest first."""
        return [self.first + timedelta(days=passed) for passed in range((self.last - self.first).days + 1)]

    @property
    def begin(self) -> datetime:
        """Return the midnight at which it begins."""
        return midnight(self.first)

    @property
    def end(self) -> datetime:
        """Return the midnight at which it is over."""
        return midnight(self.last + timedelta(days=1))

    def before(self) -> "Period":
        """Return the period of the same length just before."""
        length = timedelta(days=(self.last - self.first).days + 1)
        return Period(self.first - length, self.last - length)

    def holds(self, key: Column) -> ColumnElement[bool]:
        """Return the condition that an id was made within the period."""
        return (key >= first_id_at(self.begin)) & (key < first_id_at(self.end))


def midnight(day: date) -> datetime:
    """Return the moment at which a day begins."""
    return datetime.combine(day, time(), UTC)


def day_of(key: Column) -> ColumnElement[Any]:
    """Return the number of the day, since 1970, of an id.

    The length of a day is no parameter, or PostgreSQL would not see that what is grouped is what is selected.
    """
    return key // literal_column(str(_DAY), Id)


def date_of(number: int) -> date:
    """Return the day with this number."""
    return _EPOCH + timedelta(days=int(number))


def parse_period(start: str | None, end: str | None) -> Period:
    """Return the period between two dates; hours are ignored. Raises `Invalid`."""
    first, last = _day(start, "start_at"), _day(end, "end_at")
    if not 0 <= (last - first).days < LONGEST:
        raise Invalid(f"The time from start_at to end_at is one to {LONGEST} days.")
    return Period(first, last)


def _day(text: str | None, name: str) -> date:
    if not text:
        raise Invalid(f"{name} is missing.")
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise Invalid(f"{name} is a date like 2026-11-28.") from None
    if not 1990 <= moment.year <= 9000:
        raise Invalid(f"{name} is a date like 2026-11-28.")
    return (moment.astimezone(UTC) if moment.tzinfo else moment).date()
