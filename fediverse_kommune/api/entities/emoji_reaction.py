"""EmojiReaction: how many people put an emoji below a post, as Pleroma, Akkoma and glitch-soc show it.

https://docs.pleroma.social/backend/development/API/pleroma_api/
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from activitypub.models import EmojiReaction
from fediverse_kommune.api.entities import Entity


def emoji_reaction_entity(counted: Mapping[str, Any], *, me: bool) -> Entity:
    """Return an emoji as `Status.reactions` counts it. A picture of another server bears that behind its name."""
    entity: Entity = {"name": counted["name"], "count": counted["count"], "me": me}
    if "url" in counted:
        entity |= {"url": counted["url"], "static_url": counted["static_url"]}
    return entity


def chosen_emoji_entity(row: EmojiReaction) -> Entity:
    """Return which emoji a notification is about, a picture with its address, as Pleroma has it."""
    return {"emoji": f":{row.name}:" if row.url else row.name, "emoji_url": row.url}


def emoji_reaction_entities(reactions: Sequence[Mapping[str, Any]], is_mine: Callable[[str], bool]) -> list[Entity]:
    """Return all emoji below a post, the one first that came first."""
    return [emoji_reaction_entity(counted, me=is_mine(counted["name"])) for counted in reactions]
