"""NotificationPolicy in its two versions. https://docs.joinmastodon.org/entities/NotificationPolicy/"""

from fediverse_kommune.api.entities import Entity
from fediverse_kommune.models import Decision
from fediverse_kommune.services.notification_policies import Policy

V1_NAMES = {
    "filter_not_following": "for_not_following",
    "filter_not_followers": "for_not_followers",
    "filter_new_accounts": "for_new_accounts",
    "filter_private_mentions": "for_private_mentions",
}


def notification_policy_entity(policy: Policy) -> Entity:
    """Return what somebody decided about whom to hear of."""
    return {**policy.decisions, "summary": _summary(policy)}


def v1_notification_policy_entity(policy: Policy) -> Entity:
    """Return the same for clients that know only two answers: shown or not."""
    decisions = {old: policy.decisions[name] is not Decision.ACCEPT for old, name in V1_NAMES.items()}
    return {**decisions, "summary": _summary(policy)}


def _summary(policy: Policy) -> Entity:
    return {"pending_requests_count": policy.requests, "pending_notifications_count": policy.notifications}
