"""What has happened to something that only a local person has, published like the events of the graph."""

from msgspec import Struct

from fediverse_kommune.models import AccountWarning, NotificationType


class ActorWarned(Struct, frozen=True):
    """Moderators told an actor of ours what they did, or what they want it to stop."""

    warning: AccountWarning


class SignedUp(Struct, frozen=True):
    """Somebody registered here and has proved that the address is theirs."""

    actor_id: int


class IpBlocksChanged(Struct, frozen=True):
    """Which networks may come in has changed: what is kept of that in memory is outdated."""


class TrendsReviewed(Struct, frozen=True):
    """What may be a trend has changed: what was counted is outdated."""


class NotificationsWritten(Struct, frozen=True):
    """Actors have new notifications of a kind, not held back: pairs of the notification's id and the actor's."""

    notifications: tuple[tuple[int, int], ...]
    kind: NotificationType


class NotificationsMerged(Struct, frozen=True):
    """What was held back from an actor, of these senders, stands among its notifications now."""

    actor_id: int
    from_actor_ids: tuple[int, ...]


class StatusKept(Struct, frozen=True):
    """Somebody bookmarked a post."""

    status_id: int


class FiltersChanged(Struct, frozen=True):
    """An actor wants to read something more or less than before."""

    actor_id: int


class AnnouncementChanged(Struct, frozen=True):
    """An announcement is shown now, or says something else."""

    announcement_id: int


class AnnouncementRemoved(Struct, frozen=True):
    """An announcement is shown no longer."""

    announcement_id: int


class AnnouncementReacted(Struct, frozen=True):
    """So many people have put this emoji below an announcement now."""

    announcement_id: int
    name: str
    count: int


class PushQueued(Struct, frozen=True):
    """Messages wait to be sent to apps: wake the worker when the unit is committed."""


class CollectionJoined(Struct, frozen=True):
    """A collection shows an actor now."""

    collection_id: int
    owner_id: int
    actor_id: int


class CollectionLeft(Struct, frozen=True):
    """A collection shows an actor no longer."""

    collection_id: int
    owner_id: int
    actor_id: int


class CollectionChanged(Struct, frozen=True):
    """A collection says something else about those that it shows."""

    collection_id: int
    owner_id: int
