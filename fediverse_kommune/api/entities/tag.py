"""Tag. https://docs.joinmastodon.org/entities/Tag/"""

from urllib.parse import quote

from activitypub.instance import LocalInstance
from fediverse_kommune.api.entities import Entity


def tag_entity(tag: str, name: str, instance: LocalInstance) -> Entity:
    """Return a hashtag by its folded key and the way it is written."""
    return {"id": tag, "name": name, "url": instance.tag_url(quote(tag)), "history": [], "following": False}
