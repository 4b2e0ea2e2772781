"""Notification. https://docs.joinmastodon.org/entities/Notification/"""

from activitypub.documents import timestamp
from activitypub.instance import LocalInstance
from fediverse_kommune.api.entities import Entity
from fediverse_kommune.api.entities.account import account_entity
from fediverse_kommune.models import Notification


def notification_entity(notification: Notification, subject: Entity, instance: LocalInstance) -> Entity:
    """Return a notification. `subject` is what it is about: {"status": …}, {"report": …}, or nothing more."""
    return {
        "id": str(notification.id),
        "type": notification.type,
        "created_at": timestamp(notification.created_at),
        "group_key": notification.group_key,
        "account": account_entity(notification.from_actor, instance),
        **subject,
    }
