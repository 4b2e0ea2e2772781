"""Notifications: who is told what after which event. How telling is done is in `telling.py`.

https://docs.joinmastodon.org/entities/Notification/
"""

from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, delete, select

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
from activitypub.models import Actor, Announce, Follow, Mention, Status
from activitypub.unit import Unit
from activitypub.vocabulary import Visibility
from fediverse_kommune.fanout.telling import News, forget, take_back, tell
from fediverse_kommune.models import Notification, NotificationType


def on_status_created(unit: Unit, event: StatusCreated) -> None:
    """Tell those it names, then those who want to hear of every post of its author."""
    status = event.status
    told: list[int] = []
    if any(mention.actor.is_local for mention in status.mentions):
        told = tell(unit, _mentioned(status), News(NotificationType.MENTION, status.actor_id, status))
    answers_others = status.in_reply_to_uri is not None and status.in_reply_to_actor_id != status.actor_id
    if status.visibility is Visibility.DIRECT or answers_others:
        return
    curious = unit.run(_curious(), {"author": status.actor_id}).scalars().all()
    if curious:
        chosen = select(Actor.id).where(Actor.id.in_(curious), Actor.id.not_in(told))
        tell(unit, chosen, News(NotificationType.STATUS, status.actor_id, status))


@cache
def _curious() -> Select[int]:
    """Select who asked to hear of every post of `:author`."""
    return select(Follow.follower_id).where(
        Follow.followed_id == bindparam("author"), Follow.accepted_at.is_not(None), Follow.notify
    )


def on_status_edited(unit: Unit, event: StatusEdited) -> None:
    """Tell those who are named only now, and those who passed it on, whose followers see it changed."""
    status = event.status
    tell(unit, _mentioned(status), News(NotificationType.MENTION, status.actor_id, status))
    # The notification of the latest edit takes the place of that of an earlier one.
    unit.execute(
        delete(Notification)
        .where(Notification.status_id == status.id, Notification.type == NotificationType.UPDATE)
        .execution_options(synchronize_session=False)
    )
    announcers = select(Announce.actor_id).where(Announce.status_id == status.id, Announce.actor_id != status.actor_id)
    tell(unit, announcers, News(NotificationType.UPDATE, status.actor_id, status))


def on_status_announced(unit: Unit, event: StatusAnnounced) -> None:
    """Tell the author that somebody passed the status on."""
    _tell_author(unit, NotificationType.REBLOG, event.announce.actor_id, event.status)


def on_announce_undone(unit: Unit, event: AnnounceUndone) -> None:
    """Take the notification back with the announce."""
    take_back(unit, NotificationType.REBLOG, event.actor_id, event.status_id)


def on_status_liked(unit: Unit, event: StatusLiked) -> None:
    """Tell the author that somebody likes the status."""
    _tell_author(unit, NotificationType.FAVOURITE, event.like.actor_id, event.status)


def on_like_undone(unit: Unit, event: LikeUndone) -> None:
    """Take the notification back with the like."""
    take_back(unit, NotificationType.FAVOURITE, event.actor_id, event.status_id)


def on_follow_requested(unit: Unit, event: FollowRequested) -> None:
    """Ask the one to be followed."""
    follow = event.follow
    tell(unit, _only(follow.followed_id), News(NotificationType.FOLLOW_REQUEST, follow.follower_id))


def on_follow_accepted(unit: Unit, event: FollowAccepted) -> None:
    """Tell of a new follower; the request is no longer open."""
    follow = event.follow
    forget(unit, follow.followed_id, follow.follower_id, NotificationType.FOLLOW_REQUEST)
    tell(unit, _only(follow.followed_id), News(NotificationType.FOLLOW, follow.follower_id))


def on_follow_ended(unit: Unit, event: FollowEnded) -> None:
    """Take back what was said about the follow or its request."""
    kinds = (NotificationType.FOLLOW, NotificationType.FOLLOW_REQUEST)
    forget(unit, event.followed_id, event.follower_id, *kinds)


def on_actor_blocked(unit: Unit, event: ActorBlocked) -> None:
    """Remove all that each was told of the other."""
    actor_id, target_id = event.block.actor_id, event.block.target_id
    forget(unit, actor_id, target_id)
    forget(unit, target_id, actor_id)


# ---------------------------------------------------------------------------------------------- receivers


def _tell_author(unit: Unit, kind: NotificationType, from_actor_id: int, status: Status) -> None:
    if status.local:
        author = select(Actor.id).where(Actor.id == status.actor_id, Actor.id != from_actor_id)
        tell(unit, author, News(kind, from_actor_id, status))


def _only(actor_id: int) -> Select[int]:
    return select(Actor.id).where(Actor.id == actor_id)


def _mentioned(status: Status) -> Select[Any]:
    """Select those a status names; silent ones are addressed and not spoken to."""
    return select(Mention.actor_id).where(
        Mention.status_id == status.id, Mention.silent.is_(False), Mention.actor_id != status.actor_id
    )
