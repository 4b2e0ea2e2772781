"""Events between servers: read, shown as posts, changed and gone."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from activitypub.models import CalendarEvent, Status, StatusEdit
from tests.client import app_of, statements
from tests.fediverse import Person, Remote
from tests.security.attack import follower_of
from tests.town import Town

SOON = datetime.now(UTC).replace(microsecond=0) + timedelta(days=30)


def museum_night(person: Person, **changes: Any) -> dict[str, Any]:
    """Return an Event as Mobilizon writes it."""
    more = {
        "type": "Event",
        "name": "Nacht der Museen",
        "startTime": SOON.isoformat(),
        "endTime": (SOON + timedelta(hours=3)).isoformat(),
        "timezone": "Europe/Berlin",
        "joinMode": "free",
        "maximumAttendeeCapacity": 20,
        "remainingAttendeeCapacity": 18,
        "participantCount": 2,
        "ical:status": "CONFIRMED",
        "location": {
            "type": "Place",
            "name": "Heimatmuseum",
            "address": {"type": "PostalAddress", "streetAddress": "Kirchgasse 3", "addressLocality": "Musterstadt"},
        },
    }
    return person.note("<p>Acht Häuser.</p>", **more | changes)


async def test_an_event_is_a_post_that_says_when_and_where(
    stadt: Town, nachbar: Remote, subtests: pytest.Subtests
) -> None:
    emil = nachbar.person("emil")
    bert = await app_of(stadt, "bert")
    await follower_of(stadt, emil)
    event = museum_night(emil)
    await stadt.accept(emil, emil.create(event))
    (status_id,) = [row["id"] for row in await bert.get("/api/v1/timelines/public?remote=true")]

    async def shown() -> Any:
        return await bert.get(f"/api/v1/statuses/{status_id}")

    with subtests.test("shown"):
        entity = await shown()
        assert entity["content"].startswith("<p><strong>Nacht der Museen</strong></p><p>Wann: ")
        assert "Uhr<br>Wo: Heimatmuseum, Kirchgasse 3, Musterstadt<br>" in entity["content"]
        assert entity["content"].endswith("<p>Acht Häuser.</p>")
        told = entity["pleroma"]["event"]
        assert datetime.fromisoformat(told["start_time"]) == SOON
        assert (told["places_left"], told["participants_count"], told["join_state"]) == (18, 2, None)

    with subtests.test("who comes is news, but no edit"):
        again = {**event, "participantCount": 3, "remainingAttendeeCapacity": 17}
        await stadt.accept(emil, emil.activity("Update", again))
        entity = await shown()
        assert (entity["edited_at"], entity["pleroma"]["event"]["places_left"]) == (None, 17)
        assert await stadt.count(StatusEdit) == 0

    with subtests.test("another time is an edit"):
        moved = {**event, "startTime": (SOON + timedelta(days=1)).isoformat(), "eventStatus": "EventRescheduled"}
        await stadt.accept(emil, emil.activity("Update", moved))
        entity = await shown()
        assert entity["edited_at"]
        assert entity["content"].startswith("<p><strong>Neuer Termin: Nacht der Museen</strong></p>")

    with subtests.test("a page of events costs what a page of posts costs"):
        for number in range(3):
            await stadt.accept(emil, emil.create(museum_night(emil, name=f"Termin {number}")))
        with statements(stadt) as seen:
            assert len(await bert.get("/api/v1/timelines/public?remote=true&limit=5")) == 4
        assert len(seen) <= 6

    with subtests.test("gone"):
        await stadt.accept(emil, emil.activity("Delete", {"id": event["id"], "type": "Tombstone"}))
        assert await stadt.count(Status, Status.uri == event["id"]) == 0
        assert await stadt.count(CalendarEvent) == 3


@pytest.mark.parametrize("home", ["own", "foreign"])
async def test_an_event_may_come_as_an_invitation(stadt: Town, nachbar: Remote, boese: Remote, home: str) -> None:
    emil, mallory = nachbar.person("emil"), boese.person("mallory")
    await follower_of(stadt, emil)
    event = museum_night(emil)
    sender = emil if home == "own" else mallory
    await stadt.accept(sender, sender.activity("Invite", event, to=event["to"], cc=event["cc"]))
    assert await stadt.count(CalendarEvent) == int(home == "own")
