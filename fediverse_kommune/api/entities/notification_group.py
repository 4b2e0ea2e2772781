"""NotificationGroup and what is deduplicated beside it.

https://docs.joinmastodon.org/entities/NotificationGroup/, https://docs.joinmastodon.org/entities/GroupedNotificationsResults/
"""

from activitypub.documents import timestamp
from fediverse_kommune.api.entities import Entity
from fediverse_kommune.services.notifications import Group


def notification_group_entity(group: Group, subject: Entity) -> Entity:
    """Return a group of notifications by itself. `subject` is as in a notification, but for the status only its id."""
    return {
        "group_key": group.key,
        "notifications_count": group.size,
        "type": group.newest.type,
        # The one id that the documentation has as a number.
        "most_recent_notification_id": group.newest.id,
        "sample_account_ids": [str(actor_id) for actor_id in group.actor_ids],
        **subject,
    }


def paged_group_entity(group: Group, subject: Entity) -> Entity:
    """Return a group of notifications as one line of a page."""
    return notification_group_entity(group, subject) | {
        "page_min_id": str(group.oldest_id),
        "page_max_id": str(group.newest.id),
        "latest_page_notification_at": timestamp(group.newest.created_at),
    }
