"""What locals see after an event: who hears of what, on one page.

Subscribers run inside the unit of work that changed the graph, so what was stored and what people see become true
together. An event of a remote and of a local change is the same event, and there is no second way to a timeline.

What a deletion takes along needs no subscriber: feed entries and notifications hang on the rows they show by
`ON DELETE CASCADE`. Only open streams are told of it.
"""

from activitypub.events import (
    ActorBlocked,
    ActorSuspended,
    AnnounceUndone,
    FollowAccepted,
    FollowEnded,
    FollowRequested,
    InteractionRequested,
    InteractionSettled,
    LikeUndone,
    PollEnded,
    QuoteAccepted,
    QuoteEnded,
    ReportFiled,
    StatusAnnounced,
    StatusCreated,
    StatusDeleted,
    StatusEdited,
    StatusLiked,
    TiesSevered,
)
from activitypub.unit import Subscriber
from fediverse_kommune.events import (
    ActorWarned,
    AnnouncementChanged,
    AnnouncementReacted,
    AnnouncementRemoved,
    CollectionChanged,
    CollectionJoined,
    CollectionLeft,
    FiltersChanged,
    NotificationsMerged,
    NotificationsWritten,
    SignedUp,
    StatusKept,
)
from fediverse_kommune.fanout import (
    collections,
    consent,
    conversations,
    moderation,
    notifications,
    polls,
    previews,
    push,
    quotes,
    search,
    streaming,
    subscriptions,
    timelines,
)

SUBSCRIBERS: dict[type, tuple[Subscriber, ...]] = {
    StatusCreated: (
        timelines.on_status_created,
        notifications.on_status_created,
        conversations.on_status_created,
        streaming.on_status_created,
        previews.on_status_created,
        search.on_status_created,
        subscriptions.on_status_created,
    ),
    StatusEdited: (
        notifications.on_status_edited,
        quotes.on_status_edited,
        streaming.on_status_edited,
        previews.on_status_edited,
        search.on_status_edited,
        subscriptions.on_status_edited,
    ),
    StatusDeleted: (streaming.on_status_deleted, conversations.on_status_deleted),
    StatusAnnounced: (
        timelines.on_status_announced,
        notifications.on_status_announced,
        streaming.on_status_announced,
        previews.on_status_announced,
    ),
    AnnounceUndone: (notifications.on_announce_undone, streaming.on_announce_undone),
    StatusLiked: (notifications.on_status_liked, search.on_status_liked),
    StatusKept: (search.on_status_kept,),
    LikeUndone: (notifications.on_like_undone,),
    PollEnded: (polls.on_poll_ended,),
    QuoteAccepted: (quotes.on_quote_accepted,),
    QuoteEnded: (quotes.on_quote_ended,),
    InteractionRequested: (consent.on_interaction_requested,),
    InteractionSettled: (consent.on_interaction_settled,),
    FollowRequested: (notifications.on_follow_requested,),
    FollowAccepted: (timelines.on_follow_accepted, notifications.on_follow_accepted),
    FollowEnded: (timelines.on_follow_ended, notifications.on_follow_ended),
    ActorBlocked: (timelines.on_actor_blocked, notifications.on_actor_blocked),
    ActorSuspended: (subscriptions.on_actor_suspended,),
    NotificationsWritten: (push.on_notifications_written, streaming.on_notifications_written),
    NotificationsMerged: (conversations.on_notifications_merged, streaming.on_notifications_merged),
    FiltersChanged: (streaming.on_filters_changed,),
    AnnouncementChanged: (streaming.on_announcement_changed,),
    AnnouncementRemoved: (streaming.on_announcement_removed,),
    AnnouncementReacted: (streaming.on_announcement_reacted,),
    ReportFiled: (moderation.on_report_filed,),
    ActorWarned: (moderation.on_actor_warned,),
    CollectionJoined: (collections.on_collection_joined,),
    CollectionLeft: (collections.on_collection_left,),
    CollectionChanged: (collections.on_collection_changed,),
    SignedUp: (moderation.on_signed_up,),
    TiesSevered: (moderation.on_ties_severed,),
}
