"""List. https://docs.joinmastodon.org/entities/List/"""

from fediverse_kommune.api.entities import Entity
from fediverse_kommune.models import List


def list_entity(row: List) -> Entity:
    """Return a list as its owner knows it."""
    return {
        "id": str(row.id),
        "title": row.title,
        "replies_policy": row.replies_policy,
        "exclusive": row.exclusive,
    }
