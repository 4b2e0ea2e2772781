"""Relationship: how the viewer stands to somebody. https://docs.joinmastodon.org/entities/Relationship/"""

from collections.abc import Container
from dataclasses import dataclass, field

from activitypub.models import Follow
from fediverse_kommune.api.entities import Entity


@dataclass(frozen=True, slots=True)
class Ties:
    """What lies between one actor and several others, by the id of the other."""

    following: dict[int, Follow] = field(default_factory=dict)
    followers: dict[int, Follow] = field(default_factory=dict)
    blocking: Container[int] = frozenset()
    blocked_by: Container[int] = frozenset()


def relationship_entity(actor_id: int, ties: Ties) -> Entity:
    """Return how the viewer stands to the actor with this id."""
    out, back = ties.following.get(actor_id), ties.followers.get(actor_id)
    follows = out is not None and out.accepted_at is not None
    return {
        "id": str(actor_id),
        "following": follows,
        "showing_reblogs": out is not None and out.show_announces,
        "notifying": out is not None and out.notify,
        "languages": None,
        "followed_by": back is not None and back.accepted_at is not None,
        "blocking": actor_id in ties.blocking,
        "blocked_by": actor_id in ties.blocked_by,
        "muting": False,
        "muting_notifications": False,
        "muting_expires_at": None,
        "requested": out is not None and not follows,
        "requested_by": back is not None and back.accepted_at is None,
        "domain_blocking": False,
        "endorsed": False,
        "note": "",
    }
