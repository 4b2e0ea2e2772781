"""Push messages: a notification on its way to every app that wants to hear of it, as rows of the same transaction.

Two statements, however many notifications were written. `fediverse_kommune/push` takes them from there.
"""

from sqlalchemy import or_, select

from activitypub.models import new_id
from activitypub.unit import Unit
from fediverse_kommune.events import NotificationsWritten, PushQueued
from fediverse_kommune.fanout.policies import follows
from fediverse_kommune.inserts import insert_new_rows
from fediverse_kommune.models import AccessToken, Notification, PushMessage, PushPolicy, PushSubscription


def on_notifications_written(unit: Unit, event: NotificationsWritten) -> None:
    """Put a message into the queue for each subscription whose alerts and policy let the notification through."""
    ids = [notification_id for notification_id, _ in event.notifications]
    receiver, sender = AccessToken.actor_id, Notification.from_actor_id
    policy = PushSubscription.policy
    wanted = unit.execute(
        select(PushSubscription.id, PushSubscription.alerts, Notification.id, Notification.type)
        .join_from(Notification, AccessToken, receiver == Notification.actor_id)
        .join(PushSubscription, PushSubscription.token_id == AccessToken.id)
        .where(
            Notification.id.in_(ids),
            or_(
                policy == PushPolicy.ALL,
                (policy == PushPolicy.FOLLOWED) & follows(Notification.actor_id, sender),
                (policy == PushPolicy.FOLLOWER) & follows(sender, Notification.actor_id),
            ),
        )
    )
    messages = [
        {
            "id": new_id(unit.now),
            "subscription_id": subscription_id,
            "notification_id": notification_id,
            "attempts": 0,
            "next_attempt_at": unit.now,
        }
        for subscription_id, alerts, notification_id, kind in wanted
        if kind in alerts
    ]
    if messages:
        insert_new_rows(unit, PushMessage, messages)
        unit.publish(PushQueued())
