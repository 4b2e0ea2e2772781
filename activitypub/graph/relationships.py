"""Follow and Block. https://www.w3.org/TR/activitypub/#follow-activity-inbox"""

from collections.abc import Iterable
from functools import cache

from sqlalchemy import Integer, Select, Update, bindparam, delete, or_, select, update
from sqlalchemy.orm import Session, joinedload

from activitypub.events import ActorBlocked, FollowAccepted, FollowEnded, FollowRequested
from activitypub.models import Actor, Block, Follow, attach, new_id
from activitypub.unit import Unit


def find_follow(session: Session, follower_id: int, followed_id: int) -> Follow | None:
    """Return the follow or request between two actors, with both actors loaded."""
    return session.scalar(_follow_between(), {"follower": follower_id, "followed": followed_id})


@cache
def _follow_between() -> Select[Follow]:
    return (
        select(Follow)
        .where(Follow.follower_id == bindparam("follower"), Follow.followed_id == bindparam("followed"))
        .options(joinedload(Follow.follower), joinedload(Follow.followed))
    )


def find_block(session: Session, actor_id: int, target_id: int) -> Block | None:
    """Return the block of `target` by `actor`."""
    return session.scalar(select(Block).where(Block.actor_id == actor_id, Block.target_id == target_id))


def is_blocked_between(session: Session, one: int, other: int) -> bool:
    """True if either actor blocks the other."""
    either = or_(
        (Block.actor_id == one) & (Block.target_id == other),
        (Block.actor_id == other) & (Block.target_id == one),
    )
    return session.scalar(select(Block.id).where(either).limit(1)) is not None


def follow(unit: Unit, follower: Actor, followed: Actor, *, uri: str | None = None, is_asked: bool = False) -> Follow:
    """Record a follow, or a request if `followed` is remote or decides on requests itself, or `is_asked` says so.

    `uri` is the id of the Follow activity; without one a local id is made. A second Follow keeps the row and
    replaces its id, so that a later Undo or Accept finds whichever the other side remembers.
    """
    existing = find_follow(unit, follower.id, followed.id)
    if existing:
        if uri:
            existing.uri = uri
            unit.flush()
        return existing
    follow_id = new_id(unit.now)
    row = Follow(
        id=follow_id,
        uri=uri or unit.instance.activity_uri(follower.uri, "follow", follow_id),
        follower_id=follower.id,
        followed_id=followed.id,
        created_at=unit.now,
    )
    unit.add(row)
    unit.flush()
    attach(row, follower=follower, followed=followed)
    # Whom moderators have silenced has to ask, as the followers of somebody who decides on requests do.
    must_ask = is_asked or followed.manually_approves_followers or follower.silenced_at is not None
    if followed.is_local and not must_ask:
        accept_follow(unit, row)
    else:
        unit.publish(FollowRequested(row))
    return row


def accept_follow(unit: Unit, row: Follow) -> None:
    """Make a requested follow hold. A second Accept changes nothing."""
    if row.accepted_at is not None:
        return
    row.accepted_at = unit.now
    unit.flush()
    _count_network(unit, row.follower_id, row.followed_id, by=1)
    unit.publish(FollowAccepted(row))


def end_follow(unit: Unit, row: Follow) -> None:
    """Undo, reject or cut a follow or a request."""
    unit.execute(delete(Follow).where(Follow.id == row.id))
    unit.expunge(row)
    if row.accepted_at is not None:
        _count_network(unit, row.follower_id, row.followed_id, by=-1)
    unit.publish(FollowEnded(row.follower_id, row.followed_id))


def block(unit: Unit, actor: Actor, target: Actor, *, uri: str | None = None) -> Block:
    """Record a block and cut the follows between the two, both ways. A second one replaces its id, as of a Follow."""
    existing = find_block(unit, actor.id, target.id)
    if existing:
        if uri:
            existing.uri = uri
            unit.flush()
        return existing
    for follow_row in _follows_between(unit, actor.id, target.id):
        end_follow(unit, follow_row)
    block_id = new_id(unit.now)
    row = Block(
        id=block_id,
        uri=uri or unit.instance.activity_uri(actor.uri, "block", block_id),
        actor_id=actor.id,
        target_id=target.id,
        created_at=unit.now,
    )
    unit.add(row)
    unit.flush()
    unit.publish(ActorBlocked(attach(row, target=target)))
    return row


def unblock(unit: Unit, row: Block) -> None:
    """Take a block back. The follows it cut stay cut."""
    unit.execute(delete(Block).where(Block.id == row.id))
    unit.expunge(row)


def _follows_between(unit: Unit, one: int, other: int) -> Iterable[Follow]:
    return [row for pair in ((one, other), (other, one)) if (row := find_follow(unit, *pair))]


def _count_network(unit: Unit, follower_id: int, followed_id: int, *, by: int) -> None:
    """Move both counters in the database, so that two units at once cannot lose one step.

    Always in the order of the ids: two who follow each other at once must not wait for each other's row.
    """
    counters = [(follower_id, Actor.following_count.key), (followed_id, Actor.followers_count.key)]
    for actor_id, counter in sorted(counters):
        unit.run(_step(counter), {"actor": actor_id, "by": by})


@cache
def _step(counter: str) -> Update:
    """Move one counter of `:actor` by `:by`."""
    moved = Actor.__table__.c[counter] + bindparam("by", type_=Integer)
    return update(Actor).where(Actor.id == bindparam("actor")).values({counter: moved})
