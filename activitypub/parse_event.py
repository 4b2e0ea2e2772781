"""Events: when, where, and how to take part.

Source: FEP-8a8e (a common approach to the Event object type),
https://docs.joinmobilizon.org/contribute/activity_pub/
"""

import html
import re
from collections.abc import Mapping

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
    uri_of,
    uris,
    web_url,
)
from activitypub.uris import same_origin
from activitypub.vocabulary import EventState, JoinMode, RemoteEvent, RemotePlace, type_of

_TIME_ZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+-]{0,31}(?:/[A-Za-z0-9_+-]{1,32}){0,2}")
_JOIN_MODES = frozenset(JoinMode)
_ADDRESS_LINES = {
    "street": "streetAddress",
    "postal_code": "postalCode",
    "locality": "addressLocality",
    "region": "addressRegion",
    "country": "addressCountry",
}
# iCalendar's words, which Mobilizon sends, and schema.org's (EventStatusType), which FEP-8a8e names.
_STATES = {
    "CANCELLED": EventState.CANCELLED,
    "TENTATIVE": EventState.TENTATIVE,
    "EventCancelled": EventState.CANCELLED,
    "EventPostponed": EventState.POSTPONED,
    "EventRescheduled": EventState.RESCHEDULED,
    "EventMovedOnline": EventState.MOVED_ONLINE,
}
_COMMENTS = frozenset({"allow_all", "moderated", "closed"})
_MANY_ORGANISERS = 16
_WORD = 128
_MANY_CATEGORIES = 8
_CATEGORY = re.compile(r"[A-Z][A-Z_]{0,63}")
_TAG = re.compile(r"<[^<>]*>")
_AS_PLANNED = EventState.SCHEDULED
_DECIMAL = re.compile(r"-?\d{1,3}(?:\.\d{1,20})?", re.ASCII)


def read_event(document: Document, *, allow_http: bool) -> RemoteEvent:
    """Return what an Event has beyond a post; everything of it may be missing."""
    join_mode = one_line(document, "joinMode", _WORD)
    capacity, remaining = document.get("maximumAttendeeCapacity"), document.get("remainingAttendeeCapacity")
    return RemoteEvent(
        starts_at=instant(document, "startTime"),
        ends_at=instant(document, "endTime"),
        time_zone=_time_zone(document),
        place=_place(document),
        online_url=_online_url(document, allow_http=allow_http),
        state=_state(document),
        join_mode=JoinMode(join_mode) if join_mode in _JOIN_MODES else None,
        external_url=_url(document, "externalParticipationUrl", allow_http=allow_http),
        capacity=count(capacity) or None,
        participants=_participants(document),
        shows_end=document.get("displayEndTime") is not False,
        categories=_categories(document),
        # Mobilizon sends 0 of 0 for an event that takes everybody.
        remaining=count(remaining) if remaining is not None and count(capacity) else None,
        organisers=_organisers(document),
        comments=_comments(document),
    )


def _time_zone(document: Document) -> str | None:
    zone = one_line(document, "timezone", _WORD)
    return zone if _TIME_ZONE.fullmatch(zone) else None


def _place(document: Document) -> RemotePlace | None:
    for location in objects(document, "location"):
        name, parts = _place_name(location), _address_parts(location)
        address = _address(location, parts)
        if type_of(location) in {"Place", None} and (name or address) and not _is_nowhere(location):
            return RemotePlace(
                name,
                address,
                _degrees(location.get("latitude"), 90),
                _degrees(location.get("longitude"), 180),
                parts,
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


def _address_parts(location: Document) -> dict[str, str]:
    postal = embedded(location, "address")
    parts = {name: one_line(postal, key, CAPS.field_characters) for name, key in _ADDRESS_LINES.items()}
    return {name: part for name, part in parts.items() if part}


def _address(location: Document, parts: Mapping[str, str]) -> str:
    """Return the address in one line. FEP-8a8e knows a text and schema.org's PostalAddress."""
    line = ", ".join(parts.values()) or one_line(location, "address", CAPS.name_characters)
    return line[: CAPS.name_characters]


def _online_url(document: Document, *, allow_http: bool) -> str | None:
    for location in objects(document, "location"):
        if type_of(location) == "VirtualLocation":
            return _url(location, "url", allow_http=allow_http)
    # Mobilizon knows one address per event; of an event that is online it is where the event takes place.
    if flag(document, "isOnline") or _is_nowhere(embedded(document, "location")):
        return attached_link(document, allow_http=allow_http)[0]
    return None


def _is_nowhere(location: Document) -> bool:
    """True for the place that Gancio gives an event that is only online."""
    return one_line(location, "name", _WORD).lower() == "online" and "address" not in location


def _state(document: Document) -> EventState:
    """Return what Mobilizon says in iCalendar's word, by an old and a new name, and FEP-8a8e in schema.org's."""
    words = (one_line(document, key, _WORD) for key in ("eventStatus", "ical:status", "status"))
    found = {_STATES.get(word.rpartition("/")[2]) for word in words}
    return next((state for state in EventState if state is not EventState.SCHEDULED and state in found), _AS_PLANNED)


def _organisers(document: Document) -> tuple[str, ...]:
    """Return who speaks for the event: whoever wrote it for a group, and whom it names, on its own server only."""
    home = uri_of(document.get("id")) or ""
    named = [uri for key in ("attributedTo", "actor", "organizers", "contacts") for uri in uris(document, key, _WORD)]
    here = (uri for uri in named if same_origin(uri, home))
    return tuple(dict.fromkeys(here))[:_MANY_ORGANISERS]


def _comments(document: Document) -> str | None:
    word = one_line(document, "repliesModerationOption", _WORD)
    if word in _COMMENTS:
        return word
    return "closed" if document.get("commentsEnabled") is False else None


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
