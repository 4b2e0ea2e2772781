"""Marker: how far somebody has read a timeline. https://docs.joinmastodon.org/entities/Marker/"""

from activitypub.documents import timestamp
from fediverse_kommune.api.entities import Entity
from fediverse_kommune.models import Marker


def marker_entity(row: Marker) -> Entity:
    """Return a place in a timeline."""
    return {"last_read_id": str(row.last_read_id), "version": row.version, "updated_at": timestamp(row.updated_at)}
