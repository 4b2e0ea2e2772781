"""What people on other servers write, in the shape and size that Mastodon gives it."""

from datetime import UTC, datetime
from typing import Any

PUBLIC = "https://www.w3.org/ns/activitystreams#Public"


def timestamp() -> str:
    """Return the present moment as ActivityStreams writes it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def create(actor: str, uri: str, number: int) -> dict[str, Any]:
    """Return the Create of a public note as Mastodon shapes it, about 1.5 kB."""
    published = timestamp()
    audience = {"to": [PUBLIC], "cc": [f"{actor}/followers"]}
    note = {
        "id": uri,
        "type": "Note",
        "attributedTo": actor,
        "url": uri,
        "published": published,
        "summary": None,
        "sensitive": False,
        "inReplyTo": None,
        "content": f"<p>Nachricht {number}: der Wochenmarkt öffnet um acht, die Brücke bleibt gesperrt.</p>" * 3,
        "contentMap": {"de": f"<p>Nachricht {number}</p>"},
        "attachment": [],
        "tag": [{"type": "Hashtag", "href": f"{uri}/markt", "name": "#wochenmarkt"}],
        **audience,
    }
    return {
        "@context": ["https://www.w3.org/ns/activitystreams", {"sensitive": "as:sensitive"}],
        "id": f"{uri}/activity",
        "type": "Create",
        "actor": actor,
        "published": published,
        "object": note,
        **audience,
    }
