"""What only a local person has: logins, apps, timelines, notifications, settings. Tables only."""

from activitypub.models.card import PreviewCard, StatusCard
from fediverse_kommune.models.announcement import (
    Announcement,
    AnnouncementDismissal,
    AnnouncementReaction,
    InstanceText,
    Rule,
    TermsOfService,
)
from fediverse_kommune.models.backfill import Backfill, FollowersCheck
from fediverse_kommune.models.conversation import Conversation
from fediverse_kommune.models.domain_list import Change, DomainList, DomainProposal, ListKind, ProposalState
from fediverse_kommune.models.draft import ScheduledStatus
from fediverse_kommune.models.filter import Filter, FilterAction, FilterKeyword, FilterStatus
from fediverse_kommune.models.interaction import Bookmark, ThreadMute
from fediverse_kommune.models.mail import Mail
from fediverse_kommune.models.media import MediaJob
from fediverse_kommune.models.moderation import (
    AccountWarning,
    AuditEntry,
    CanonicalEmailBlock,
    EmailDomainBlock,
    IpBlock,
    IpBlockSeverity,
    WarningAction,
)
from fediverse_kommune.models.notification import (
    ON_REQUEST,
    Decision,
    Notification,
    NotificationPermission,
    NotificationPolicy,
    NotificationRequest,
    NotificationType,
    Severance,
)
from fediverse_kommune.models.oauth import AccessToken, Application, AuthorizationCode
from fediverse_kommune.models.preference import Marker, Preference, QuotePolicy
from fediverse_kommune.models.push import PushMessage, PushPolicy, PushSubscription, ServerKey
from fediverse_kommune.models.relationship import (
    AccountNote,
    DomainMute,
    EmailSubscription,
    FollowedTag,
    List,
    ListMember,
    Mute,
    RepliesPolicy,
    SuggestionDismissal,
)
from fediverse_kommune.models.search import SearchRevision
from fediverse_kommune.models.timeline import FeedEntry, IdempotencyKey, ListEntry
from fediverse_kommune.models.trend import HashtagRule, TrendKind, TrendReview
from fediverse_kommune.models.user import Membership, Role, Standing, User, WebSession
from fediverse_kommune.models.verification import LinkCheck

__all__ = [
    "ON_REQUEST",
    "AccessToken",
    "AccountNote",
    "AccountWarning",
    "Announcement",
    "AnnouncementDismissal",
    "AnnouncementReaction",
    "Application",
    "AuditEntry",
    "AuthorizationCode",
    "Backfill",
    "Bookmark",
    "CanonicalEmailBlock",
    "Change",
    "Conversation",
    "Decision",
    "DomainList",
    "DomainMute",
    "DomainProposal",
    "EmailDomainBlock",
    "EmailSubscription",
    "FeedEntry",
    "Filter",
    "FilterAction",
    "FilterKeyword",
    "FilterStatus",
    "FollowedTag",
    "FollowersCheck",
    "HashtagRule",
    "IdempotencyKey",
    "InstanceText",
    "IpBlock",
    "IpBlockSeverity",
    "LinkCheck",
    "List",
    "ListEntry",
    "ListKind",
    "ListMember",
    "Mail",
    "Marker",
    "MediaJob",
    "Membership",
    "Mute",
    "Notification",
    "NotificationPermission",
    "NotificationPolicy",
    "NotificationRequest",
    "NotificationType",
    "Preference",
    "PreviewCard",
    "ProposalState",
    "PushMessage",
    "PushPolicy",
    "PushSubscription",
    "QuotePolicy",
    "RepliesPolicy",
    "Role",
    "Rule",
    "ScheduledStatus",
    "SearchRevision",
    "ServerKey",
    "Severance",
    "Standing",
    "StatusCard",
    "SuggestionDismissal",
    "TermsOfService",
    "ThreadMute",
    "TrendKind",
    "TrendReview",
    "User",
    "WarningAction",
    "WebSession",
]
