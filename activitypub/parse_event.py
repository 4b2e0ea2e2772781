"""Events: when, where, and how to take part.

Source: FEP-8a8e (a common approach to the Event object type),
https://docs.joinmobilizon.org/contribute/activity_pub/
"""

import re

from activitypub.caps import CAPS
from activitypub.properties import Document, count, embedded, instant, number, objects, one_line, web_url
from activitypub.vocabulary import RemoteEvent, RemotePlace, type_of

_TIME_ZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+-]{0,31}(?:/[A-Za-z0-9_+-]{1,32}){0,2}")
_JOIN_MODES = frozenset({"free", "restricted", "invite", "external"})
_ADDRESS_LINES = ("streetAddress", "postalCode", "addressLocality", "addressRegion", "addressCountry")
_WORD = 128


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
    )


def _time_zone(document: Document) -> str | None:
    zone = one_line(document, "timezone", _WORD)
    return zone if _TIME_ZONE.fullmatch(zone) else None


def _place(document: Document) -> RemotePlace | None:
    for location in objects(document, "location"):
        if type_of(location) not in {"Place", None}:
            continue
        name, address = one_line(location, "name", CAPS.name_characters), _address(location)
        if name or address:
            return RemotePlace(
                name,
                address,
                number(location.get("latitude"), -90, 90),
                number(location.get("longitude"), -180, 180),
            )
    # Some write the place as a plain text.
    name = one_line(document, "location", CAPS.name_characters)
    return RemotePlace(name, "", None, None) if name else None


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
    # Mobilizon links the stream or conference in an attachment of this name.
    for attachment in objects(document, "attachment", CAPS.attachments):
        if one_line(attachment, "rel", _WORD) == "onlineAddress":
            return _url(attachment, "href", allow_http=allow_http)
    return _url(document, "onlineAddress", allow_http=allow_http)


def _is_cancelled(document: Document) -> bool:
    # Mobilizon has iCalendar's CANCELLED in `ical:status`; FEP-8a8e names schema.org's EventCancelled.
    return (
        one_line(document, "ical:status", _WORD) == "CANCELLED"
        or one_line(document, "eventStatus", _WORD).removeprefix("https://schema.org/") == "EventCancelled"
    )


def _participants(document: Document) -> int | None:
    participants = document.get("participantCount")
    return None if participants is None else count(participants)


def _url(document: Document, key: str, *, allow_http: bool) -> str | None:
    value = document.get(key)
    return web_url(value, allow_http=allow_http) if isinstance(value, str) else None
