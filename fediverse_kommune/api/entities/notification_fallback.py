"""NotificationFallback. https://docs.joinmastodon.org/entities/NotificationFallback/"""

from msgspec import Struct

from fediverse_kommune.api.entities import Entity
from fediverse_kommune.models import Notification
from fediverse_kommune.services.notification_texts import WITH_FALLBACK, summary, title


class Fallbacks(Struct, frozen=True):
    """For whom kinds are put in words: an app that can show these itself, and somebody who speaks this language."""

    supported: frozenset[str]
    locale: str

    def are_needed(self, row: Notification) -> bool:
        """True for a kind that the app does not know and that there are words for."""
        return row.type in WITH_FALLBACK and row.type not in self.supported


def notification_fallback_entity(row: Notification, locale: str, details: str | None) -> Entity:
    """Return a notification in words. `details` are for who wants to know more."""
    sender = row.from_actor
    return {
        "title": title(row.type, sender.name or sender.username, locale),
        "summary": summary(row.type, locale),
        "details": details,
    }
