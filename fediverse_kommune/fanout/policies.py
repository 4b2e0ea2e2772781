"""What a receiver's policy makes of a notification: shown, held back, or never written.

The reasons and their order are Mastodon's (https://docs.joinmastodon.org/entities/NotificationPolicy/). Somebody let in
by hand (`NotificationPermission`) passes whatever the policy says.
"""

from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct
from sqlalchemy import ColumnElement, Select, bindparam, exists, false, select, true
from sqlalchemy.orm import InstrumentedAttribute, aliased

from activitypub.models import Actor, Follow, Mention, Status
from fediverse_kommune.models import Decision, NotificationPermission, NotificationPolicy, NotificationType

Receivers = Select[*tuple[Any, ...]]

NEW_ACCOUNT = timedelta(days=30)  # so young, an account counts as new
NEW_FOLLOWER = timedelta(days=3)  # so young, a follow does not yet make a follower of somebody

# No stranger's doing: what becomes of one's own follows, votes and announces, and what moderators say.
UNFILTERED = frozenset(
    {
        NotificationType.POLL,
        NotificationType.UPDATE,
        NotificationType.QUOTED_UPDATE,
        NotificationType.ADMIN_SIGN_UP,
        NotificationType.ADMIN_REPORT,
        NotificationType.MODERATION_WARNING,
        NotificationType.SEVERED_RELATIONSHIPS,
    }
)

DEFAULTS = {
    "for_not_following": Decision.ACCEPT,
    "for_not_followers": Decision.ACCEPT,
    "for_new_accounts": Decision.ACCEPT,
    "for_private_mentions": Decision.FILTER,
    "for_limited_accounts": Decision.FILTER,
}
"""What the policy of an actor says who never changed it."""


class Facts(Struct, frozen=True):
    """What a policy asks: the receiver's decisions (None: the default), and what lies between it and the sender."""

    for_not_following: Decision | None
    for_not_followers: Decision | None
    for_new_accounts: Decision | None
    for_private_mentions: Decision | None
    for_limited_accounts: Decision | None
    is_let_in: bool
    follows: bool
    follower_since: datetime | None
    # A private mention that goes on with what the receiver said to the sender in the same thread.
    is_answer: bool
    is_private: bool
    sender_created_at: datetime
    sender_silenced_at: datetime | None


def decide(facts: Facts, kind: NotificationType, now: datetime) -> Decision:
    """Return what the policy makes of a notification of this kind: the strictest decision of all reasons that hold."""
    if facts.is_let_in or kind in UNFILTERED:
        return Decision.ACCEPT
    is_follower = facts.follower_since is not None and now - facts.follower_since >= NEW_FOLLOWER
    reasons = {
        "for_not_following": not facts.follows,
        "for_not_followers": not is_follower,
        "for_new_accounts": not facts.follows and now - facts.sender_created_at < NEW_ACCOUNT,
        "for_private_mentions": not facts.follows and facts.is_private and not facts.is_answer,
        "for_limited_accounts": not facts.follows and facts.sender_silenced_at is not None,
    }
    decisions = {getattr(facts, name) or DEFAULTS[name] for name, holds in reasons.items() if holds}
    strictest_first = (Decision.DROP, Decision.FILTER)
    return next((decision for decision in strictest_first if decision in decisions), Decision.ACCEPT)


def with_facts(query: Receivers, sender: type[Actor], *, private: bool) -> Receivers:
    """Add the columns of `Facts`, in their order, to a query whose rows are receivers (`Actor`) of news of `sender`.

    `private` if it is a private mention, in the conversation `:thread`.
    """
    since = select(Follow.accepted_at).where(
        Follow.follower_id == sender.id, Follow.followed_id == Actor.id, Follow.accepted_at.is_not(None)
    )
    let_in = exists().where(
        NotificationPermission.actor_id == Actor.id, NotificationPermission.from_actor_id == sender.id
    )
    return query.outerjoin(NotificationPolicy, NotificationPolicy.actor_id == Actor.id).add_columns(
        *(getattr(NotificationPolicy, name) for name in DEFAULTS),
        let_in,
        follows(Actor.id, sender.id),
        since.scalar_subquery(),
        _is_answer(sender) if private else false(),
        true() if private else false(),
        sender.created_at,
        sender.silenced_at,
    )


def follows(receiver: InstrumentedAttribute[int], other: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """Return the condition that holds if the actor of the column `receiver` follows `other`."""
    return exists().where(Follow.follower_id == receiver, Follow.followed_id == other, Follow.accepted_at.is_not(None))


def _is_answer(sender: type[Actor]) -> ColumnElement[bool]:
    """Return the condition that holds if the receiver has named the sender in the same thread before."""
    earlier = aliased(Status)
    return exists().where(
        Mention.actor_id == sender.id,
        Mention.status_id == earlier.id,
        earlier.actor_id == Actor.id,
        earlier.conversation_uri == bindparam("thread"),
    )
