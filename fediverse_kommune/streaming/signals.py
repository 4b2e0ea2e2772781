"""The signals there are. Each is a few ids: what they stand for is read again, with the rights of whoever listens.

On PostgreSQL they travel as payloads of NOTIFY, which hold 8,000 bytes at most; `MANY` keeps lists below that.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Literal, TypeVar

from activitypub.events import DeliveriesCancelled, Signal

Item = TypeVar("Item")

MANY = 150  # ids, or pairs of ids, in one signal: with 19 digits each they fill half of a payload


class StatusWritten(Signal, frozen=True):
    """A status exists now."""

    status_id: int


class StatusRewritten(Signal, frozen=True):
    """A status says something else now."""

    status_id: int


class StatusPassedOn(Signal, frozen=True):
    """An announce exists now."""

    announce_id: int
    status_id: int


class LineRemoved(Signal, frozen=True):
    """A status or an announce is gone. `actor_ids` had it in their feeds; `public` means that timelines showed it."""

    line_id: int
    actor_ids: list[int]
    public: bool = False
    local: bool = False
    tags: tuple[str, ...] = ()


class Notified(Signal, frozen=True):
    """Actors have notifications: pairs of the notification's id and the actor's."""

    pairs: list[tuple[int, int]]


class NotificationsMerged(Signal, frozen=True):
    """What was held back from an actor stands among its notifications now."""

    actor_id: int


class ConversationMoved(Signal, frozen=True):
    """A direct conversation has a new last post, as one participant sees it."""

    conversation_id: int
    actor_id: int


class FiltersChanged(Signal, frozen=True):
    """An actor changed what it does not want to read."""

    actor_id: int


class AnnouncementPublished(Signal, frozen=True):
    """A notice for everybody is published, or says something else now."""

    announcement_id: int


class AnnouncementReacted(Signal, frozen=True):
    """So many people have put this emoji below a notice now."""

    announcement_id: int
    name: str
    count: int


class AnnouncementRemoved(Signal, frozen=True):
    """A notice is gone."""

    announcement_id: int


class AccessChanged(Signal, frozen=True):
    """Somebody may no longer do what they could: open streams look again whose they are (rule 9)."""


class WorkQueued(Signal, frozen=True):
    """A queue has something to do."""

    queue: Literal["inbox", "outbox", "push"]


class Outdated(Signal, frozen=True):
    """Something that processes keep in memory has changed: what they know of an actor, domains, networks, trends."""

    what: Literal["actor", "domains", "networks", "trends"]
    actor_id: int = 0


STREAMED: tuple[type[Signal], ...] = (
    StatusWritten,
    StatusRewritten,
    StatusPassedOn,
    LineRemoved,
    Notified,
    NotificationsMerged,
    ConversationMoved,
    FiltersChanged,
    AnnouncementPublished,
    AnnouncementReacted,
    AnnouncementRemoved,
)
"""What open streams hear of."""

SIGNALS: tuple[type[Signal], ...] = (*STREAMED, AccessChanged, WorkQueued, Outdated, DeliveriesCancelled)


def portions(items: Iterable[Item]) -> Iterator[Sequence[Item]]:
    """Cut a list into parts that fit into a signal each."""
    rest = iter(items)
    while part := list(islice(rest, MANY)):
        yield part
