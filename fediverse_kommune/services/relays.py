"""Which relays this town subscribes to, and which servers may subscribe to its own.

Whom its own relay passes on is decided by who is allowed (`DomainAllow`): they subscribe unasked, everybody else waits
for somebody here to say yes, which allows their server.
"""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from activitypub.graph import relationships as graph
from activitypub.graph.actors import find_actor
from activitypub.models import Actor, Follow
from activitypub.unit import Unit
from fediverse_kommune.catalogues import sentence
from fediverse_kommune.services.federation_policy import allow_domain
from fediverse_kommune.services.refusals import Invalid, NotFound
from fediverse_kommune.services.staff import Done, Officer, Permission, carry_out, deed
from outbox import send
from outbox.relay import is_of_county

NEEDED = Permission.MANAGE_FEDERATION
OFF = sentence("[federation] relay is off: this server neither is a relay nor can subscribe to one. Set it to true.")
A_PERSON = sentence("This is the address of a person, not of a relay.")


class Tie(Struct, frozen=True):
    """One way between our relay and a partner: since when it is asked for or holds."""

    since: datetime
    holds: bool


class Partner(Struct, frozen=True):
    """A relay or a server, what comes from it, and what it gets."""

    uri: str
    host: str
    comes: Tie | None = None
    goes: Tie | None = None

    @property
    def waits(self) -> bool:
        """True if it wants what we pass on, and nobody here has decided."""
        return self.goes is not None and not self.goes.holds


@deed("relay.subscribe", NEEDED)
def subscribe(unit: Unit, _officer: Officer, uri: str) -> Done[Follow]:
    """Ask a relay, whose actor is known already, for what it passes on. Raises `Invalid` and `NotFound`."""
    relay, ours = find_actor(unit, uri), _own(unit)
    if relay is None or relay.is_local:
        raise NotFound
    if relay.type not in {"Application", "Service", "Group"}:
        raise Invalid(A_PERSON)
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


@deed("relay.accept", NEEDED)
def accept(unit: Unit, officer: Officer, uri: str) -> Done[None]:
    """Let a server that waits subscribe, and allow it, which is what our relay goes by. Raises `NotFound`.

    It is followed in return: LitePub's relays announce only to those who follow. What needs none says no to that.
    """
    row, ours = _waiting(unit, uri), _own(unit)
    if not is_of_county(unit, row.follower.host):
        carry_out(unit, officer, allow_domain, row.follower.host)
    graph.accept_follow(unit, row)
    send.send_accept(unit, row)
    if graph.find_follow(unit, ours.id, row.follower_id) is None:
        send.send_follow(unit, graph.follow(unit, ours, row.follower))
    return Done(uri, None)


@deed("relay.refuse", NEEDED)
def refuse(unit: Unit, _officer: Officer, uri: str) -> Done[None]:
    """Tell a server that waits that it gets nothing. Raises `NotFound`."""
    row = _waiting(unit, uri)
    graph.end_follow(unit, row)
    send.send_reject(unit, row)
    return Done(uri, None)


def read_partners(session: Session, relay_uri: str) -> list[Partner]:
    """Return everybody our relay has to do with, those who wait first, in one statement."""
    found: dict[str, Partner] = {}
    for row in partners(session, relay_uri):
        outward = row.follower.uri == relay_uri
        other = row.followed if outward else row.follower
        tie = Tie(row.accepted_at or row.created_at, row.accepted_at is not None)
        known = found.get(other.uri) or Partner(other.uri, other.host)
        found[other.uri] = replace(known, comes=tie) if outward else replace(known, goes=tie)
    return sorted(found.values(), key=lambda partner: (not partner.waits, partner.host))


def partners(session: Session, relay_uri: str) -> Sequence[Follow]:
    """Return the follows of our relay, both ways, with both actors."""
    ours = select(Actor.id).where(Actor.uri == relay_uri)
    either = Follow.follower_id.in_(ours) | Follow.followed_id.in_(ours)
    both = (joinedload(Follow.follower), joinedload(Follow.followed))
    return session.scalars(select(Follow).where(either).order_by(Follow.id).options(*both)).all()


def _waiting(unit: Unit, uri: str) -> Follow:
    """Return the request of a server to get what we pass on. Raises `NotFound`."""
    actor = find_actor(unit, uri)
    row = graph.find_follow(unit, actor.id, _own(unit).id) if actor else None
    if row is None or row.accepted_at is not None:
        raise NotFound
    return row


def _own(unit: Unit) -> Actor:
    relay = find_actor(unit, unit.instance.relay_uri) if unit.instance.relays else None
    if relay is None:
        raise Invalid(OFF)
    return relay
