"""What is known here about an arriving status before it is kept."""

from collections.abc import Mapping
from functools import cache

from msgspec import Struct
from sqlalchemy import Select, String, bindparam, exists, or_, select
from sqlalchemy.orm import Session, aliased

from activitypub.graph.remote import addressed_uris
from activitypub.models import Actor, Follow, Status
from activitypub.vocabulary import PUBLIC, RemoteStatus


class Surroundings(Struct, frozen=True):
    """What is known here about an arriving status: whether it concerns anybody, and whom it addresses."""

    concerns_us: bool
    known: Mapping[str, Actor]


def look_around(session: Session, remote: RemoteStatus, sender: Actor) -> Surroundings:
    """Return what matters for keeping a status, in two statements at most."""
    uris = addressed_uris(remote) - {PUBLIC, sender.followers_uri}
    actors = session.scalars(select(Actor).where(Actor.uri.in_(uris))) if uris else ()
    known = {actor.uri: actor for actor in actors}
    concerns_us = any(actor.is_local for actor in known.values()) or bool(
        session.scalar(
            _followed_or_answering(), {"author": sender.id, "parent": remote.in_reply_to, "quoted": remote.quote}
        )
    )
    return Surroundings(concerns_us, known)


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
    answering = exists().where(Status.uri == bindparam("parent", type_=String))
    quoting = exists().where(Status.uri == bindparam("quoted", type_=String), Status.local)
    return select(or_(followed, answering, quoting))
