"""NotificationRequest. https://docs.joinmastodon.org/entities/NotificationRequest/"""

from activitypub.documents import timestamp
from activitypub.instance import LocalInstance
from fediverse_kommune.api.entities import Entity
from fediverse_kommune.api.entities.account import account_entity
from fediverse_kommune.models import NotificationRequest


def notification_request_entity(
    request: NotificationRequest, held_back: int, last_status: Entity | None, instance: LocalInstance
) -> Entity:
    """Return who asks to be heard, with the entity of the latest post that a notification held back is about."""
    return {
        "id": str(request.id),
        "created_at": timestamp(request.created_at),
        "updated_at": timestamp(request.updated_at),
        # The documentation has it as a text.
        "notifications_count": str(held_back),
        "account": account_entity(request.from_actor, instance),
        "last_status": last_status,
    }
