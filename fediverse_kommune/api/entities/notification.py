"""Notification. https://docs.joinmastodon.org/entities/Notification/"""

from activitypub.documents import timestamp
from activitypub.instance import LocalInstance
from fediverse_kommune.api.entities import Entity
from fediverse_kommune.api.entities.account import account_entity
from fediverse_kommune.models import Notification


def notification_entity(notification: Notification, status: Entity | None, instance: LocalInstance) -> Entity:
    """Return a notification; `status` is the entity of the post it is about, if it is about one."""
    entity: Entity = {
        "id": str(notification.id),
        "type": notification.type,
        "created_at": timestamp(notification.created_at),
        # Nothing is grouped yet, so each stands alone, under the name the documentation gives such groups.
        "group_key": f"ungrouped-{notification.id}",
        "account": account_entity(notification.from_actor, instance),
    }
    return entity if status is None else entity | {"status": status}
