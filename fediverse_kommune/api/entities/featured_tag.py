"""FeaturedTag. https://docs.joinmastodon.org/entities/FeaturedTag/"""

from urllib.parse import quote

from activitypub.instance import LocalInstance
from activitypub.models import FeaturedTag
from fediverse_kommune.api.entities import Entity
from fediverse_kommune.services.tags import FeaturedUse


def featured_tag_entity(row: FeaturedTag, use: FeaturedUse, instance: LocalInstance) -> Entity:
    """Return a hashtag that somebody shows on the profile, and how much they use it."""
    return {
        "id": str(row.id),
        "name": row.name,
        "url": instance.tag_url(quote(row.tag)),
        "statuses_count": str(use.statuses),
        "last_status_at": use.last_at.date().isoformat() if use.last_at else None,
    }
