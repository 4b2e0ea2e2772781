"""WebPushSubscription. https://docs.joinmastodon.org/entities/WebPushSubscription/"""

from fediverse_kommune.api.entities import Entity
from fediverse_kommune.models import NotificationType, PushSubscription

ALERTS = tuple(kind.value for kind in NotificationType)


def web_push_subscription_entity(subscription: PushSubscription, vapid_key: str) -> Entity:
    """Return where messages go. `vapid_key` is by what the app knows that they are from here."""
    return {
        "id": str(subscription.id),
        "endpoint": subscription.endpoint,
        "standard": subscription.standard,
        "alerts": {kind: kind in subscription.alerts for kind in ALERTS},
        "policy": subscription.policy,
        "server_key": vapid_key,
    }
