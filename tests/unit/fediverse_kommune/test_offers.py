"""What the page of an event offers: every standing with every reason why nobody can join."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from activitypub.models import CalendarEvent, Taking
from activitypub.vocabulary import EventState, JoinMode
from fediverse_kommune.web.participation import (
    CANCELLED,
    FULL,
    INVITED_ONLY,
    OVER,
    OWN,
    STANDINGS,
    Offer,
    offer,
)

NOW = datetime(2026, 9, 12, 12, tzinfo=UTC)
WAITS, IN, ASKED, NO = (
    STANDINGS[each] for each in (Taking.REQUESTED, Taking.ACCEPTED, Taking.INVITED, Taking.REJECTED)
)
PAST: dict[str, Any] = {"starts_at": NOW - timedelta(days=2), "ends_at": NOW - timedelta(days=1)}
CALLED_OFF = {"state": EventState.CANCELLED}
TAKEN = {"capacity": 1, "participants": 1}


def event(**changes: Any) -> CalendarEvent:
    planned = {"starts_at": NOW + timedelta(days=1), "state": EventState.SCHEDULED, "join_mode": JoinMode.FREE}
    return CalendarEvent(**planned | changes)


@pytest.mark.parametrize(
    ("changes", "taking", "expected"),
    [
        ({}, None, Offer([], joins=True)),
        ({"join_mode": None}, None, Offer([], joins=True)),
        ({}, Taking.IGNORED, Offer([STANDINGS[Taking.IGNORED]], joins=True)),
        ({}, Taking.REQUESTED, Offer([WAITS], leaves=True)),
        ({}, Taking.REJECTED, Offer([NO])),
        (TAKEN, None, Offer([FULL])),
        (TAKEN, Taking.ACCEPTED, Offer([IN], leaves=True)),
        (TAKEN, Taking.INVITED, Offer([ASKED, FULL], leaves=True)),
        (CALLED_OFF, None, Offer([CANCELLED])),
        (CALLED_OFF, Taking.ACCEPTED, Offer([IN, CANCELLED], leaves=True)),
        (PAST, None, Offer([OVER])),
        (PAST, Taking.ACCEPTED, Offer([IN, OVER])),
        (PAST | TAKEN, Taking.REQUESTED, Offer([WAITS, OVER])),
        ({"join_mode": JoinMode.INVITE}, None, Offer([INVITED_ONLY])),
        ({"join_mode": JoinMode.INVITE}, Taking.INVITED, Offer([ASKED], joins=True, leaves=True)),
        ({"join_mode": JoinMode.EXTERNAL}, None, Offer([])),
        ({"join_mode": JoinMode.NONE} | TAKEN, None, Offer([])),
    ],
)
def test_what_is_offered(changes: dict[str, Any], taking: Taking | None, expected: Offer) -> None:
    assert offer(event(**changes), taking, NOW) == expected


def test_one_does_not_join_ones_own_event() -> None:
    assert offer(event(), None, NOW, is_own=True) == Offer([OWN])
    assert offer(event(**TAKEN), None, NOW, is_own=True) == Offer([OWN, FULL])
