"""An event in words: when and where it takes place, for apps that know posts only, and for pages.

Times are those of the place: in the event's own time zone, which is named where its clocks differ from the town's.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.dates import format_date, format_time

from activitypub.graph.calendar import EventDraft
from activitypub.models import CalendarEvent
from activitypub.vocabulary import EventState, JoinMode
from fediverse_kommune.catalogues import CATALOGUES, LANGUAGES, Language, read_language, sentence

TOWN_TIME = ZoneInfo("Europe/Berlin")

Takes = CalendarEvent | EventDraft
"""An event, or what one is going to be."""

STATES = {
    EventState.CANCELLED: sentence("Cancelled"),
    EventState.TENTATIVE: sentence("Not certain yet"),
    EventState.POSTPONED: sentence("Postponed"),
    EventState.RESCHEDULED: sentence("New date"),
    EventState.MOVED_ONLINE: sentence("Takes place online"),
}
"""What stands before the title of an event that does not simply take place."""

WAYS_IN = {
    JoinMode.FREE: sentence("Everybody can take part."),
    JoinMode.RESTRICTED: sentence("The organiser confirms who takes part."),
    JoinMode.INVITE: sentence("By invitation only."),
    JoinMode.EXTERNAL: sentence("Sign up on the organiser's own page."),
}

_SAME_DAY = sentence("%(day)s, %(start)s to %(end)s o'clock")
_START = sentence("%(day)s, %(start)s o'clock")
_SEVERAL_DAYS = sentence("%(day)s, %(start)s o'clock, to %(last_day)s, %(end)s o'clock")


def language_of(code: str | None = None) -> Language:
    """Return a language that we speak; without a wish the town's own."""
    return read_language(CATALOGUES, code if code in LANGUAGES else LANGUAGES[0])


def state_words(event: Takes, language: Language) -> str:
    """Return what is to be said before the title: "Abgesagt"; nothing of an event that takes place as planned."""
    said = STATES.get(event.state)
    return language.catalogue.gettext(said) if said else ""


def way_in_words(event: Takes, language: Language) -> str:
    """Return how people come to take part, where that is known."""
    said = WAYS_IN.get(event.join_mode) if event.join_mode else None
    return language.catalogue.gettext(said) if said else ""


def when(event: Takes, language: Language) -> str:
    """Return when it takes place: "Samstag, 12. September 2026, 18:00 bis 23:59 Uhr"; "" if that is not known."""
    if event.starts_at is None:
        return ""
    zone = time_zone(event)
    start, end = event.starts_at.astimezone(zone), _shown_end(event, zone)
    said = {"day": _day(start, language), "start": _time(start, language)}
    if end is None:
        text = language.catalogue.gettext(_START) % said
    elif end.date() == start.date():
        text = language.catalogue.gettext(_SAME_DAY) % {**said, "end": _time(end, language)}
    else:
        last = {"last_day": _day(end, language), "end": _time(end, language)}
        text = language.catalogue.gettext(_SEVERAL_DAYS) % {**said, **last}
    differs = start.utcoffset() != event.starts_at.astimezone(TOWN_TIME).utcoffset()
    return f"{text} ({zone.key})" if differs else text


def where(event: Takes) -> str:
    """Return the place in one line: "Heimatmuseum, Kirchgasse 3, 74001 Musterstadt"; "" if there is none."""
    place: Mapping[str, Any] = event.place
    town = " ".join(part for part in (place.get("postal_code"), place.get("locality")) if part)
    parts = [part for part in (place.get("street"), town) if part]
    address = ", ".join(parts) or str(place.get("address") or "")
    name = str(place.get("name") or "")
    return address if not name or address.startswith(name) else ", ".join(part for part in (name, address) if part)


def in_short(event: Takes, language: Language) -> str:
    """Return in one line what matters: whether it takes place, when, and where."""
    place = where(event) or event.online_url or ""
    said = ", ".join(part for part in (when(event, language), place) if part)
    state = state_words(event, language)
    return f"{state}: {said}" if state else said


def time_zone(event: Takes) -> ZoneInfo:
    """Return the zone of an event; the town's, if it names none or one that nobody knows."""
    return _zone(event.time_zone) if event.time_zone else TOWN_TIME


@lru_cache(maxsize=512)
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return TOWN_TIME


def _shown_end(event: Takes, zone: ZoneInfo) -> datetime | None:
    is_later = event.ends_at is not None and event.starts_at is not None and event.ends_at > event.starts_at
    return event.ends_at.astimezone(zone) if event.ends_at and is_later and event.shows_end else None


def _day(moment: datetime, language: Language) -> str:
    return format_date(moment, "full", locale=language.locale)


def _time(moment: datetime, language: Language) -> str:
    return format_time(moment, "short", tzinfo=moment.tzinfo, locale=language.locale)
