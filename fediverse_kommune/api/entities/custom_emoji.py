"""CustomEmoji. https://docs.joinmastodon.org/entities/CustomEmoji/"""

from collections.abc import Mapping
from typing import Any

from activitypub.documents import media_url
from activitypub.instance import LocalInstance
from activitypub.models import CustomEmoji
from fediverse_kommune.api.entities import Entity


def custom_emoji_entity(emoji: Mapping[str, Any]) -> Entity:
    """Return an emoji as it stands beside the text that uses it."""
    return {
        "shortcode": emoji["shortcode"],
        "url": emoji["url"],
        "static_url": emoji.get("static_url", emoji["url"]),
        "visible_in_picker": False,
    }


def own_emoji_entity(row: CustomEmoji, instance: LocalInstance) -> Entity:
    """Return one of our own, as clients offer it; without a category the key is not there, as in Mastodon."""
    entity: Entity = {
        "shortcode": row.shortcode,
        "url": media_url(instance, row.storage_key),
        "static_url": media_url(instance, row.static_key),
        "visible_in_picker": row.visible_in_picker,
    }
    return entity | {"category": row.category} if row.category else entity
