"""An event as a post that every app can show, and as data for apps that know events."""

import json
from datetime import UTC, datetime
from typing import Any

import msgspec

from activitypub.models import CalendarEvent, Status, attach
from activitypub.sanitize import SafeHTML
from activitypub.vocabulary import EventState, JoinMode
from fediverse_kommune.api.entities.status import ViewerState, status_entity
from tests.unit.api.rows import INSTANCE, remote_actor, status

PAGE = "https://nord.example/events/5d1c"


def event(**changes: Any) -> Status:
    values: dict[str, Any] = {
        "status_id": 21,
        "starts_at": datetime(2026, 9, 12, 16, tzinfo=UTC),
        "ends_at": datetime(2026, 9, 12, 21, 59, tzinfo=UTC),
        "shows_end": True,
        "time_zone": "Europe/Berlin",
        "state": EventState.SCHEDULED,
        "place": {"name": "Haus <1>", "street": "Gasse 3", "postal_code": "74001", "locality": "Ort", "latitude": 49.1},
        "online_url": None,
        "join_mode": JoinMode.FREE,
        "external_url": None,
        "capacity": 200,
        "participants": 42,
        "remaining": 158,
        "categories": ["ARTS"],
    }
    row = status(
        remote_actor(), url=PAGE, type="Event", title="Nacht & Tag", content=SafeHTML.stored("<p>Acht Häuser.</p>")
    )
    return attach(row, event=CalendarEvent(**values | changes))


def shown(row: Status, **state: Any) -> Any:
    return json.loads(msgspec.json.encode(status_entity(row, INSTANCE, ViewerState(**state))))


def test_an_event_in_full() -> None:
    entity = shown(event(), actor_id=7, facts={"accepted": frozenset({21})})
    rel = 'target="_blank" rel="nofollow noopener noreferrer"'
    assert entity["content"] == (
        "<p><strong>Nacht &amp; Tag</strong></p>"
        "<p>Wann: Samstag, 12. September 2026, 18:00 bis 23:59 Uhr<br>"
        "Wo: Haus &lt;1&gt;, Gasse 3, 74001 Ort<br>"
        "Alle können teilnehmen.<br>"
        f'Mehr dazu: <a href="{PAGE}" translate="no" {rel}>nord.example/events/5d1c</a></p>'
        "<p>Acht Häuser.</p>"
    )
    assert entity["pleroma"] == {
        "emoji_reactions": [],
        "event": {
            "name": "Nacht & Tag",
            "start_time": "2026-09-12T16:00:00.000Z",
            "end_time": "2026-09-12T21:59:00.000Z",
            "time_zone": "Europe/Berlin",
            "state": "scheduled",
            "join_mode": "free",
            "external_url": None,
            "participants_count": 42,
            "capacity": 200,
            "places_left": 158,
            "location": {
                "name": "Haus <1>",
                "street": "Gasse 3",
                "postal_code": "74001",
                "locality": "Ort",
                "region": "",
                "country": "",
                "address": "",
                "url": "",
                "latitude": 49.1,
                "longitude": None,
            },
            "online_url": None,
            "categories": ["ARTS"],
            "join_state": "accept",
            "participation": "accepted",
        },
    }


def test_an_event_of_which_little_is_known() -> None:
    nothing = dict.fromkeys(
        ("starts_at", "ends_at", "time_zone", "join_mode", "capacity", "participants", "remaining"), None
    )
    entity = shown(event(**nothing, place={}))
    assert entity["content"].startswith("<p><strong>Nacht &amp; Tag</strong></p><p>Mehr dazu: <a ")
    told = entity["pleroma"]["event"]
    assert (told["start_time"], told["location"], told["places_left"], told["join_state"]) == (None,) * 4
    assert told["participants_count"] == 0


def test_what_must_not_be_missed_stands_first_and_last() -> None:
    entity = shown(
        event(
            state=EventState.CANCELLED,
            shows_end=False,
            place={},
            online_url="https://nord.example/raum",
            join_mode=JoinMode.EXTERNAL,
            external_url="https://nord.example/anmeldung",
        )
    )
    assert entity["content"].startswith("<p><strong>Abgesagt: Nacht &amp; Tag</strong></p>")
    assert "18:00 Uhr<br>Online: <a " in entity["content"]
    assert "Anmeldung: <a " in entity["content"]
    assert entity["pleroma"]["event"]["end_time"] is None


def test_a_post_has_no_event() -> None:
    assert "event" not in shown(status())["pleroma"]
