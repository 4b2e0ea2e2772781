"""Telling once: who likes and unlikes without end rings a phone at the first time only (row E11).

Taking something back removes its notification, so a list never shows it twice. But a message that a push service has
cannot be called back; so each process remembers for an hour what it rang for.
"""

from datetime import datetime, timedelta

from msgspec import Struct

from activitypub.kept import Remembered
from fediverse_kommune.models import NotificationType

AGAIN_AFTER = timedelta(hours=1)
TOPICS = 10_000  # remembered at once
REPEATABLE = frozenset(
    {
        NotificationType.FAVOURITE,
        NotificationType.REBLOG,
        NotificationType.FOLLOW,
        NotificationType.FOLLOW_REQUEST,
    }
)
"""What can be done, taken back, and done again."""


class Topic(Struct, frozen=True):
    """Who did what to what, as one app hears of it."""

    subscription_id: int
    kind: NotificationType
    from_actor_id: int
    status_id: int | None


def topic_of(subscription_id: int, kind: NotificationType, from_actor_id: int, status_id: int | None) -> Topic | None:
    """Return what a message is about; None for what cannot be repeated."""
    return Topic(subscription_id, kind, from_actor_id, status_id) if kind in REPEATABLE else None


class Bell:
    """Remembers what it rang for."""

    def __init__(self) -> None:
        self._rung: Remembered[datetime] = Remembered(TOPICS)

    def has_rung(self, topic: Topic | None, now: datetime) -> bool:
        """True if an app has just been told the same."""
        rung = self._rung.get(topic) if topic is not None else None
        return rung is not None and now - rung < AGAIN_AFTER

    def note(self, topic: Topic | None, now: datetime) -> None:
        """Remember that an app was told."""
        if topic is not None:
            self._rung[topic] = now
