"""The Date header, in the one form that a sender may write: "Sun, 06 Nov 1994 08:49:37 GMT".

The parsers of the standard library read much that is no date of HTTP (`email.utils`) or obey the locale
(`strptime`), so the form is checked here to the letter. The two obsolete forms that RFC 9110 lets a recipient
read are refused: no server of the fediverse sends them.

Source: RFC 9110 section 5.6.7, IMF-fixdate
"""

import re
from datetime import UTC, datetime
from email.utils import format_datetime

_MONTHS = {
    name: number
    for number, name in enumerate(
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"], start=1
    )
}
_IMF_FIXDATE = re.compile(
    r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), ([0-9]{2}) ([A-Z][a-z]{2}) ([0-9]{4}) "
    r"([0-9]{2}):([0-9]{2}):([0-9]{2}) GMT"
)


def format_http_date(moment: datetime) -> str:
    """Write an aware datetime as a Date header, in whole seconds. Raises `ValueError` without a time zone."""
    if moment.tzinfo is None:
        raise ValueError("A Date header needs an aware datetime: pass one with tzinfo=UTC.")
    return format_datetime(moment.astimezone(UTC), usegmt=True)


def parse_http_date(text: str) -> datetime | None:
    """Read a Date header as an aware datetime in UTC; None if it is not one."""
    match = _IMF_FIXDATE.fullmatch(text)
    if match is None:
        return None
    day, month, year, hour, minute, second = match.groups()
    try:
        return datetime(int(year), _MONTHS[month], int(day), int(hour), int(minute), int(second), tzinfo=UTC)
    except (KeyError, ValueError):
        return None
