"""What has happened to something that only a local person has, published like the events of the graph."""

from dataclasses import dataclass

from fediverse_kommune.models import AccountWarning


@dataclass(frozen=True, slots=True)
class ActorWarned:
    """Moderators told an actor of ours what they did, or what they want it to stop."""

    warning: AccountWarning


@dataclass(frozen=True, slots=True)
class SignedUp:
    """Somebody registered here and has proved that the address is theirs."""

    actor_id: int


@dataclass(frozen=True, slots=True)
class IpBlocksChanged:
    """Which networks may come in has changed: what is kept of that in memory is outdated."""


@dataclass(frozen=True, slots=True)
class TrendsReviewed:
    """What may be a trend has changed: what was counted is outdated."""


@dataclass(frozen=True, slots=True)
class NotificationsWritten:
    """Actors have new notifications that are not held back: pairs of the notification's id and the actor's."""

    notifications: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class NotificationsMerged:
    """What was held back from an actor, of these senders, stands among its notifications now."""

    actor_id: int
    from_actor_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class StatusKept:
    """Somebody bookmarked a post."""

    status_id: int


@dataclass(frozen=True, slots=True)
class FiltersChanged:
    """An actor wants to read something more or less than before."""

    actor_id: int


@dataclass(frozen=True, slots=True)
class AnnouncementChanged:
    """An announcement is shown now, or says something else."""

    announcement_id: int


@dataclass(frozen=True, slots=True)
class AnnouncementRemoved:
    """An announcement is shown no longer."""

    announcement_id: int


@dataclass(frozen=True, slots=True)
class AnnouncementReacted:
    """So many people have put this emoji below an announcement now."""

    announcement_id: int
    name: str
    count: int


@dataclass(frozen=True, slots=True)
class PushQueued:
    """Messages wait to be sent to apps: wake the worker when the unit is committed."""


@dataclass(frozen=True, slots=True)
class CollectionJoined:
    """A collection shows an actor now."""

    collection_id: int
    owner_id: int
    actor_id: int


@dataclass(frozen=True, slots=True)
class CollectionLeft:
    """A collection shows an actor no longer."""

    collection_id: int
    owner_id: int
    actor_id: int


@dataclass(frozen=True, slots=True)
class CollectionChanged:
    """A collection says something else about those that it shows."""

    collection_id: int
    owner_id: int
