"""Which relays this town subscribes to. Whom its own relay passes on is decided by who is allowed (`DomainAllow`)."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from activitypub.graph import relationships as graph
from activitypub.graph.actors import find_actor
from activitypub.models import Actor, Follow
from activitypub.unit import Unit
from fediverse_kommune.services.refusals import Invalid, NotFound
from fediverse_kommune.services.staff import Done, Officer, Permission, deed
from outbox import send

NEEDED = Permission.MANAGE_FEDERATION
OFF = "[federation] relay is off: this server neither is a relay nor can subscribe to one. Set it to true."


@deed("relay.subscribe", NEEDED)
def subscribe(unit: Unit, _officer: Officer, uri: str) -> Done[Follow]:
    """Ask a relay, whose actor is known already, for what it passes on. Raises `Invalid` and `NotFound`."""
    relay, ours = find_actor(unit, uri), _own(unit)
    if relay is None or relay.is_local:
        raise NotFound
    if relay.type not in {"Application", "Service", "Group"}:
        raise Invalid("This is the address of a person, not of a relay.")
    row = graph.find_follow(unit, ours.id, relay.id) or graph.follow(unit, ours, relay)
    send.send_follow(unit, row)
    return Done(uri, row)


@deed("relay.unsubscribe", NEEDED)
def unsubscribe(unit: Unit, _officer: Officer, uri: str) -> Done[None]:
    """Take nothing from a relay any more, and give it nothing. Raises `NotFound`."""
    relay, ours = find_actor(unit, uri), _own(unit)
    rows = (
        []
        if relay is None
        else [graph.find_follow(unit, ours.id, relay.id), graph.find_follow(unit, relay.id, ours.id)]
    )
    if not any(rows):
        raise NotFound
    for row in rows:
        if row is not None:
            graph.end_follow(unit, row)
            (send.send_undo_follow if row.follower_id == ours.id else send.send_reject)(unit, row)
    return Done(uri, None)


def partners(session: Session, relay_uri: str) -> Sequence[Follow]:
    """Return the follows of our relay, both ways, with both actors."""
    ours = select(Actor.id).where(Actor.uri == relay_uri)
    either = Follow.follower_id.in_(ours) | Follow.followed_id.in_(ours)
    both = (joinedload(Follow.follower), joinedload(Follow.followed))
    return session.scalars(select(Follow).where(either).order_by(Follow.id).options(*both)).all()


def _own(unit: Unit) -> Actor:
    relay = find_actor(unit, unit.instance.relay_uri) if unit.instance.relays else None
    if relay is None:
        raise Invalid(OFF)
    return relay
