"""Relationship: how the viewer stands to somebody. https://docs.joinmastodon.org/entities/Relationship/"""

from collections.abc import Container, Mapping

from msgspec import Struct, field

from activitypub.documents import timestamp
from activitypub.models import Follow
from fediverse_kommune.api.entities import Entity
from fediverse_kommune.models import Mute


class Ties(Struct, frozen=True):
    """What lies between one actor and several others, by the id of the other."""

    following: Mapping[int, Follow] = field(default_factory=dict)
    followers: Mapping[int, Follow] = field(default_factory=dict)
    blocking: Container[int] = frozenset()
    blocked_by: Container[int] = frozenset()
    muting: Mapping[int, Mute] = field(default_factory=dict)
    domain_blocking: Container[int] = frozenset()
    endorsed: Container[int] = frozenset()
    notes: Mapping[int, str] = field(default_factory=dict)


def relationship_entity(actor_id: int, ties: Ties) -> Entity:
    """Return how the viewer stands to the actor with this id."""
    out, back = ties.following.get(actor_id), ties.followers.get(actor_id)
    mute = ties.muting.get(actor_id)
    follows = out is not None and out.accepted_at is not None
    return {
        "id": str(actor_id),
        "following": follows,
        "showing_reblogs": out is not None and out.show_announces,
        "notifying": out is not None and out.notify,
        "languages": out.languages if out is not None else None,
        "followed_by": back is not None and back.accepted_at is not None,
        "blocking": actor_id in ties.blocking,
        "blocked_by": actor_id in ties.blocked_by,
        "muting": mute is not None,
        "muting_notifications": mute is not None and mute.hides_notifications,
        "muting_expires_at": timestamp(mute.expires_at) if mute is not None and mute.expires_at else None,
        "requested": out is not None and not follows,
        "requested_by": back is not None and back.accepted_at is None,
        "domain_blocking": actor_id in ties.domain_blocking,
        "endorsed": actor_id in ties.endorsed,
        "note": ties.notes.get(actor_id, ""),
    }
