"""RelationshipSeveranceEvent. https://docs.joinmastodon.org/entities/RelationshipSeveranceEvent/"""

from activitypub.documents import timestamp
from fediverse_kommune.api.entities import Entity
from fediverse_kommune.models import Severance


def relationship_severance_event_entity(severance: Severance) -> Entity:
    """Return which follows somebody lost. The list of them is never kept here, so it counts as purged."""
    return {
        "id": str(severance.id),
        "type": severance.type,
        "purged": True,
        "target_name": severance.target_name,
        "followers_count": severance.followers_count,
        "following_count": severance.following_count,
        "created_at": timestamp(severance.created_at),
    }
