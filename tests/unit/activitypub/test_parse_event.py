"""Events: when, where, and how to take part."""

from datetime import UTC, datetime
from typing import Any

import pytest

from activitypub.parse import parse_status
from activitypub.vocabulary import EventState, RemoteEvent, RemotePlace

ANNA = "https://a.example/users/anna"


def event(**more: Any) -> RemoteEvent:
    read = parse_status({"id": "https://a.example/e/1", "type": "Event", "attributedTo": ANNA, **more})
    assert read.event is not None
    return read.event


def test_only_an_event_is_one() -> None:
    note = {"id": "https://a.example/e/1", "type": "Note", "attributedTo": ANNA, "startTime": "2026-12-01T18:00:00Z"}
    assert parse_status(note).event is None


def test_everything_may_be_missing() -> None:
    bare = RemoteEvent(None, None, None, None, None, EventState.SCHEDULED, None, None, None, None, organisers=(ANNA,))
    assert event() == bare


def test_when() -> None:
    read = event(startTime="2026-12-01T18:00:00+01:00", endTime="2026-12-01T20:00:00-00:00", timezone="Europe/Berlin")
    assert read.starts_at == datetime(2026, 12, 1, 17, tzinfo=UTC)
    assert read.ends_at == datetime(2026, 12, 1, 20, tzinfo=UTC)
    assert read.time_zone == "Europe/Berlin"


@pytest.mark.parametrize("bad", ["../etc/passwd", "Europe//Berlin", "/Berlin", "Mitteleuropäische Zeit", 7, "x" * 200])
def test_a_time_zone_is_a_name_of_the_iana_kind(bad: Any) -> None:
    assert event(timezone=bad).time_zone is None


ADDRESS = {
    "type": "PostalAddress",
    "streetAddress": "Kirchgasse 3",
    "postalCode": "74001",
    "addressLocality": "Musterstadt",
    "addressCountry": None,
}
PARTS = {"street": "Kirchgasse 3", "postal_code": "74001", "locality": "Musterstadt"}


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        (
            {"type": "Place", "name": "Saal", "address": ADDRESS, "latitude": 49.1, "longitude": 9.2},
            RemotePlace("Saal", "Kirchgasse 3, 74001, Musterstadt", 49.1, 9.2, PARTS),
        ),
        ({"type": "Place", "name": "Saal", "address": "Kirchgasse 3"}, RemotePlace("Saal", "Kirchgasse 3", None, None)),
        (
            [{"type": "VirtualLocation", "url": "https://a.example/v"}, {"type": "Place", "name": "Saal"}],
            RemotePlace("Saal", "", None, None),
        ),
        ("Saal", RemotePlace("Saal", "", None, None)),
        ({"name": "Saal"}, RemotePlace("Saal", "", None, None)),
        # Hubzilla: HTML in `content`, numbers as strings
        (
            {"type": "Place", "content": "<b>Platz</b> am Wald &amp; See", "latitude": "49.05", "longitude": "9.17"},
            RemotePlace("Platz am Wald & See", "", 49.05, 9.17),
        ),
        ({"type": "Place", "name": "x", "latitude": 91, "longitude": -181}, RemotePlace("x", "", None, None)),
        ({"type": "Place", "name": "x", "latitude": "viel", "longitude": True}, RemotePlace("x", "", None, None)),
        ({"type": "Place"}, None),
        ({"type": "Place", "name": 7, "address": []}, None),
        (None, None),
        (7, None),
    ],
)
def test_where(location: Any, expected: RemotePlace | None) -> None:
    assert event(location=location).place == expected


def test_online() -> None:
    website = {"type": "Link", "mediaType": "text/html", "name": "Website", "href": "https://a.example/konferenz"}
    virtual = {"type": "VirtualLocation", "url": "https://a.example/raum"}
    assert event(location=virtual).online_url == "https://a.example/raum"
    assert event(location={**virtual, "url": "javascript:alert(1)"}).online_url is None
    assert event(isOnline=True, attachment=[website]).online_url == "https://a.example/konferenz"
    assert event(isOnline=False, attachment=[website]).online_url is None


