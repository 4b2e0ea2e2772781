"""Who may read a status: one predicate, used by every page, timeline, document and stream.

A viewer is an actor, ours or a remote one that signed its request, or nobody (`None`).
"""

from sqlalchemy import ColumnElement, and_, exists, or_, select, true
from sqlalchemy.orm import Session, aliased

from activitypub.models import Actor, Block, Follow, Mention, Status
from activitypub.vocabulary import Visibility

OPEN = (Visibility.PUBLIC, Visibility.UNLISTED)


def readable_by(viewer: Actor | None) -> ColumnElement[bool]:
    """Return the condition on `Status` that holds for what `viewer` may read.

    Followers-only posts open to accepted followers only (row H06); nobody reads an author who blocked them, nor a
    suspended author; what is local only opens to actors of this instance.
    """
    author = aliased(Actor)
    stands = ~exists(select(author.id).where(author.id == Status.actor_id, author.suspended_at.is_not(None)))
    if viewer is None:
        return and_(Status.visibility.in_(OPEN), Status.local_only.is_(False), stands)
    follows = exists(
        select(Follow.id).where(
            Follow.follower_id == viewer.id,
            Follow.followed_id == Status.actor_id,
            Follow.accepted_at.is_not(None),
        )
    )
    addressed = exists(select(Mention.actor_id).where(Mention.status_id == Status.id, Mention.actor_id == viewer.id))
    blocked = exists(select(Block.id).where(Block.actor_id == Status.actor_id, Block.target_id == viewer.id))
    here = true() if viewer.is_local else Status.local_only.is_(False)
    opened = or_(Status.visibility.in_(OPEN), and_(Status.visibility == Visibility.PRIVATE, follows), addressed)
    return or_(Status.actor_id == viewer.id, and_(opened, here, stands, ~blocked))


def may_read(session: Session, viewer: Actor | None, status_id: int) -> bool:
    """True if `viewer` may read this status."""
    condition = and_(Status.id == status_id, readable_by(viewer))
    return session.scalar(select(Status.id).where(condition)) is not None
