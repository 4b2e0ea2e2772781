"""What the relay hears: servers that subscribe to it, and what they and the relays it follows announce (FEP-ae0c).

An Announce of a relay shows nothing as passed on: it only says that there is a post, which is read from its origin.
"""

from collections.abc import Collection
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from activitypub.caps import CAPS
from activitypub.graph.actors import find_actor
from activitypub.graph.relationships import accept_follow, find_follow, follow
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
    """Let a server of the county subscribe, let other servers wait for a decision, and refuse everybody else.

    LitePub's relays want to be followed back.
    """
    relay = find_actor(unit, unit.instance.relay_uri)
    if relay is None:
        return
    known = find_follow(unit, relay.id, sender.id)
    is_server = sender.type in SERVERS
    if is_server and (known or is_of_county(unit, sender.host)):
        row = follow(unit, sender, relay, uri=follow_uri)
        accept_follow(unit, row)
        send_accept(unit, row)
        if in_return and known is None:
            send_follow(unit, follow(unit, relay, sender))
    elif is_server and may_wait(_waiting(unit, relay), sender.host, sender.id):
        follow(unit, sender, relay, uri=follow_uri, is_asked=True)
    else:
        refused = Follow(
            id=new_id(unit.now), uri=follow_uri, follower_id=sender.id, followed_id=relay.id, created_at=unit.now
        )
        send_reject(unit, attach(refused, follower=sender, followed=relay))


def may_wait(waiting: Collection[tuple[str, int]], host: str, actor_id: int) -> bool:
    """True while few wait, and nobody else of the same server: everybody can ask, and somebody has to read it.

    `waiting` are hosts and ids of actors.
    """
    if (host, actor_id) in waiting:
        return True
    return len(waiting) < CAPS.waiting_for_relay and host not in {other for other, _ in waiting}


def _waiting(session: Session, relay: Actor) -> list[tuple[str, int]]:
    asked = select(Actor.host, Actor.id).join(Follow, Follow.follower_id == Actor.id)
    rows = session.execute(asked.where(Follow.followed_id == relay.id, Follow.accepted_at.is_(None)))
    return [(host, actor_id) for host, actor_id in rows]


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
