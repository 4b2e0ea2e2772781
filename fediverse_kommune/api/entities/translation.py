"""Translation. https://docs.joinmastodon.org/entities/Translation/"""

from activitypub.models import Status
from fediverse_kommune.api.entities import Entity
from fediverse_kommune.services.translations import Translated


def translation_entity(status: Status, made: Translated, *, source: str, target: str, provider: str) -> Entity:
    """Return a post in another language."""
    options = [{"title": title} for title in made.options]
    return {
        "content": str(made.content),
        "spoiler_text": made.summary,
        "language": target,
        "poll": {"id": str(status.id), "options": options} if status.poll else None,
        "media_attachments": [
            {"id": str(media_id), "description": description} for media_id, description in made.descriptions
        ],
        "detected_source_language": source,
        "provider": provider,
    }
