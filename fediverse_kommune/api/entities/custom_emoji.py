"""CustomEmoji. https://docs.joinmastodon.org/entities/CustomEmoji/"""

from collections.abc import Mapping
from typing import Any

from fediverse_kommune.api.entities import Entity


def custom_emoji_entity(emoji: Mapping[str, Any]) -> Entity:
    """Return an emoji as it stands beside the text that uses it."""
    return {
        "shortcode": emoji["shortcode"],
        "url": emoji["url"],
        "static_url": emoji["url"],
        "visible_in_picker": False,
    }
