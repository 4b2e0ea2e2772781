"""ScheduledStatus. https://docs.joinmastodon.org/entities/ScheduledStatus/"""

from collections.abc import Mapping

from activitypub.documents import timestamp
from activitypub.instance import LocalInstance
from activitypub.models import Media
from fediverse_kommune.api.entities import Entity
from fediverse_kommune.api.entities.media_attachment import media_attachment_entity
from fediverse_kommune.models import ScheduledStatus

# What the documentation wants absent and not null where the author has not chosen.
LEFT_OUT = frozenset({"quote_approval_policy", "interaction_policy"})


def scheduled_status_entity(
    row: ScheduledStatus, media: Mapping[int, Media], instance: LocalInstance, application_id: int
) -> Entity:
    """Return a post that waits, as it was filled in. `media` are files by id; those that are gone are left out."""
    return {
        "id": str(row.id),
        "scheduled_at": timestamp(row.scheduled_at),
        "params": {
            **{name: value for name, value in row.params.items() if value is not None or name not in LEFT_OUT},
            "scheduled_at": None,
            "application_id": application_id,
            "with_rate_limit": False,
        },
        "media_attachments": [
            media_attachment_entity(media[media_id], instance) for media_id in row.media_ids if media_id in media
        ],
    }
