"""When to try again: the pauses, how long they last together, and what Retry-After may ask for."""

from datetime import UTC, datetime, timedelta

import pytest

from activitypub.backoff import HORIZON, LONGEST_PAUSE, pause, retry_after, tries

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def lowest() -> float:
    return 0.0


def highest() -> float:
    return 1.0


def test_pauses_double_up_to_six_hours() -> None:
    minutes = [pause(failures, dice=lowest) / timedelta(minutes=1) for failures in (1, 2, 3, 4, 8, 11, 12, 40, 10**6)]
    assert minutes == [0.25, 0.5, 1, 2, 32, 256, 360, 360, 360]


def test_the_dice_add_at_most_half() -> None:
    assert pause(3, dice=highest) == 1.5 * pause(3, dice=lowest)
    assert all(pause(5, dice=lowest) <= pause(5) <= pause(5, dice=highest) for _ in range(100))


def test_nothing_is_given_up_within_three_days() -> None:
    pauses = [pause(failures, dice=lowest) for failures in range(1, tries())]
    assert timedelta(days=3) <= sum(pauses, timedelta()) < HORIZON + LONGEST_PAUSE
    assert tries() == 23


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120),
        (" 120 ", 120),
        ("0", 0),
        ("Mon, 23 Nov 2026 12:10:00 GMT", 600),
        ("Mon, 23 Nov 2026 11:00:00 GMT", 0),  # over already
        ("604800", 86_400),  # a week is more than anyone may ask for
        ("9" * 400, 86_400),
        ("Sat, 01 Jan 2050 00:00:00 GMT", 86_400),
    ],
)
def test_retry_after_is_honoured_within_reason(header: str, seconds: int) -> None:
    assert retry_after(header, NOW) == NOW + timedelta(seconds=seconds)


@pytest.mark.parametrize("header", [None, "", "soon", "-5", "1.5", "٣", "2026-11-23", "Mon, 23 Nov 2026 25:00:00 GMT"])
def test_what_names_no_moment_is_ignored(header: str | None) -> None:
    assert retry_after(header, NOW) is None
