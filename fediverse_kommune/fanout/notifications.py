"""Notifications: who is told what after which event. How telling is done is in `telling.py`.

https://docs.joinmastodon.org/entities/Notification/
"""

from functools import cache

from sqlalchemy import Select, bindparam, delete, select

from activitypub.events import (
    ActorBlocked,
    AnnounceUndone,
    FollowAccepted,
    FollowEnded,
    FollowRequested,
    LikeUndone,
    ReactionUndone,
    StatusAnnounced,
    StatusCreated,
    StatusEdited,
    StatusLiked,
    StatusReacted,
)
from activitypub.models import Actor, Announce, Follow, Participation, Status
from activitypub.models.calendar import COMING
from activitypub.unit import Unit
from activitypub.vocabulary import Visibility
from fediverse_kommune.fanout.telling import News, forget, take_back, tell
from fediverse_kommune.models import Notification, NotificationType


def on_status_created(unit: Unit, event: StatusCreated) -> None:
    """Tell those it names, then those who want to hear of every post of its author."""
    status = event.status
    told = tell(unit, _mentioned(status), News(NotificationType.MENTION, status.actor_id, status))
    answers_others = status.in_reply_to_uri is not None and status.in_reply_to_actor_id != status.actor_id
    if status.visibility is Visibility.DIRECT or answers_others:
        return
    curious = unit.run(_curious(), {"author": status.actor_id}).scalars().all()
    if curious:
        tell(unit, {*curious} - {*told}, News(NotificationType.STATUS, status.actor_id, status))


@cache
def _curious() -> Select[int]:
    """Select who asked to hear of every post of `:author`."""
    return select(Follow.follower_id).where(
        Follow.followed_id == bindparam("author"), Follow.accepted_at.is_not(None), Follow.notify
    )


def on_status_edited(unit: Unit, event: StatusEdited) -> None:
    """Tell those who are named only now, who passed it on, whose followers see it changed, and who comes to it."""
    status = event.status
    tell(unit, _mentioned(status), News(NotificationType.MENTION, status.actor_id, status))
    # The notification of the latest edit takes the place of that of an earlier one.
    unit.execute(
        delete(Notification)
        .where(Notification.status_id == status.id, Notification.type == NotificationType.UPDATE)
        .execution_options(synchronize_session=False)
    )
    announcers = (
        select(Announce.actor_id)
        .join(Actor, Actor.id == Announce.actor_id)
        .where(Announce.status_id == status.id, Announce.actor_id != status.actor_id, Actor.domain.is_(None))
    )
    concerned = {*unit.scalars(announcers), *(_guests(unit, status) if status.type == "Event" else ())}
    tell(unit, concerned, News(NotificationType.UPDATE, status.actor_id, status))


def _guests(unit: Unit, status: Status) -> set[int]:
    """Return those of ours who take part in an event, or may yet: they have to know when it changes."""
    return set(
        unit.scalars(
            select(Participation.actor_id)
            .join(Actor, Actor.id == Participation.actor_id)
            .where(
                Participation.status_id == status.id,
                Participation.state.in_(COMING),
                Actor.domain.is_(None),
            )
        )
    )


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


def on_status_reacted(unit: Unit, event: StatusReacted) -> None:
    """Tell the author of a reaction, unless it was told as a like."""
    row, status = event.reaction, event.status
    if status.local and status.actor_id != row.actor_id and not event.liked:
        tell(
            unit,
            [status.actor_id],
            News(NotificationType.EMOJI_REACTION, row.actor_id, status, reaction_id=row.id),
        )


def on_reaction_undone(unit: Unit, event: ReactionUndone) -> None:
    """Take the notification back with the emoji."""
    take_back(unit, NotificationType.EMOJI_REACTION, event.actor_id, event.reaction_id)


def on_follow_requested(unit: Unit, event: FollowRequested) -> None:
    """Ask the one to be followed."""
    follow = event.follow
    tell(unit, [follow.followed_id], News(NotificationType.FOLLOW_REQUEST, follow.follower_id))


def on_follow_accepted(unit: Unit, event: FollowAccepted) -> None:
    """Tell of a new follower; the request is no longer open."""
    follow = event.follow
    forget(unit, follow.followed_id, follow.follower_id, NotificationType.FOLLOW_REQUEST)
    tell(unit, [follow.followed_id], News(NotificationType.FOLLOW, follow.follower_id))


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
    if status.local and status.actor_id != from_actor_id:
        tell(unit, [status.actor_id], News(kind, from_actor_id, status))


def _mentioned(status: Status) -> set[int]:
    """Return those of ours whom a status names; silent ones are addressed and not spoken to."""
    spoken_to = {mention.actor_id for mention in status.mentions if mention.actor.is_local and not mention.silent}
    return spoken_to - {status.actor_id}
