"""What is known here about an arriving status before it is kept."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from msgspec import Struct
from sqlalchemy import ColumnElement, Select, String, bindparam, exists, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from activitypub.graph.remote import addressed_uris
from activitypub.instance import LocalInstance
from activitypub.models import Actor, Block, Follow, Status
from activitypub.vocabulary import PUBLIC, RemoteStatus
from outbox.relay import is_member


class Surroundings(Struct, frozen=True):
    """What is known here about an arriving status: whether it concerns anybody, and whom it addresses.

    One that is for our relay concerns those who follow that.
    """

    concerns_us: bool
    known: Mapping[str, Actor]
    is_for_relay: bool


def look_around(session: Session, remote: RemoteStatus, sender: Actor, instance: LocalInstance) -> Surroundings:
    """Return what matters for keeping a status, in two statements at most, and two more where there is a relay.

    Whoever has blocked its author is not concerned by it (row I03).
    """
    uris = addressed_uris(remote) - {PUBLIC, sender.followers_uri}
    addressed = select(Actor, _has_blocked(Actor.id, sender.id)).where(Actor.uri.in_(uris))
    actors = session.execute(addressed).all() if uris else ()
    known = {actor.uri: actor for actor, _ in actors}
    concerns_us = any(actor.is_local and not shut for actor, shut in actors) or bool(
        session.scalar(
            _followed_or_answering(), {"author": sender.id, "parent": remote.in_reply_to, "quoted": remote.quote}
        )
    )
    is_public = PUBLIC in remote.to and instance.relays
    is_for_relay = is_public and is_member(session, instance.relay_uri, sender.host)
    return Surroundings(concerns_us or is_for_relay, known, is_for_relay)


@cache
def _followed_or_answering() -> Select[bool]:
    """Select whether somebody here follows `:author`, the status `:parent` is known, or `:quoted` is one of ours."""
    local = aliased(Actor)
    followed = exists().where(
        Follow.followed_id == bindparam("author"),
        Follow.accepted_at.is_not(None),
        local.id == Follow.follower_id,
        local.domain.is_(None),
    )
    shut = _has_blocked(Status.actor_id, bindparam("author"))
    answering = exists().where(Status.uri == bindparam("parent", type_=String), ~shut)
    quoting = exists().where(Status.uri == bindparam("quoted", type_=String), Status.local, ~shut)
    return select(or_(followed, answering, quoting))


def _has_blocked(actor_id: InstrumentedAttribute[int], target_id: Any) -> ColumnElement[bool]:
    return exists().where(Block.actor_id == actor_id, Block.target_id == target_id)
