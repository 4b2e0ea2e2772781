"""Notifications: what local actors are told about, each thing once.

`cause` says what makes two of them the same, and the database refuses the second (`UNIQUE (actor_id, cause)`): a Like
that arrives twice, or is taken back and given again before anybody looked, is told once. Nobody hears of somebody
they block, or who blocks them, or who is suspended here.

https://docs.joinmastodon.org/entities/Notification/
"""

from collections.abc import Iterable
from functools import cache
from typing import Any

from sqlalchemy import Select, and_, bindparam, delete, exists, select
from sqlalchemy.orm import aliased

from activitypub.events import (
    ActorBlocked,
    AnnounceUndone,
    FollowAccepted,
    FollowEnded,
    FollowRequested,
    LikeUndone,
    StatusAnnounced,
    StatusCreated,
    StatusEdited,
    StatusLiked,
)
from activitypub.models import Actor, Announce, Follow, Mention, Status, new_id
from activitypub.unit import Unit
from activitypub.vocabulary import Visibility
from fediverse_kommune.fanout.blocks import blocked_between
from fediverse_kommune.inserts import insert_new_rows
from fediverse_kommune.models import Notification, NotificationType


def on_status_created(unit: Unit, event: StatusCreated) -> None:
    """Tell those it names, then those who want to hear of every post of its author."""
    status = event.status
    told: list[int] = []
    if any(mention.actor.is_local for mention in status.mentions):
        told = _tell(unit, _mentioned(status), NotificationType.MENTION, status.actor_id, status)
    answers_others = status.in_reply_to_uri is not None and status.in_reply_to_actor_id != status.actor_id
    if status.visibility is Visibility.DIRECT or answers_others:
        return
    curious = unit.run(_curious(), {"author": status.actor_id}).scalars().all()
    if curious:
        chosen = select(Actor.id).where(Actor.id.in_(curious), Actor.id.not_in(told))
        _tell(unit, chosen, NotificationType.STATUS, status.actor_id, status)


@cache
def _curious() -> Select[int]:
    """Select who asked to hear of every post of `:author`."""
    return select(Follow.follower_id).where(
        Follow.followed_id == bindparam("author"), Follow.accepted_at.is_not(None), Follow.notify
    )


def on_status_edited(unit: Unit, event: StatusEdited) -> None:
    """Tell those who are named only now, and those who passed it on, whose followers see it changed."""
    status = event.status
    _tell(unit, _mentioned(status), NotificationType.MENTION, status.actor_id, status)
    # The notification of the latest edit takes the place of that of an earlier one.
    unit.execute(
        delete(Notification)
        .where(Notification.status_id == status.id, Notification.type == NotificationType.UPDATE)
        .execution_options(synchronize_session=False)
    )
    announcers = select(Announce.actor_id).where(Announce.status_id == status.id, Announce.actor_id != status.actor_id)
    _tell(unit, announcers, NotificationType.UPDATE, status.actor_id, status)


def on_status_announced(unit: Unit, event: StatusAnnounced) -> None:
    """Tell the author that somebody passed the status on."""
    _tell_author(unit, NotificationType.REBLOG, event.announce.actor_id, event.status)


def on_announce_undone(unit: Unit, event: AnnounceUndone) -> None:
    """Take the notification back with the announce."""
    _take_back(unit, NotificationType.REBLOG, event.actor_id, event.status_id)


def on_status_liked(unit: Unit, event: StatusLiked) -> None:
    """Tell the author that somebody likes the status."""
    _tell_author(unit, NotificationType.FAVOURITE, event.like.actor_id, event.status)


def on_like_undone(unit: Unit, event: LikeUndone) -> None:
    """Take the notification back with the like."""
    _take_back(unit, NotificationType.FAVOURITE, event.actor_id, event.status_id)


def on_follow_requested(unit: Unit, event: FollowRequested) -> None:
    """Ask the one to be followed."""
    _tell_one(unit, event.follow.followed_id, NotificationType.FOLLOW_REQUEST, event.follow.follower_id)


