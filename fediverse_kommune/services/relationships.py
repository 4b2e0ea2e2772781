"""Following and blocking, as a local actor does it.

https://docs.joinmastodon.org/methods/accounts/#follow and #block, https://docs.joinmastodon.org/methods/follow_requests/
"""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from activitypub.graph import relationships as graph
from activitypub.models import Actor, Follow
from activitypub.unit import Unit
from fediverse_kommune.services.refusals import Forbidden, NotFound
from outbox import send


@dataclass(frozen=True, slots=True)
class FollowWishes:
    """What a follower wants of the one followed; None leaves it as it is."""

    announces: bool | None = None
    notify: bool | None = None


def find_target(session: Session, actor_id: int) -> Actor:
    """Return the actor with this id. Raises `NotFound` for nobody, a suspended one, and the instance's own."""
    actor = session.get(Actor, actor_id)
    if actor is None or actor.suspended_at is not None or (actor.is_local and actor.type == "Application"):
        raise NotFound
    return actor


def follow(unit: Unit, follower: Actor, target_id: int, wishes: FollowWishes) -> None:
    """Follow, ask to follow, or change what is wanted of a follow that exists. Raises `NotFound`, `Forbidden`."""
    target = find_target(unit, target_id)
    if target.id == follower.id:
        raise Forbidden("Nobody can follow themselves.")
    if graph.is_blocked_between(unit, follower.id, target.id):
        raise Forbidden("There is a block between you and this account.")
    row = graph.find_follow(unit, follower.id, target.id)
    if row is None:
        row = graph.follow(unit, follower, target)
        send.send_follow(unit, row)
    if wishes.announces is not None:
        row.show_announces = wishes.announces
    if wishes.notify is not None:
        row.notify = wishes.notify
    unit.flush()


def unfollow(unit: Unit, follower: Actor, target_id: int) -> None:
    """Follow no longer, or take the request back. Raises `NotFound`."""
    target = find_target(unit, target_id)
    row = graph.find_follow(unit, follower.id, target.id)
    if row is not None:
        graph.end_follow(unit, row)
        send.send_undo_follow(unit, row)


def remove_follower(unit: Unit, actor: Actor, follower_id: int) -> None:
    """Let somebody follow no longer. Raises `NotFound`."""
    row = graph.find_follow(unit, find_target(unit, follower_id).id, actor.id)
    if row is not None:
        graph.end_follow(unit, row)
        send.send_reject(unit, row)


def authorize_follow(unit: Unit, actor: Actor, follower_id: int) -> None:
    """Accept a request to be followed. Raises `NotFound` if there is none."""
    row = _request(unit, actor, follower_id)
    graph.accept_follow(unit, row)
    send.send_accept(unit, row)


def reject_follow(unit: Unit, actor: Actor, follower_id: int) -> None:
    """Refuse a request to be followed. Raises `NotFound` if there is none."""
    row = _request(unit, actor, follower_id)
    graph.end_follow(unit, row)
    send.send_reject(unit, row)


def block(unit: Unit, actor: Actor, target_id: int) -> None:
    """Block somebody and cut the follows between the two. Raises `NotFound`, `Forbidden`."""
    target = find_target(unit, target_id)
    if target.id == actor.id:
        raise Forbidden("Nobody can block themselves.")
    # Servers that do not know Block still understand that the follows are over.
    unfollow(unit, actor, target.id)
    remove_follower(unit, actor, target.id)
    if graph.find_block(unit, actor.id, target.id) is None:
        send.send_block(unit, graph.block(unit, actor, target))


def unblock(unit: Unit, actor: Actor, target_id: int) -> None:
    """Take a block back. Raises `NotFound`."""
    target = find_target(unit, target_id)
    row = graph.find_block(unit, actor.id, target.id)
    if row is not None:
        graph.unblock(unit, row)
        send.send_unblock(unit, row)


def _request(unit: Unit, actor: Actor, follower_id: int) -> Follow:
    row = graph.find_follow(unit, follower_id, actor.id)
    if row is None or row.accepted_at is not None:
        raise NotFound
    return row
