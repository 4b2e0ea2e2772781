"""An event as a file that calendars open (iCalendar, RFC 5545), made by the `icalendar` package.

The package takes as long to load as all of a start, so this file is loaded when somebody asks for the first of its:
see `services/calendar.as_file`.
"""

from icalendar import Calendar, Event, vGeo

from activitypub.models import CalendarEvent, Status
from activitypub.sanitize import plain_text
from activitypub.vocabulary import EventState
from fediverse_kommune.event_words import time_zone, where

STATES = {
    EventState.CANCELLED: "CANCELLED",
    EventState.TENTATIVE: "TENTATIVE",
    EventState.POSTPONED: "TENTATIVE",
}


def event_file(status: Status, event: CalendarEvent) -> bytes:
    """Return a calendar with one event in it, its times in its own zone. Who takes part is not told."""
    entry = Event()
    entry.add("uid", status.uri)
    entry.add("summary", status.title or "")
    entry.add("description", plain_text(status.content))
    entry.add("url", status.url or status.uri)
    entry.add("status", STATES.get(event.state, "CONFIRMED"))
    entry.add("dtstamp", status.edited_at or status.published_at)
    entry.add("created", status.published_at)
    zone = time_zone(event)
    if event.starts_at is not None:
        entry.add("dtstart", event.starts_at.astimezone(zone))
    if event.ends_at is not None and event.shows_end:
        entry.add("dtend", event.ends_at.astimezone(zone))
    if place := where(event) or event.online_url:
        entry.add("location", place)
    if (latitude := event.place.get("latitude")) is not None and (
        longitude := event.place.get("longitude")
    ) is not None:
        entry.add("geo", vGeo((latitude, longitude)))
    calendar = Calendar()
    calendar.add("prodid", "-//fediverse_kommune//DE")
    calendar.add("version", "2.0")
    calendar.add_component(entry)
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())
