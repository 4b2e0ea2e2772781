"""Events: when, where, and how to take part.

Source: FEP-8a8e (a common approach to the Event object type),
https://docs.joinmobilizon.org/contribute/activity_pub/
"""

import html
import re

from activitypub.caps import CAPS
from activitypub.parse_media import attached_link
from activitypub.properties import (
    Document,
    count,
    embedded,
    flag,
    instant,
    items,
    number,
    objects,
    one_line,
    web_url,
)
from activitypub.vocabulary import RemoteEvent, RemotePlace, type_of

_TIME_ZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+-]{0,31}(?:/[A-Za-z0-9_+-]{1,32}){0,2}")
_JOIN_MODES = frozenset({"free", "restricted", "invite", "external", "none"})
_ADDRESS_LINES = ("streetAddress", "postalCode", "addressLocality", "addressRegion", "addressCountry")
_WORD = 128
_MANY_CATEGORIES = 8
_CATEGORY = re.compile(r"[A-Z][A-Z_]{0,63}")
_TAG = re.compile(r"<[^<>]*>")
_DECIMAL = re.compile(r"-?\d{1,3}(?:\.\d{1,20})?", re.ASCII)


def read_event(document: Document, *, allow_http: bool) -> RemoteEvent:
    """Return what an Event has beyond a post; everything of it may be missing."""
    join_mode = one_line(document, "joinMode", _WORD)
    return RemoteEvent(
        starts_at=instant(document, "startTime"),
        ends_at=instant(document, "endTime"),
        time_zone=_time_zone(document),
        place=_place(document),
        online_url=_online_url(document, allow_http=allow_http),
        cancelled=_is_cancelled(document),
        join_mode=join_mode if join_mode in _JOIN_MODES else None,
        external_url=_url(document, "externalParticipationUrl", allow_http=allow_http),
        capacity=count(document.get("maximumAttendeeCapacity")) or None,
        participants=_participants(document),
        shows_end=document.get("displayEndTime") is not False,
        categories=_categories(document),
    )


def _time_zone(document: Document) -> str | None:
    zone = one_line(document, "timezone", _WORD)
    return zone if _TIME_ZONE.fullmatch(zone) else None


def _place(document: Document) -> RemotePlace | None:
    for location in objects(document, "location"):
        name, address = _place_name(location), _address(location)
        if type_of(location) in {"Place", None} and (name or address):
            return RemotePlace(
                name,
                address,
                _degrees(location.get("latitude"), 90),
                _degrees(location.get("longitude"), 180),
            )
    # Some write the place as a plain text.
    name = one_line(document, "location", CAPS.name_characters)
    return RemotePlace(name, "", None, None) if name else None


def _place_name(location: Document) -> str:
    name = one_line(location, "name", CAPS.name_characters)
    # Hubzilla writes the place as HTML into `content`.
    return name or " ".join(html.unescape(_TAG.sub(" ", one_line(location, "content", CAPS.name_characters))).split())


def _degrees(value: object, limit: int) -> float | None:
    """Return a coordinate, or None if it is none or off the globe. Hubzilla writes numbers as strings."""
    if isinstance(value, str) and _DECIMAL.fullmatch(value):
        value = float(value)
    degrees = number(value, -181, 181)
    return degrees if degrees is not None and abs(degrees) <= limit else None


def _address(location: Document) -> str:
    """Return the address in one line. FEP-8a8e knows a text and schema.org's PostalAddress."""
    postal = embedded(location, "address")
    if not postal:
        return one_line(location, "address", CAPS.name_characters)
    lines = (one_line(postal, key, CAPS.field_characters) for key in _ADDRESS_LINES)
    return ", ".join(line for line in lines if line)[: CAPS.name_characters]


def _online_url(document: Document, *, allow_http: bool) -> str | None:
    for location in objects(document, "location"):
        if type_of(location) == "VirtualLocation":
            return _url(location, "url", allow_http=allow_http)
    # Mobilizon knows one address per event; of an event that is online it is where the event takes place.
    if flag(document, "isOnline"):
        return attached_link(document, allow_http=allow_http)
    return None


def _is_cancelled(document: Document) -> bool:
    # Mobilizon says it in iCalendar's word, by an old and a new name; FEP-8a8e in schema.org's.
    words = {one_line(document, key, _WORD) for key in ("ical:status", "status", "eventStatus")}
    return any(word.rpartition("/")[2] in {"CANCELLED", "EventCancelled"} for word in words)


def _participants(document: Document) -> int | None:
    participants = document.get("participantCount")
    if participants is None:
        participants = embedded(document, "attendees").get("totalItems")
    return None if participants is None else count(participants)


def _categories(document: Document) -> tuple[str, ...]:
    """Return the categories, words such as MUSIC that all who have them share."""
    words = items(document, "category", _MANY_CATEGORIES)
    return tuple(word for word in words if isinstance(word, str) and _CATEGORY.fullmatch(word))


def _url(document: Document, key: str, *, allow_http: bool) -> str | None:
    value = document.get(key)
    return web_url(value, allow_http=allow_http) if isinstance(value, str) else None
