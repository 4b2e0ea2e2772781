"""What the relay hears: servers that subscribe to it, and what they and the relays it follows announce (FEP-ae0c).

An Announce of a relay shows nothing as passed on: it only says that there is a post, which is read from its origin.
"""

from functools import partial

from sqlalchemy.orm import Session

from activitypub.graph.actors import find_actor
from activitypub.graph.relationships import find_follow, follow
from activitypub.instance import LocalInstance
from activitypub.models import Actor, Follow, Status, attach, new_id
from activitypub.unit import Unit
from activitypub.vocabulary import PUBLIC, Activity
from inbox.arrival import Arrival, Effect
from outbox.relay import is_of_county, is_partner, pass_on
from outbox.send import send_accept, send_follow, send_reject

SERVERS = frozenset({"Application", "Service", "Group"})
"""What speaks for a whole server. Persons do not subscribe to a relay."""


def wants_relay(activity: Activity, instance: LocalInstance) -> bool:
    """True for a Follow of our relay: by its id, or of everything public, as Mastodon asks a relay."""
    return instance.relays and activity.object.uri in {instance.relay_uri, PUBLIC}


def subscribe(unit: Unit, *, sender: Actor, follow_uri: str, in_return: bool) -> None:
    """Let a server of the county subscribe, and refuse everybody else. LitePub's relays want to be followed back."""
    relay = find_actor(unit, unit.instance.relay_uri)
    if relay is None:
        return
    known = find_follow(unit, relay.id, sender.id)
    if sender.type not in SERVERS or not (known or is_of_county(unit, sender.host)):
        refused = Follow(
            id=new_id(unit.now), uri=follow_uri, follower_id=sender.id, followed_id=relay.id, created_at=unit.now
        )
        send_reject(unit, attach(refused, follower=sender, followed=relay))
        return
    send_accept(unit, follow(unit, sender, relay, uri=follow_uri))
    if in_return and known is None:
        send_follow(unit, follow(unit, relay, sender))


def comes_by_relay(session: Session, instance: LocalInstance, sender: Actor) -> bool:
    """True for what an actor says that our relay follows, or that follows it."""
    return instance.relays and is_partner(session, instance.relay_uri, sender.id)


async def relayed(ctx: Arrival, status_uri: str) -> Effect:
    """Read the post that a relay tells of, and let ours pass it on."""
    status = await ctx.resolver.status(status_uri, ctx.budget)
    return partial(_pass_on, status_id=status.id)


def _pass_on(unit: Unit, *, status_id: int) -> None:
    status = unit.get(Status, status_id)
    if status is not None:
        pass_on(unit, status)
