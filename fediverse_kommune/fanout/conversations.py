"""Direct conversations in the lists of the locals who take part: what was said last, and whether it was read.

A conversation comes to those who were told of the post: whoever is spared a notification (a mute, a block, a policy
that holds it back) is spared the conversation, too. So this subscriber runs after that of the notifications.

https://docs.joinmastodon.org/methods/conversations/
"""

from collections.abc import Iterable

from sqlalchemy import Select, delete, func, select, union_all
from sqlalchemy.orm import selectinload

from activitypub.events import ActorBlocked, StatusCreated, StatusDeleted
from activitypub.models import Mention, Status, new_id
from activitypub.unit import Unit
from activitypub.vocabulary import Visibility
from fediverse_kommune.events import NotificationsMerged
from fediverse_kommune.inserts import insert_new_row
from fediverse_kommune.models import Conversation, Notification, NotificationType
from fediverse_kommune.streaming.signals import ConversationMoved


def on_status_created(unit: Unit, event: StatusCreated) -> None:
    """Put a direct post on top of its conversation for the author, if local, and for everybody told of it."""
    status = event.status
    if status.visibility is not Visibility.DIRECT or status.conversation_uri is None:
        return
    told = select(Notification.actor_id).where(
        Notification.status_id == status.id,
        Notification.type == NotificationType.MENTION,
        Notification.filtered.is_(False),
    )
    for actor_id in unit.scalars(told).all():
        enter(unit, actor_id, status)
    if status.local:
        enter(unit, status.actor_id, status)


def on_notifications_merged(unit: Unit, event: NotificationsMerged) -> None:
    """Bring the conversations with those who were held back until now."""
    direct = (
        select(Status)
        .join(Notification, Notification.status_id == Status.id)
        .where(
            Notification.actor_id == event.actor_id,
            Notification.from_actor_id.in_(event.from_actor_ids),
            Notification.type == NotificationType.MENTION,
            Notification.filtered.is_(False),
            Status.visibility == Visibility.DIRECT,
        )
        .options(selectinload(Status.mentions))
        .order_by(Status.id)
    )
    for status in unit.scalars(direct).all():
        enter(unit, event.actor_id, status)


def on_actor_blocked(unit: Unit, event: ActorBlocked) -> None:
    """Take the conversations in which the blocked one takes part out of the list of who blocks (row I05)."""
    lists = select(Conversation.id, Conversation.participant_ids).where(Conversation.actor_id == event.block.actor_id)
    shared = [row.id for row in unit.execute(lists) if event.block.target_id in row.participant_ids]
    unit.execute(delete(Conversation).where(Conversation.id.in_(shared)))


def on_status_deleted(unit: Unit, event: StatusDeleted) -> None:
    """Fall back to the post before where the one that goes was the last. Runs before its row is removed."""
    rows = unit.scalars(select(Conversation).where(Conversation.last_status_id == event.status_id)).all()
    for row in rows:
        row.last_status_id = unit.scalar(_last_before(row, event.status_id))
    if rows:
        unit.flush()


def enter(unit: Unit, actor_id: int, status: Status) -> None:
    """Put a direct post on top of its conversation in the list of one actor; unread, unless it is the actor's own."""
    others = sorted(_others(status, actor_id))
    unread = status.actor_id != actor_id
    known = {"actor_id": actor_id, "conversation_uri": status.conversation_uri}
    fresh = {"last_status_id": status.id, "participant_ids": others, "unread": unread}
    row_id = new_id(unit.now)
    if insert_new_row(unit, Conversation, id=row_id, **known, **fresh):
        unit.publish(ConversationMoved(row_id, actor_id))
        return
    row = unit.scalars(select(Conversation).filter_by(**known)).one()
    row.participant_ids = sorted({*row.participant_ids, *others})
    row.last_status_id = max(row.last_status_id or 0, status.id)
    row.unread = unread
    unit.flush()
    unit.publish(ConversationMoved(row.id, actor_id))


def _others(status: Status, actor_id: int) -> Iterable[int]:
    return {status.actor_id, *(mention.actor_id for mention in status.mentions)} - {actor_id}


def _last_before(row: Conversation, status_id: int) -> Select[int]:
    """Select the newest other direct post of a conversation that its owner wrote or is named in."""
    # By who it is of and whom it names, because conversations have no index: there are few direct posts of each.
    written = select(Status.id).where(Status.actor_id == row.actor_id)
    received = select(Mention.status_id).where(Mention.actor_id == row.actor_id)
    candidates = union_all(written, received).subquery()
    return select(func.max(Status.id)).where(
        Status.id.in_(select(candidates.c.id)),
        Status.id != status_id,
        Status.conversation_uri == row.conversation_uri,
        Status.visibility == Visibility.DIRECT,
        Status.held.is_(False),
    )
