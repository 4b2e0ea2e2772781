"""Tag. https://docs.joinmastodon.org/entities/Tag/"""

from collections.abc import Sequence
from datetime import UTC, datetime, time
from urllib.parse import quote

from activitypub.instance import LocalInstance
from fediverse_kommune.api.entities import Entity
from fediverse_kommune.services.tags import Use


def tag_entity(
    tag: str,
    name: str,
    instance: LocalInstance,
    history: Sequence[Use] = (),
    *,
    following: bool = False,
    featuring: bool = False,
) -> Entity:
    """Return a hashtag by its folded key and the way it is written, how it was used, and what the reader does."""
    return {
        "id": tag,
        "name": name,
        "url": instance.tag_url(quote(tag)),
        "history": history_entities(history),
        "following": following,
        "featuring": featuring,
    }


def history_entities(history: Sequence[Use]) -> list[Entity]:
    """Return how a hashtag or a page was used, day by day, as clients draw it."""
    return [_use(use) for use in history]


def _use(use: Use) -> Entity:
    midnight = datetime.combine(use.day, time(), UTC)
    return {"day": str(int(midnight.timestamp())), "accounts": str(use.accounts), "uses": str(use.uses)}
