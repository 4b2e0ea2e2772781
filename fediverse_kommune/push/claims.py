"""Taking messages in hand, and what becomes of them, as units of work.

`PushMessage.next_attempt_at` is also the lease: who takes a message moves it on, and if nobody comes back it is due
again. A message that is sent twice shows the same notification, which apps tell apart by its id.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct
from sqlalchemy import Select, delete, select, update
from sqlalchemy.orm import Session, joinedload

from activitypub.documents import STATUS_OPTIONS
from activitypub.instance import LocalInstance
from activitypub.models import Actor, Status
from activitypub.tasks import LEASE
from activitypub.unit import Unit
from fediverse_kommune.models import (
    AccessToken,
    Membership,
    Notification,
    Preference,
    PushMessage,
    PushSubscription,
    User,
)
from fediverse_kommune.push.bell import Topic, topic_of
from fediverse_kommune.push.encryption import Keys
from fediverse_kommune.push.payload import Told, payload
from fediverse_kommune.services.filtering import NOTHING_FILTERED, ActorFilters, FilterCache, Filtered

CONTEXT = "notifications"  # what filters call this place
LIFETIME = timedelta(days=1)  # after that a notification is no news any more


class Letter(Struct, frozen=True):
    """A message in hand, tried `attempts` times before."""

    id: int
    subscription_id: int
    attempts: int
    endpoint: str
    keys: Keys
    standard: bool
    message: bytes
    topic: Topic | None = None


def is_due(session: Session, now: datetime) -> bool:
    """Whether any message is due."""
    return session.scalar(select(PushMessage.id).where(PushMessage.next_attempt_at <= now).limit(1)) is not None


def lease_due(unit: Unit, room: int) -> list[int]:
    """Take at most `room` due messages in hand; return their ids."""
    due = (
        select(PushMessage.id)
        .where(PushMessage.next_attempt_at <= unit.now)
        .order_by(PushMessage.next_attempt_at)
        .limit(room)
        .with_for_update(skip_locked=True)
    )
    ids = list(unit.scalars(due))
    put_off(unit, ids, unit.now + LEASE)
    return ids


def put_off(unit: Unit, message_ids: Collection[int], until: datetime, *, failed: bool = False) -> None:
    """Make messages due at a later moment; `failed` counts an attempt."""
    if message_ids:
        attempts = PushMessage.attempts + 1 if failed else PushMessage.attempts
        unit.run(
            update(PushMessage).where(PushMessage.id.in_(message_ids)).values(next_attempt_at=until, attempts=attempts)
        )


def forget(unit: Unit, message_ids: Collection[int]) -> None:
    """Remove messages: they arrived, or never will."""
    if message_ids:
        unit.run(delete(PushMessage).where(PushMessage.id.in_(message_ids)))


def end_subscription(unit: Unit, subscription_id: int) -> None:
    """Remove a subscription that the push service does not know any more, with all that was on its way."""
    unit.run(delete(PushSubscription).where(PushSubscription.id == subscription_id))


def letters(
    session: Session, instance: LocalInstance, filters: FilterCache, message_ids: Collection[int], now: datetime
) -> list[Letter]:
    """Return what is to be sent of these messages, in one statement, and some more for each reader who has filters.

    What came too late is not sent, nor what a filter hides, nor anything to who may not act through the token any more
    (rows H13 and J06).
    """
    rows = [
        row for row in session.execute(_contents(message_ids, now)) if row.Notification.from_actor.suspended_at is None
    ]
    judged = _filtered(session, filters, rows)
    found = []
    for row in rows:
        notification, status = row.Notification, row.Status
        filtered = judged.get(row.actor_id, NOTHING_FILTERED)
        if status is not None and status.id in filtered.hidden:
            continue
        told = Told(
            notification.id,
            notification.type,
            notification.from_actor,
            status,
            row.locale,
            covered_by=_cover(filtered, status),
        )
        subscription = row.PushSubscription
        topic = topic_of(
            subscription.id, notification.type, notification.from_actor_id, status.id if status is not None else None
        )
        found.append(_letter(row.PushMessage, subscription, payload(told, instance), topic))
    return found


def _contents(message_ids: Collection[int], now: datetime) -> Select[*tuple[Any, ...]]:
    """Select what the messages are made of."""
    return (
        select(
            PushMessage,
            PushSubscription,
            Notification,
            Status,
            User.locale,
            AccessToken.actor_id,
            Preference.filters_version,
        )
        .join(PushSubscription, PushSubscription.id == PushMessage.subscription_id)
        .join(AccessToken, AccessToken.id == PushSubscription.token_id)
        .join(User, User.id == AccessToken.user_id)
        .join(Membership, (Membership.user_id == User.id) & (Membership.actor_id == AccessToken.actor_id))
        .join(Actor, Actor.id == AccessToken.actor_id)
        .join(Notification, Notification.id == PushMessage.notification_id)
        .outerjoin(Status, Status.id == Notification.status_id)
        .outerjoin(Preference, Preference.actor_id == AccessToken.actor_id)
        .where(
            PushMessage.id.in_(message_ids),
            User.confirmed_at.is_not(None),
            User.approved_at.is_not(None),
            User.disabled_at.is_(None),
            Actor.suspended_at.is_(None),
            Notification.created_at > now - LIFETIME,
        )
        .options(joinedload(Notification.from_actor))
    )


def _filtered(session: Session, filters: FilterCache, rows: Sequence[Any]) -> dict[int, Filtered]:
    """Return what the filters of each reader say of the posts in these rows."""
    readers = {row.actor_id: row.filters_version for row in rows if row.filters_version and row.Status is not None}
    judged = {}
    for actor_id, version in readers.items():
        ids = [row.Status.id for row in rows if row.actor_id == actor_id and row.Status is not None]
        query = select(Status).where(Status.id.in_(ids)).options(*STATUS_OPTIONS)
        statuses = session.scalars(query.execution_options(populate_existing=True)).all()
        judged[actor_id] = ActorFilters(filters, actor_id, version).apply(session, statuses, CONTEXT)
    return judged


def _cover(filtered: Filtered, status: Status | None) -> str | None:
    """Return the title of a filter that covers a post with a warning among notifications."""
    matches = filtered.matches.get(status.id, ()) if status is not None else ()
    return next((match.rule.title for match in matches if CONTEXT in match.rule.contexts), None)


def _letter(message: PushMessage, subscription: PushSubscription, text: bytes, topic: Topic | None) -> Letter:
    keys = Keys(subscription.p256dh, subscription.auth)
    return Letter(
        message.id, subscription.id, message.attempts, subscription.endpoint, keys, subscription.standard, text, topic
    )
