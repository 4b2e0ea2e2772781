"""Move: an actor lives under another name now, and the other name says so too."""

from functools import partial

from activitypub.graph.actors import find_actor
from activitypub.graph.moves import has_just_moved, move
from activitypub.models import Actor
from activitypub.unit import Unit
from activitypub.vocabulary import Activity
from inbox.arrival import Arrival, Effect, Ignored


async def receive_move(ctx: Arrival, activity: Activity, sender: Actor) -> Effect | Ignored:
    """Somebody moves. The new actor is read from its origin: unless it lists the old one, anybody could be moved to."""
    target_uri = activity.target.uri if activity.target else None
    if target_uri is None or target_uri == sender.uri:
        return Ignored("moves to nowhere")
    if await ctx.resolver.ctx.db.read(has_just_moved, sender.id, ctx.resolver.ctx.clock()):
        return Ignored("has moved within the last week")
    target = await ctx.resolver.actor(target_uri, ctx.budget, fresh=True)
    if sender.uri not in target.also_known_as:
        return Ignored("moves to somebody who does not say that they are the same")
    if target.moved_to_uri is not None:
        return Ignored("moves to somebody who has moved away too")
    return partial(_move, origin_uri=sender.uri, target_uri=target.uri)


def _move(unit: Unit, *, origin_uri: str, target_uri: str) -> None:
    origin, target = find_actor(unit, origin_uri), find_actor(unit, target_uri)
    if origin is None or target is None or target.suspended_at is not None:
        return
    if not has_just_moved(unit, origin.id, unit.now):
        move(unit, origin, target)
