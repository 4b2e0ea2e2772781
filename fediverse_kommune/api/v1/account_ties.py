"""The part of https://docs.joinmastodon.org/methods/accounts/ that is about how one stands to others."""

from collections.abc import Callable
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from activitypub.models import Actor
from activitypub.unit import Unit
from fediverse_kommune.api.entities import Entity
from fediverse_kommune.api.entities.relationship import relationship_entity
from fediverse_kommune.api.preload_ties import load_ties
from fediverse_kommune.api.routing import Call, Routes
from fediverse_kommune.services import relationships

routes = Routes()

MANY = 40  # accounts that one request may ask for by id

Act = Callable[[Unit, Actor, int], None]


@routes.get("/api/v1/accounts/relationships", scope="read:follows")
async def show(call: Call) -> list[Entity]:
    """Return how one stands to several accounts; to suspended ones only if they are wanted, too."""
    ids, with_suspended = call.params.ids("id")[:MANY], call.params.boolean("with_suspended") or False
    return await call.read(_show, call.me.actor.id, ids, with_suspended=with_suspended)


@routes.post("/api/v1/accounts/<account_id>/follow", scope="write:follows")
async def follow(call: Call, account_id: int) -> Entity:
    """Follow, or change what one wants of it."""
    wishes = relationships.FollowWishes(
        announces=call.params.boolean("reblogs"),
        notify=call.params.boolean("notify"),
        languages=call.params.many("languages"),
    )
    return await _change(call, account_id, partial(relationships.follow, wishes=wishes))


@routes.post("/api/v1/accounts/<account_id>/unfollow", scope="write:follows")
async def unfollow(call: Call, account_id: int) -> Entity:
    """Follow no longer."""
    return await _change(call, account_id, relationships.unfollow)


@routes.post("/api/v1/accounts/<account_id>/remove_from_followers", scope="write:follows")
async def remove_from_followers(call: Call, account_id: int) -> Entity:
    """Let somebody follow no longer."""
    return await _change(call, account_id, relationships.remove_follower)


@routes.post("/api/v1/accounts/<account_id>/block", scope="write:blocks")
async def block(call: Call, account_id: int) -> Entity:
    """Block."""
    return await _change(call, account_id, relationships.block)


@routes.post("/api/v1/accounts/<account_id>/unblock", scope="write:blocks")
async def unblock(call: Call, account_id: int) -> Entity:
    """Block no longer."""
    return await _change(call, account_id, relationships.unblock)


@routes.post("/api/v1/accounts/<account_id>/mute", scope="write:mutes")
async def mute(call: Call, account_id: int) -> Entity:
    """See somebody no longer, for a while or for ever."""
    notifications, seconds = call.params.boolean("notifications"), call.params.integer("duration")
    act = partial(relationships.mute, notifications=notifications is not False, seconds=seconds or 0)
    return await _change(call, account_id, act)


@routes.post("/api/v1/accounts/<account_id>/unmute", scope="write:mutes")
async def unmute(call: Call, account_id: int) -> Entity:
    """See somebody again."""
    return await _change(call, account_id, relationships.unmute)


@routes.post("/api/v1/accounts/<account_id>/note", scope="write:accounts")
async def note(call: Call, account_id: int) -> Entity:
    """Write down something about somebody, for oneself."""
    return await _change(call, account_id, partial(relationships.write_note, comment=call.params.text("comment") or ""))


@routes.post("/api/v1/accounts/<account_id>/endorse", scope="write:accounts")
async def endorse(call: Call, account_id: int) -> Entity:
    """Show somebody on one's profile."""
    return await _change(call, account_id, relationships.endorse)


@routes.post("/api/v1/accounts/<account_id>/unendorse", scope="write:accounts")
async def unendorse(call: Call, account_id: int) -> Entity:
    """Show somebody on one's profile no longer."""
    return await _change(call, account_id, relationships.unendorse)


@routes.post("/api/v1/accounts/<account_id>/pin", scope="write:accounts")
async def pin(call: Call, account_id: int) -> Entity:
    """Do what `endorse` does, under its former name."""
    return await _change(call, account_id, relationships.endorse)


@routes.post("/api/v1/accounts/<account_id>/unpin", scope="write:accounts")
async def unpin(call: Call, account_id: int) -> Entity:
    """Do what `unendorse` does, under its former name."""
    return await _change(call, account_id, relationships.unendorse)


async def _change(call: Call, account_id: int, act: Act) -> Entity:
    """Change something between two actors and return how they stand afterwards."""
    return await call.write(_changed, call.me.actor.id, account_id, act)


# -------------------------------------------------------------------------------------------- units of work


def _show(session: Session, actor_id: int, ids: list[int], *, with_suspended: bool) -> list[Entity]:
    query = select(Actor.id).where(Actor.id.in_(ids))
    known = set(session.scalars(query if with_suspended else query.where(Actor.suspended_at.is_(None))))
    ties = load_ties(session, actor_id, known)
    return [relationship_entity(other, ties) for other in ids if other in known]


def _changed(unit: Unit, actor_id: int, target_id: int, act: Act) -> Entity:
    act(unit, unit.get_one(Actor, actor_id), target_id)
    return relationship_entity(target_id, load_ties(unit, actor_id, [target_id]))
