"""Living under another name: our actors go there, and our people go along with whom they follow, block or mute.

https://docs.joinmastodon.org/user/moving/#move
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session, aliased, joinedload

from activitypub.events import ActorUpdated
from activitypub.graph import moves as graph_moves
from activitypub.graph import relationships as graph
from activitypub.graph.actors import find_actor, find_by_handle
from activitypub.instance import LocalInstance
from activitypub.models import Actor, Block, Follow, Move, new_id
from activitypub.unit import Unit
from fediverse_kommune.inserts import insert_new_rows
from fediverse_kommune.models import List, ListMember, Mute
from fediverse_kommune.services import relationships
from fediverse_kommune.services.refusals import Forbidden, Invalid
from fediverse_kommune.services.search import as_handle, as_url
from fediverse_kommune.unwanted import mutes_server
from outbox import send

ALIASES = 10  # names elsewhere that an actor of ours may list
BATCH = 20  # follows that are moved in one unit
AT_ONCE = 5  # moves that are attended to in one round


def find_other(session: Session, text: str, instance: LocalInstance) -> Actor | None:
    """Return the actor at an address or behind a handle, if it is known here."""
    handle, url = as_handle(text, instance), as_url(text, instance)
    if handle is not None:
        return find_by_handle(session, handle.username, None if handle.domain in instance.hosts else handle.domain)
    if url is None:
        return None
    return session.scalars(select(Actor).where(or_(Actor.uri == url, Actor.url == url)).limit(1)).first()


def be_known_as(unit: Unit, actor_id: int, uris: Sequence[str]) -> None:
    """List the names under which an actor of ours lives or lived elsewhere. Raises `Invalid` for its own."""
    actor = unit.get_one(Actor, actor_id)
    if actor.uri in uris:
        raise Invalid("An account is no other name of itself.")
    actor.also_known_as = list(uris)
    unit.flush()
    unit.publish(ActorUpdated(actor))
    send.send_actor_update(unit, actor)


def move_away(unit: Unit, actor_id: int, target_uri: str) -> None:
    """Let an actor of ours live elsewhere from now on, and tell its followers, whose servers let them go along.

    Raises `Invalid` if the other one does not list it, and `Forbidden` within a week after a move.
    """
    actor, target = unit.get_one(Actor, actor_id), find_actor(unit, target_uri)
    if target is None or target.id == actor.id:
        raise Invalid("moved_to_uri is another account.")
    if actor.uri not in target.also_known_as:
        raise Invalid(f"{target.handle} does not list {actor.uri} as another name of it: add that there first.")
    if target.moved_to_uri is not None:
        raise Invalid(f"{target.handle} has moved itself.")
    if graph_moves.has_just_moved(unit, actor.id, unit.now):
        raise Forbidden(f"An account can move once in {graph_moves.COOLDOWN.days} days.")
    graph_moves.move(unit, actor, target)
    unit.publish(ActorUpdated(actor))
    send.send_actor_update(unit, actor)
    send.send_move(unit, actor, target)


def due(session: Session) -> Sequence[int]:
    """Return actors that have moved and are still followed by some who have not been asked to go along."""
    query = select(Move.origin_id).where(Move.after_id.is_not(None)).order_by(Move.created_at).limit(AT_ONCE)
    return session.scalars(query).all()


def go_along(unit: Unit, origin_id: int) -> None:
    """Let the next of those here who follow an actor follow who it is now; mutes and blocks go along first.

    A few at a time: who has gone along is not found again, so what is left to do is in the rows themselves.
    """
    waiting = select(Move).where(Move.origin_id == origin_id, Move.after_id.is_not(None))
    move = unit.scalar(waiting.with_for_update(skip_locked=True))
    if move is None or move.after_id is None:
        return
    target = unit.get_one(Actor, move.target_id)
    if target.suspended_at is not None:
        move.after_id = None
        return
    blockers = _next_blockers(unit, origin_id, target.id)
    if blockers:
        for actor in blockers:
            relationships.block(unit, actor, target.id)
        return
    if move.after_id == 0:
        _mute_along(unit, origin_id, target.id)
    follows = _next_follows(unit, origin_id, move.after_id)
    for old in follows:
        _follow_along(unit, old, target)
    move.after_id = follows[-1].id if len(follows) == BATCH else None
    unit.flush()


def _next_follows(unit: Unit, origin_id: int, after_id: int) -> Sequence[Follow]:
    ours = aliased(Actor)
    query = (
        select(Follow)
        .join(ours, ours.id == Follow.follower_id)
        .where(Follow.followed_id == origin_id, Follow.id > after_id, ours.domain.is_(None))
        .options(joinedload(Follow.follower), joinedload(Follow.followed))
    )
    return unit.scalars(query.order_by(Follow.id).limit(BATCH)).all()


def _follow_along(unit: Unit, old: Follow, target: Actor) -> None:
    """Follow the new actor as the old one was followed, unless the follower wants nothing of it."""
    follower = old.follower
    if follower.id == target.id or graph.is_blocked_between(unit, follower.id, target.id):
        return
    if unit.scalar(select(mutes_server(follower.id, target.id))):
        return
    if graph.find_follow(unit, follower.id, target.id) is None:
        new = graph.follow(unit, follower, target)
        new.show_announces, new.notify, new.languages = old.show_announces, old.notify, old.languages
        send.send_follow(unit, new)
    _list_along(unit, follower.id, old.followed_id, target.id)
    graph.end_follow(unit, old)
    send.send_undo_follow(unit, old)


def _list_along(unit: Unit, owner_id: int, origin_id: int, target_id: int) -> None:
    lists = unit.scalars(
        select(List.id).where(
            List.actor_id == owner_id,
            exists().where(ListMember.list_id == List.id, ListMember.actor_id == origin_id),
        )
    ).all()
    rows: list[dict[str, Any]] = [
        {"id": new_id(unit.now), "list_id": list_id, "actor_id": target_id} for list_id in lists
    ]
    if rows:
        insert_new_rows(unit, ListMember, rows)


def _next_blockers(unit: Unit, origin_id: int, target_id: int) -> Sequence[Actor]:
    """Return some of those here who block the old actor, and neither block nor follow the new one."""
    again = aliased(Block)
    query = (
        select(Actor)
        .join(Block, Block.actor_id == Actor.id)
        .where(
            Block.target_id == origin_id,
            Actor.domain.is_(None),
            Actor.id != target_id,
            ~exists().where(again.actor_id == Actor.id, again.target_id == target_id),
            ~exists().where(Follow.follower_id == Actor.id, Follow.followed_id == target_id),
        )
    )
    return unit.scalars(query.order_by(Actor.id).limit(BATCH)).all()


def _mute_along(unit: Unit, origin_id: int, target_id: int) -> None:
    """Let mutes hold for who the actor is now, except of those who follow that one already."""
    follows = exists().where(Follow.follower_id == Mute.actor_id, Follow.followed_id == target_id)
    mutes = unit.scalars(select(Mute).where(Mute.target_id == origin_id, Mute.actor_id != target_id, ~follows)).all()
    rows: list[dict[str, Any]] = [
        {
            "id": new_id(unit.now),
            "actor_id": mute.actor_id,
            "target_id": target_id,
            "hides_notifications": mute.hides_notifications,
            "created_at": unit.now,
            "expires_at": mute.expires_at,
        }
        for mute in mutes
    ]
    if rows:
        insert_new_rows(unit, Mute, rows)