def on_follow_accepted(unit: Unit, event: FollowAccepted) -> None:
    """Tell of a new follower; the request is no longer open."""
    follow = event.follow
    _forget(unit, follow.followed_id, follow.follower_id, NotificationType.FOLLOW_REQUEST)
    _tell_one(unit, follow.followed_id, NotificationType.FOLLOW, follow.follower_id)


def on_follow_ended(unit: Unit, event: FollowEnded) -> None:
    """Take back what was said about the follow or its request."""
    kinds = (NotificationType.FOLLOW, NotificationType.FOLLOW_REQUEST)
    _forget(unit, event.followed_id, event.follower_id, *kinds)


def on_actor_blocked(unit: Unit, event: ActorBlocked) -> None:
    """Remove all that each was told of the other."""
    actor_id, target_id = event.block.actor_id, event.block.target_id
    _forget(unit, actor_id, target_id)
    _forget(unit, target_id, actor_id)


# ------------------------------------------------------------------------------------------------ telling


def _tell_author(unit: Unit, kind: NotificationType, from_actor_id: int, status: Status) -> None:
    author = select(Actor.id).where(Actor.id == status.actor_id, Actor.id != from_actor_id)
    _tell(unit, author, kind, from_actor_id, status)


def _tell_one(unit: Unit, actor_id: int, kind: NotificationType, from_actor_id: int) -> None:
    _tell(unit, select(Actor.id).where(Actor.id == actor_id), kind, from_actor_id, None)


def _tell(
    unit: Unit, whom: Select[Any], kind: NotificationType, from_actor_id: int, status: Status | None
) -> list[int]:
    """Notify the local ones among `whom` who may hear of this actor; return their ids. Two statements at most."""
    sender = aliased(Actor)
    welcome = exists().where(sender.id == from_actor_id, sender.suspended_at.is_(None))
    receivers = select(Actor.id).where(
        Actor.id.in_(whom), Actor.domain.is_(None), welcome, ~blocked_between(Actor.id, from_actor_id)
    )
    ids = list(unit.scalars(receivers))
    insert_new_rows(unit, Notification, list(_rows(unit, ids, kind, from_actor_id, status)))
    return ids


def _rows(
    unit: Unit, receivers: Iterable[int], kind: NotificationType, from_actor_id: int, status: Status | None
) -> Iterable[dict[str, Any]]:
    for actor_id in receivers:
        yield {
            "id": new_id(unit.now),
            "actor_id": actor_id,
            "type": kind,
            "from_actor_id": from_actor_id,
            "status_id": status.id if status else None,
            "cause": _cause(kind, from_actor_id, status.id if status else None),
            "created_at": unit.now,
        }


def _cause(kind: NotificationType, from_actor_id: int, status_id: int | None) -> str:
    return f"{kind}:{from_actor_id}:{status_id or ''}"


def _take_back(unit: Unit, kind: NotificationType, from_actor_id: int, status_id: int) -> None:
    unit.execute(
        delete(Notification)
        .where(
            Notification.from_actor_id == from_actor_id,
            Notification.cause == _cause(kind, from_actor_id, status_id),
        )
        .execution_options(synchronize_session=False)
    )


def _forget(unit: Unit, actor_id: int, from_actor_id: int, *kinds: NotificationType) -> None:
    """Remove what `actor_id` was told of the other; only of these kinds if any are given."""
    condition = and_(Notification.actor_id == actor_id, Notification.from_actor_id == from_actor_id)
    if kinds:
        condition = and_(condition, Notification.type.in_(kinds))
    unit.execute(delete(Notification).where(condition).execution_options(synchronize_session=False))


# ------------------------------------------------------------------------------------------------ conditions


def _mentioned(status: Status) -> Select[Any]:
    """Select those a status names; silent ones are addressed and not spoken to."""
    return select(Mention.actor_id).where(
        Mention.status_id == status.id, Mention.silent.is_(False), Mention.actor_id != status.actor_id
    )
