"""A picture of days: a bar for each, what went well below and what failed on top. Drawn by a template as SVG."""

from collections.abc import Sequence
from datetime import date

from msgspec import Struct

from fediverse_kommune.services.federation_desk import Day

WIDTH, HEIGHT = 600, 120
GAP = 4


class Bar(Struct, frozen=True):
    """One day: where its two parts stand, in units of the picture."""

    day: date
    delivered: int
    failed: int
    x: int
    delivered_y: int
    delivered_height: int
    failed_y: int
    failed_height: int


class Chart(Struct, frozen=True):
    """The picture, and what it amounts to."""

    bars: tuple[Bar, ...]
    width: int
    height: int
    bar: int
    most: int
    delivered: int
    failed: int


def chart_of(days: Sequence[Day]) -> Chart:
    """Return the picture of these days. What is not nothing is at least a line high."""
    most = max((day.delivered + day.failed for day in days), default=0)
    step = WIDTH // max(len(days), 1)
    bars = []
    for place, day in enumerate(days):
        good, bad = (_scaled(number, most) for number in (day.delivered, day.failed))
        good = min(good, HEIGHT - bad)
        bars.append(
            Bar(day.day, day.delivered, day.failed, place * step, HEIGHT - good, good, HEIGHT - good - bad, bad)
        )
    return Chart(
        tuple(bars),
        WIDTH,
        HEIGHT,
        step - GAP,
        most,
        sum(day.delivered for day in days),
        sum(day.failed for day in days),
    )


def _scaled(number: int, most: int) -> int:
    return max(1, round(number * HEIGHT / most)) if number else 0
