"""What only a local person has: logins, apps, home timelines, notifications. Tables only."""

from fediverse_kommune.models.notification import Notification, NotificationType
from fediverse_kommune.models.oauth import AccessToken, Application, AuthorizationCode
from fediverse_kommune.models.timeline import FeedEntry, IdempotencyKey
from fediverse_kommune.models.user import Membership, Role, Standing, User, WebSession

__all__ = [
    "AccessToken",
    "Application",
    "AuthorizationCode",
    "FeedEntry",
    "IdempotencyKey",
    "Membership",
    "Notification",
    "NotificationType",
    "Role",
    "Standing",
    "User",
    "WebSession",
]
