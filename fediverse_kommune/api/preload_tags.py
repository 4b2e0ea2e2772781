"""Batch loading of hashtags: three statements, however many they are."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from fediverse_kommune.api.entities import Entity
from fediverse_kommune.api.entities.featured_tag import featured_tag_entity
from fediverse_kommune.api.entities.tag import tag_entity
from fediverse_kommune.api.preload import Reader
from fediverse_kommune.services import tags


def tag_entities(session: Session, reader: Reader, found: Sequence[tags.Tag]) -> list[Entity]:
    """Return the entities of hashtags, with their week and with what the reader does with them."""
    if not found:
        return []
    keys = [tag.key for tag in found]
    uses = tags.count_uses(session, keys, reader.now)
    followed = tags.followed_among(session, reader.actor, keys) if reader.actor else frozenset()
    featured = tags.featured_among(session, reader.actor, keys) if reader.actor else frozenset()
    return [
        tag_entity(
            tag.key,
            tag.name,
            reader.instance,
            uses[tag.key],
            following=tag.key in followed,
            featuring=tag.key in featured,
        )
        for tag in found
    ]


def featured_tag_entities(session: Session, reader: Reader, actor_id: int) -> list[Entity]:
    """Return what an actor shows on its profile. Two statements."""
    rows = tags.featured_by(session, actor_id)
    uses = tags.count_featured(session, actor_id, [row.tag for row in rows])
    return [featured_tag_entity(row, uses.get(row.tag, tags.FeaturedUse()), reader.instance) for row in rows]
