"""How rows look in a template: names, handles, addresses, excerpts. Nothing here makes HTML but through the sanitiser.

No address of a stranger becomes a link without `safe_link`, and none becomes a picture: readers of a page load
nothing from third parties.
"""

from collections.abc import Callable, Mapping
from typing import Any

from jinja2 import Environment

from activitypub.documents import media_url, timestamp
from activitypub.emojis import emoji_name
from activitypub.graph.calendar import places_left
from activitypub.instance import LocalInstance
from activitypub.models import Actor, Media, MediaState, Status
from activitypub.sanitize import SafeHTML, plain_text, safe_link, sanitize
from activitypub.uris import InvalidUri, host_of
from fediverse_kommune.event_words import state_words, way_in_words, when, where
from fediverse_kommune.web.event_data import event_data
from webfinger.handle import Handle
from webfinger.host import display_host

EXCERPT = 200  # characters of a post in a preview
NOTE = 90  # characters of what somebody says about itself, in the directory
TINTS = 6  # colours of the discs that stand where somebody has no picture


def install(environment: Environment, instance: LocalInstance) -> None:
    """Offer the filters of this file to every template."""
    environment.autoescape = True
    environment.filters |= {
        "content_in": content_in,
        "display_host": display_host,
        "display_name": display_name,
        "event_data": lambda status: event_data(status, instance),
        "event_places_left": places_left,
        "event_state": state_words,
        "event_way_in": way_in_words,
        "event_when": when,
        "event_where": where,
        "excerpt": excerpt,
        "handle": for_instance(handle, instance),
        "host": shown_host,
        "initial": initial,
        "kind": media_kind,
        "note": note,
        "page_of_actor": for_instance(page_of_actor, instance),
        "page_of_status": page_of_status,
        "picture": lambda key: media_url(instance, key) if key else None,
        "is_own_picture": lambda reaction: instance.owns(reaction.get("static_url") or ""),
        "reaction_name": lambda reaction, language: emoji_name(reaction["name"], language),
        "safe_link": lambda url: safe_link(url) if url else None,
        "sanitized": sanitize,
        "timestamp": timestamp,
        "tint": tint,
    }


def for_instance(work: Callable[[Actor, LocalInstance], str], instance: LocalInstance) -> Callable[[Actor], str]:
    """Return a filter of an actor that knows whose instance this is."""
    return lambda actor: work(actor, instance)


def display_name(actor: Actor) -> str:
    """Return what people call an actor: its name, or its username if it has none."""
    return actor.name or actor.username


def handle(actor: Actor, instance: LocalInstance) -> str:
    """Return the whole handle as people read it: "@anna@bürger.example"."""
    return Handle(actor.username, actor.domain or instance.account_domain).display


def page_of_actor(actor: Actor, instance: LocalInstance) -> str:
    """Return where people read about an actor: its page here, or a page of ours that names its home."""
    if actor.is_local:
        return f"/@{actor.username}"
    return f"/@{actor.username}@{actor.domain}"


def page_of_status(status: Status) -> str | None:
    """Return where people read a post: its page here, or at its origin; None if that is no address to follow."""
    if status.local:
        return f"/@{status.actor.username}/{status.id}"
    return safe_link(status.url or status.uri)


def excerpt(status: Status, limit: int = EXCERPT) -> str:
    """Return the beginning of a post as text, of one with a content warning only the warning.

    That of an event of ours is what it is called, when and where.
    """
    if status.summary:
        return _beginning(status.summary, limit)
    about = [status.title, status.event.summary] if status.event else []
    return _beginning(". ".join(part for part in (*about, plain_text(status.content)) if part), limit)


def note(actor: Actor, limit: int = NOTE) -> str:
    """Return the beginning of what an actor says about itself, as text."""
    return _beginning(plain_text(actor.summary), limit)


def initial(actor: Actor) -> str:
    """Return the letter that stands where somebody has no picture."""
    return next((letter.upper() for letter in display_name(actor) if letter.isalnum()), "?")


def tint(actor: Actor) -> int:
    """Return the number of the colour behind that letter: always the same for the same actor."""
    return actor.id % TINTS


def media_kind(media: Media) -> str:
    """Return how a file is shown: "image", "video" or "audio" for ours, "link" for what lies elsewhere or failed."""
    kind = media.media_type.partition("/")[0]
    is_ours = media.storage_key is not None and media.state is MediaState.READY
    return kind if is_ours and kind in {"image", "video", "audio"} else "link"


def shown_host(url: str) -> str:
    """Return the host of an address as people read it; "" for what has none."""
    try:
        return display_host(host_of(url))
    except InvalidUri:
        return ""


def content_in(status: Status, language: str) -> tuple[SafeHTML, str | None]:
    """Return a post in the reader's language if its author wrote it in that one too, and the language it is in."""
    translations: Mapping[str, Any] = status.content_map
    if language in translations:
        return sanitize(translations[language]), language
    return status.content, status.language


def _beginning(text: str, limit: int) -> str:
    line = " ".join(text.split())
    return line if len(line) <= limit else f"{line[:limit].rsplit(' ', 1)[0]} …"
