"""What the document of a status says of the event that it is, as FEP-8a8e and Mobilizon have it. Pure."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from activitypub.access import Group, Interaction, Policy, is_for_everybody
from activitypub.graph.calendar import CLOSED, places_left
from activitypub.models import CalendarEvent, Status
from activitypub.vocabulary import EventState

Document = dict[str, Any]

SCHEMA_STATES = {
    EventState.SCHEDULED: "EventScheduled",
    EventState.TENTATIVE: "EventScheduled",  # schema.org has no word for it
    EventState.CANCELLED: "EventCancelled",
    EventState.POSTPONED: "EventPostponed",
    EventState.RESCHEDULED: "EventRescheduled",
    EventState.MOVED_ONLINE: "EventMovedOnline",
}
ICAL_STATES = {
    EventState.CANCELLED: "CANCELLED",
    EventState.TENTATIVE: "TENTATIVE",
    EventState.POSTPONED: "TENTATIVE",
}
_PARTS = {
    "streetAddress": "street",
    "postalCode": "postal_code",
    "addressLocality": "locality",
    "addressRegion": "region",
    "addressCountry": "country",
}


def event_properties(status: Status) -> Document:
    """Return what makes a status an Event. Who takes part is nobody's business; how many do is told."""
    event = status.event
    if event is None:
        return {}
    return {
        "summary": status.summary or event.summary,
        "startTime": event.starts_at and _time(event.starts_at),
        "endTime": event.ends_at and _time(event.ends_at),
        "displayEndTime": None if event.shows_end else False,
        "timezone": event.time_zone,
        "eventStatus": f"https://schema.org/{SCHEMA_STATES[event.state]}",
        "ical:status": ICAL_STATES.get(event.state, "CONFIRMED"),
        "location": locations(event) or None,
        "isOnline": True if event.online_url and not event.place else None,
        "joinMode": event.join_mode,
        "repliesModerationOption": _comments(status.interaction_policy),
        "externalParticipationUrl": event.external_url,
        "maximumAttendeeCapacity": event.capacity,
        "remainingAttendeeCapacity": places_left(event),
        "participantCount": event.participants,
        "organizers": {
            "id": organizers_uri(status),
            "type": "Collection",
            "totalItems": 1,
            "items": [status.actor.uri],
        },
        "attendees": {"id": f"{status.uri}/attendees", "type": "Collection", "totalItems": event.participants or 0},
    }


def organizers_uri(status: Status) -> str:
    """Return the collection of who organises an event of ours."""
    return f"{status.uri}/organizers"


def _comments(policy: Policy) -> str:
    """Return who may comment, in Mobilizon's words. It has none for some people at once, whom others have to ask."""
    if is_for_everybody(policy, Interaction.REPLY):
        return "allow_all"
    part = policy[Interaction.REPLY]
    others = {*part.get("automatic", ()), *part.get("manual", ())} - {Group.AUTHOR, Group.MENTIONED}
    return "moderated" if others else CLOSED


def locations(event: CalendarEvent) -> list[Document]:
    """Return the place and the virtual one."""
    found = [_place(event.place)] if event.place else []
    return [*found, *([{"type": "VirtualLocation", "url": event.online_url}] if event.online_url else ())]


def postal_address(place: Mapping[str, Any]) -> Document | str | None:
    """Return an address in its parts where they are known, else in one line."""
    parts = {name: place[key] for name, key in _PARTS.items() if place.get(key)}
    return {"type": "PostalAddress", **parts} if parts else place.get("address")


def _place(place: Mapping[str, Any]) -> Document:
    known = {"name": place.get("name"), "address": postal_address(place)}
    degrees = {name: place.get(name) for name in ("latitude", "longitude")}
    return {"type": "Place", **{name: value for name, value in {**known, **degrees}.items() if value is not None}}


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
