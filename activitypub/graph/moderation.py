"""What moderators decide about actors, made true on the graph. Whether they may is asked before.

Suspending hides: nothing of the actor is shown or heard, and its rows stay, so that it can be taken back. Purging
removes the rows for good and keeps the name, so that nobody else becomes who it was.
"""

from collections import Counter
from typing import Any

from sqlalchemy import Select, delete, func, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, aliased

from activitypub.events import ActorDeleted, ActorRestored, ActorSuspended, TiesSevered
from activitypub.graph.reaction_counts import forget_reactions
from activitypub.graph.relationships import end_follow
from activitypub.graph.status_counts import COUNTED
from activitypub.graph.statuses import bury
from activitypub.models import Actor, Announce, Base, EmojiReaction, Follow, Like, Status
from activitypub.sanitize import SafeHTML
from activitypub.unit import Unit

QUIET = {"synchronize_session": False}
# What moderators wrote down about an actor outlives what the actor wrote.
KEPT = frozenset({"reports", "account_warnings"})


def suspend(unit: Unit, actor: Actor) -> None:
    """Hide an actor and all it did."""
    actor.suspended_at = unit.now
    unit.flush()
    unit.publish(ActorSuspended(actor))


def restore(unit: Unit, actor: Actor) -> None:
    """Take a suspension back: what it hid is shown again."""
    actor.suspended_at = None
    unit.flush()
    unit.publish(ActorRestored(actor))


def end_follows_of_ours(unit: Unit, actor: Actor) -> list[Follow]:
    """End the follows by which a remote actor hears of ours, and return them as they were."""
    ours = aliased(Actor)
    query = select(Follow).join(ours, ours.id == Follow.followed_id)
    rows = list(unit.scalars(query.where(Follow.follower_id == actor.id, ours.domain.is_(None))))
    for row in rows:
        end_follow(unit, row)
    lost = Counter(row.followed_id for row in rows if row.accepted_at is not None)
    if lost:
        unit.publish(TiesSevered("account_suspension", actor.handle, following={}, followers=lost))
    return rows


def purge(unit: Unit, actor: Actor) -> None:
    """Remove all that an actor has and wrote, here and in the tables of the app; its row, suspended, keeps its name."""
    unit.publish(ActorDeleted(actor.id))
    _count_down_others(unit, actor.id)
    forget_reactions(unit, EmojiReaction.actor_id == actor.id)
    for table in reversed(Base.metadata.sorted_tables):
        if table.name in KEPT:
            continue
        owned = [
            key.parent for key in table.foreign_keys if key.column is Actor.__table__.c.id and key.ondelete == "CASCADE"
        ]
        if owned:
            unit.execute(delete(table).where(or_(*(column == actor.id for column in owned))))
    bury(unit, actor.uri, former_type=actor.type)
    _blank(unit, actor)


def _blank(unit: Unit, actor: Actor) -> None:
    nothing: dict[str, Any] = {
        "name": "",
        "summary": SafeHTML.stored(""),
        "summary_source": None,
        "fields": [],
        "emojis": [],
        "avatar_url": None,
        "header_url": None,
        "avatar_key": None,
        "header_key": None,
        "also_known_as": [],
        "attribution_domains": [],
        "followers_count": 0,
        "following_count": 0,
        "statuses_count": 0,
        "last_status_at": None,
    }
    for name, value in nothing.items():
        setattr(actor, name, value)
    actor.purged_at = unit.now
    unit.flush()


def _count_down_others(unit: Unit, actor_id: int) -> None:
    """Set the counters right that counted what goes."""
    held = Follow.accepted_at.is_not(None)
    _down(unit, Actor.followers_count, Actor.id, select(Follow.followed_id).where(Follow.follower_id == actor_id, held))
    _down(unit, Actor.following_count, Actor.id, select(Follow.follower_id).where(Follow.followed_id == actor_id, held))
    _down(unit, Status.likes_count, Status.id, select(Like.status_id).where(Like.actor_id == actor_id))
    _down(unit, Status.announces_count, Status.id, select(Announce.status_id).where(Announce.actor_id == actor_id))
    reply = aliased(Status)
    replies = (
        select(func.count())
        .where(
            reply.in_reply_to_id == Status.id,
            reply.actor_id == actor_id,
            reply.visibility.in_(COUNTED),
            reply.held.is_(False),
        )
        .scalar_subquery()
    )
    answered = select(reply.in_reply_to_id).where(reply.actor_id == actor_id, reply.in_reply_to_id.is_not(None))
    unit.execute(
        update(Status)
        .where(Status.id.in_(answered))
        .values(replies_count=Status.replies_count - replies)
        .execution_options(**QUIET)
    )


def _down(
    unit: Unit, counter: InstrumentedAttribute[int], key: InstrumentedAttribute[int], concerned: Select[int]
) -> None:
    unit.execute(
        update(counter.class_).where(key.in_(concerned)).values({counter: counter - 1}).execution_options(**QUIET)
    )
