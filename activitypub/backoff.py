"""When to try again. Pure, given the clock and the dice.

Pauses double from 15 seconds to 6 hours and then stay there: a short outage costs little time and a long one
few requests. Together they last for three days, however the dice fall. For comparison: Mastodon's sixteen
retries last 2.1 to 3.1 days; Lemmy's pauses grow by a quarter, up to a day.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from random import random

from activitypub.signatures.http_date import parse_http_date

FIRST_PAUSE = timedelta(seconds=15)
LONGEST_PAUSE = timedelta(hours=6)
SPREAD = 0.5  # at most half of a pause is added, so that what failed together does not come back together
HORIZON = timedelta(days=3)  # for at least this long everything is tried again
LONGEST_RETRY_AFTER = timedelta(days=1)  # who asks for more does not want to be remembered

Dice = Callable[[], float]


def pause(failures: int, *, first: timedelta = FIRST_PAUSE, dice: Dice = random) -> timedelta:
    """Return how long to wait after so many failures in a row. `dice` gives numbers in the range 0 … 1."""
    doubled = first * (1 << min(max(failures - 1, 0), 32))
    return min(doubled, LONGEST_PAUSE) * (1 + SPREAD * dice())


def tries(horizon: timedelta = HORIZON, *, first: timedelta = FIRST_PAUSE) -> int:
    """Return how many tries it takes until even the shortest pauses between them last for `horizon`."""
    count, lasted = 1, timedelta()
    while lasted < horizon:
        lasted += pause(count, first=first, dice=lambda: 0.0)
        count += 1
    return count


def retry_after(header: str | None, now: datetime) -> datetime | None:
    """Return the moment that a Retry-After header names, in seconds or as a date; None if it names none.

    A moment in the past becomes now, one more than a day away a day away. Source: RFC 9110 section 10.2.3.
    """
    text = (header or "").strip()
    if text.isascii() and text.isdigit():
        moment = now + timedelta(seconds=int(text[:9]))  # nine digits are three decades, more would overflow
    else:
        date = parse_http_date(text)
        if date is None:
            return None
        moment = date
    return min(max(moment, now), now + LONGEST_RETRY_AFTER)
