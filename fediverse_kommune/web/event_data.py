"""An event for search engines and the calendars of others: https://schema.org/Event, as JSON-LD in its page."""

from typing import Any

from activitypub.documents import media_url
from activitypub.event_documents import SCHEMA_STATES, postal_address
from activitypub.graph.calendar import places_left
from activitypub.instance import LocalInstance
from activitypub.models import CalendarEvent, Status
from activitypub.sanitize import plain_text
from fediverse_kommune.event_words import time_zone

DESCRIPTION = 2_000  # characters


def event_data(status: Status, instance: LocalInstance) -> dict[str, Any]:
    """Return what everybody may read of an event of ours; nobody who takes part is named."""
    event = status.event
    if event is None:
        return {}
    zone = time_zone(event)
    picture = next((media.storage_key for media in status.media if media.storage_key), None)
    ends_at = event.ends_at if event.shows_end else None
    data = {
        "@context": "https://schema.org",
        "@type": "Event",
        "name": status.title,
        "description": plain_text(status.content)[:DESCRIPTION] or None,
        "url": status.url,
        "startDate": event.starts_at and event.starts_at.astimezone(zone).isoformat(timespec="seconds"),
        "endDate": ends_at and ends_at.astimezone(zone).isoformat(timespec="seconds"),
        "eventStatus": f"https://schema.org/{SCHEMA_STATES[event.state]}",
        "eventAttendanceMode": f"https://schema.org/{_mode(event)}",
        "location": _locations(event) or None,
        "image": media_url(instance, picture) if picture else None,
        "organizer": {
            "@type": "Person" if status.actor.type == "Person" else "Organization",
            "name": status.actor.name or status.actor.username,
            "url": status.actor.url,
        },
        "maximumAttendeeCapacity": event.capacity,
        "remainingAttendeeCapacity": places_left(event),
    }
    return {name: value for name, value in data.items() if value is not None}


def _mode(event: CalendarEvent) -> str:
    if not event.online_url:
        return "OfflineEventAttendanceMode"
    return "MixedEventAttendanceMode" if event.place else "OnlineEventAttendanceMode"


def _locations(event: CalendarEvent) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    if event.place:
        address = postal_address(event.place)
        if isinstance(address, dict):
            address = {"@type": address["type"], **{name: part for name, part in address.items() if name != "type"}}
        place = {"@type": "Place", "name": event.place.get("name"), "address": address}
        found.append({name: value for name, value in place.items() if value is not None})
    if event.online_url:
        found.append({"@type": "VirtualLocation", "url": event.online_url})
    return found
