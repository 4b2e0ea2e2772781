"""Update and Delete of actors."""

from functools import partial

from activitypub.graph.actors import delete_actor, find_actor
from activitypub.models import Actor
from activitypub.unit import Unit
from activitypub.vocabulary import Activity
from inbox.arrival import Arrival, Effect, Ignored, nothing


async def receive_update(ctx: Arrival, _activity: Activity, sender: Actor) -> Effect | Ignored:
    """A profile changed: read it from its origin, which also proves its handle and its keys again."""
    await ctx.resolver.actor(sender.uri, ctx.budget, fresh=True)
    return nothing


async def receive_delete(ctx: Arrival, _activity: Activity, sender: Actor) -> Effect | Ignored:
    """An actor leaves with everything it wrote."""
    ctx.resolver.forget(sender.id)
    return partial(_delete, actor_uri=sender.uri)


def _delete(unit: Unit, *, actor_uri: str) -> None:
    actor = find_actor(unit, actor_uri)
    if actor is not None and not actor.is_local:
        delete_actor(unit, actor)
