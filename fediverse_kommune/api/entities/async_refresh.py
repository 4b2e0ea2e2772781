"""https://docs.joinmastodon.org/entities/AsyncRefresh/"""

from fediverse_kommune.api.entities import Entity
from fediverse_kommune.services.backfill import Refresh


def async_refresh_entity(refresh: Refresh) -> Entity:
    """Return how far something is that goes on in the background."""
    return {
        "id": str(refresh.id),
        "status": "running" if refresh.running else "finished",
        "result_count": refresh.found,
    }
