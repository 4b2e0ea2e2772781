"""Events in words, in German and English: weekday, local time, place."""

from datetime import UTC, datetime
from typing import Any

import pytest

from activitypub.models import CalendarEvent
from activitypub.vocabulary import EventState
from fediverse_kommune.event_words import language_of, state_words, when, where


def event(**values: Any) -> CalendarEvent:
    bare = {"starts_at": None, "ends_at": None, "shows_end": True, "time_zone": None, "place": {}}
    return CalendarEvent(**bare | values)


def at(*moment: int) -> datetime:
    return datetime(*moment, tzinfo=UTC)  # type: ignore[misc, arg-type]


SUMMER = {"starts_at": at(2026, 9, 12, 16), "ends_at": at(2026, 9, 12, 21, 59)}


@pytest.mark.parametrize(
    ("values", "german"),
    [
        (SUMMER, "Samstag, 12. September 2026, 18:00 bis 23:59 Uhr"),
        ({"starts_at": at(2026, 12, 1, 18)}, "Dienstag, 1. Dezember 2026, 19:00 Uhr"),
        (SUMMER | {"shows_end": False}, "Samstag, 12. September 2026, 18:00 Uhr"),
        (SUMMER | {"ends_at": at(2026, 9, 12, 16)}, "Samstag, 12. September 2026, 18:00 Uhr"),
        (
            SUMMER | {"ends_at": at(2026, 9, 13, 10)},
            "Samstag, 12. September 2026, 18:00 Uhr, bis Sonntag, 13. September 2026, 12:00 Uhr",
        ),
        (SUMMER | {"time_zone": "Europe/Vienna"}, "Samstag, 12. September 2026, 18:00 bis 23:59 Uhr"),
        (
            SUMMER | {"time_zone": "Europe/London"},
            "Samstag, 12. September 2026, 17:00 bis 22:59 Uhr (Europe/London)",
        ),
        (SUMMER | {"time_zone": "Nirgends/Wo"}, "Samstag, 12. September 2026, 18:00 bis 23:59 Uhr"),
        ({}, ""),
    ],
)
def test_when(values: dict[str, Any], german: str) -> None:
    assert when(event(**values), language_of()) == german


def test_when_in_english() -> None:
    assert when(event(**SUMMER), language_of("en")) == "Saturday, 12 September 2026, 18:00 to 23:59 o'clock"


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        (
            {"name": "Heimatmuseum", "street": "Kirchgasse 3", "postal_code": "74001", "locality": "Musterstadt"},
            "Heimatmuseum, Kirchgasse 3, 74001 Musterstadt",
        ),
        ({"name": "Saal", "address": "Kirchgasse 3, Musterstadt"}, "Saal, Kirchgasse 3, Musterstadt"),
        ({"name": "Kirchgasse 3", "address": "Kirchgasse 3, Musterstadt"}, "Kirchgasse 3, Musterstadt"),
        ({"name": "Saal"}, "Saal"),
        ({"address": "Kirchgasse 3"}, "Kirchgasse 3"),
        ({}, ""),
    ],
)
def test_where(place: dict[str, str], expected: str) -> None:
    assert where(event(place=place)) == expected


@pytest.mark.parametrize(
    ("state", "german", "english"),
    [(EventState.CANCELLED, "Abgesagt", "Cancelled"), (EventState.SCHEDULED, "", "")],
)
def test_what_has_to_be_said_first(state: EventState, german: str, english: str) -> None:
    said = event(state=state)
    assert (state_words(said, language_of("de")), state_words(said, language_of("en"))) == (german, english)
