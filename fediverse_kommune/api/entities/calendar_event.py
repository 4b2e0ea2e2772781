"""Events as posts and as data. No app of Mastodon knows events, so a post says in words when and where it is.

The data stand in `pleroma.event` of a Status, as Soapbox and pl-fe read it; `time_zone`, `state`, `online_url`,
`external_url`, `capacity`, `places_left` and `participation` are ours.
"""

from html import escape

from activitypub.documents import timestamp
from activitypub.graph.calendar import places_left
from activitypub.models import CalendarEvent, Status, Taking
from activitypub.sanitize import safe_link, sanitize
from fediverse_kommune.api.entities import Entity
from fediverse_kommune.catalogues import sentence
from fediverse_kommune.event_words import language_of, state_words, way_in_words, when, where

# What Soapbox and pl-fe call how it stands between the reader and the event.
JOIN_STATES = {
    Taking.REQUESTED: "pending",
    Taking.TENTATIVE: "pending",
    Taking.ACCEPTED: "accept",
    Taking.REJECTED: "reject",
    Taking.IGNORED: "reject",
}
LABELS = (
    sentence("When: %(when)s"),
    sentence("Where: %(where)s"),
    sentence("Online at: %(link)s"),
    sentence("Sign up: %(link)s"),
    sentence("More about it: %(link)s"),
)
SHOWN_OF_A_LINK = 60


def event_content(title: str, event: CalendarEvent, page: str, html: str) -> str:
    """Return what a client shows as the text of an event: title, when, where and how, then what is written about it.

    In the town's language, because these apps do not say in which language they would like it.
    """
    language = language_of()
    said = language.catalogue.gettext
    state = state_words(event, language)
    heading = f"{state}: {title}" if state else title
    facts = (
        (LABELS[0], {"when": escape(when(event, language))}),
        (LABELS[1], {"where": escape(where(event))}),
        (LABELS[2], {"link": _link(event.online_url)}),
        (LABELS[3], {"link": _link(event.external_url)}),
        (LABELS[4], {"link": _link(page)}),
    )
    lines = [said(label) % values for label, values in facts if all(values.values())]
    way_in = "" if event.external_url else way_in_words(event, language)
    facts_html = "<br>".join([*lines[:-1], escape(way_in), lines[-1]] if way_in else lines)
    return f"<p><strong>{escape(heading)}</strong></p>{sanitize(f'<p>{facts_html}</p>')}{html}"


def _link(url: str | None) -> str:
    target = safe_link(url) if url else None
    if target is None:
        return ""
    shown = target.partition("://")[2]
    shown = shown if len(shown) <= SHOWN_OF_A_LINK else shown[: SHOWN_OF_A_LINK - 1] + "…"
    return f'<a href="{escape(target)}" translate="no">{escape(shown)}</a>'


def event_entity(status: Status, event: CalendarEvent, taking: Taking | None) -> Entity:
    """Return an event as data. `taking` is how it stands between the reader and the event. Nobody is named."""
    return {
        "name": status.title or "",
        "start_time": event.starts_at and timestamp(event.starts_at),
        "end_time": (event.ends_at and event.shows_end and timestamp(event.ends_at)) or None,
        "time_zone": event.time_zone,
        "state": event.state,
        "join_mode": event.join_mode,
        "external_url": event.external_url,
        "participants_count": event.participants or 0,
        "capacity": event.capacity,
        "places_left": places_left(event),
        "location": _location(event),
        "online_url": event.online_url,
        "categories": event.categories,
        "join_state": JOIN_STATES.get(taking) if taking else None,
        "participation": taking,
    }


def _location(event: CalendarEvent) -> Entity | None:
    place = event.place
    if not place:
        return None
    texts = {name: place.get(name, "") for name in ("name", "street", "postal_code", "locality", "region", "country")}
    degrees = {name: place.get(name) for name in ("latitude", "longitude")}
    return {**texts, "address": place.get("address", ""), "url": "", **degrees}