@pytest.mark.parametrize(
    ("more", "state"),
    [
        ({"ical:status": "CANCELLED"}, "cancelled"),
        ({"status": "CANCELLED"}, "cancelled"),
        ({"ical:status": "TENTATIVE"}, "tentative"),
        ({"eventStatus": "https://schema.org/EventCancelled"}, "cancelled"),
        ({"eventStatus": "EventCancelled"}, "cancelled"),
        ({"eventStatus": "https://schema.org/EventPostponed"}, "postponed"),
        ({"eventStatus": "EventRescheduled"}, "rescheduled"),
        ({"eventStatus": "EventMovedOnline"}, "moved_online"),
        ({"eventStatus": "EventScheduled", "status": "CANCELLED"}, "cancelled"),
        ({"ical:status": "CONFIRMED"}, "scheduled"),
        ({"status": ["CANCELLED"]}, "cancelled"),
        ({"status": {}}, "scheduled"),
        ({}, "scheduled"),
    ],
)
def test_whether_it_takes_place(more: dict[str, Any], state: str) -> None:
    assert event(**more).state == state


@pytest.mark.parametrize(
    ("more", "remaining"),
    [
        ({"maximumAttendeeCapacity": 20, "remainingAttendeeCapacity": 0}, 0),
        ({"maximumAttendeeCapacity": 20, "remainingAttendeeCapacity": 7}, 7),
        ({"maximumAttendeeCapacity": 20}, None),
        # Mobilizon, for an event that takes everybody
        ({"maximumAttendeeCapacity": 0, "remainingAttendeeCapacity": 0}, None),
        ({"remainingAttendeeCapacity": 7}, None),
    ],
)
def test_places_left(more: dict[str, Any], remaining: int | None) -> None:
    assert event(**more).remaining == remaining


def test_who_speaks_for_it_is_named_by_its_server_and_lives_there() -> None:
    more = {
        "attributedTo": "https://a.example/groups/chor",
        "actor": ANNA,
        "contacts": [ANNA, "https://b.example/users/mallory", {"name": "Frau Muster"}],
        "organizers": {"type": "Collection", "id": "https://a.example/e/1/organizers"},
    }
    group = "https://a.example/groups/chor"
    assert event(**more).organisers == (group, ANNA, "https://a.example/e/1/organizers")


@pytest.mark.parametrize(
    ("more", "comments"),
    [
        ({"repliesModerationOption": "moderated", "commentsEnabled": False}, "moderated"),
        ({"repliesModerationOption": "nobody", "commentsEnabled": False}, "closed"),
        ({"commentsEnabled": True}, None),
    ],
)
def test_who_may_comment(more: dict[str, Any], comments: str | None) -> None:
    assert event(**more).comments == comments


def test_taking_part() -> None:
    url = "https://a.example/anmeldung"
    read = event(joinMode="external", externalParticipationUrl=url, maximumAttendeeCapacity=25, participantCount=3)
    assert (read.join_mode, read.external_url, read.capacity, read.participants) == ("external", url, 25, 3)


def test_participants_may_be_counted_by_the_collection_of_attendees() -> None:
    attendees = {"type": "Collection", "id": "https://a.example/e/1/attendees", "totalItems": 84}
    assert event(attendees=attendees).participants == 84
    assert event(attendees=attendees, participantCount=3).participants == 3
    assert event(attendees="https://a.example/e/1/attendees").participants is None


@pytest.mark.parametrize("mode", ["free", "restricted", "invite", "external", "none"])
def test_ways_to_join(mode: str) -> None:
    assert event(joinMode=mode).join_mode == mode


def test_an_open_end_is_not_shown() -> None:
    assert not event(displayEndTime=False).shows_end
    assert event(displayEndTime=None).shows_end
    assert event().shows_end


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("MUSIC", ("MUSIC",)),
        (["MUSIC", "CREATIVE_JAM", "Musik", 7, None, "<b>", "X" * 100], ("MUSIC", "CREATIVE_JAM")),
        (None, ()),
        ({"identifier": "11"}, ()),
    ],
)
def test_categories(value: Any, expected: tuple[str, ...]) -> None:
    assert event(category=value).categories == expected


@pytest.mark.parametrize("bad", [None, 0, -5, "25", [], {}])
def test_no_capacity(bad: Any) -> None:
    assert event(maximumAttendeeCapacity=bad).capacity is None


@pytest.mark.parametrize("bad", ["open", 7, None, ["open"]])
def test_unknown_ways_to_join(bad: Any) -> None:
    assert event(joinMode=bad).join_mode is None
    assert event(externalParticipationUrl="ftp://a.example/").external_url is None
