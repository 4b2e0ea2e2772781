"""Servers of which a local actor wants to see nothing ("domain blocks" in the client API).

https://docs.joinmastodon.org/methods/domain_blocks/
"""

import re

from msgspec import Struct
from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, joinedload

from activitypub.graph import relationships as graph
from activitypub.instance import LocalInstance
from activitypub.models import Actor, Follow, new_id
from activitypub.unit import Unit
from fediverse_kommune.fanout.telling import News, tell
from fediverse_kommune.inserts import insert_new_row
from fediverse_kommune.models import DomainMute, Notification, NotificationType, Severance
from fediverse_kommune.services.refusals import Invalid
from fediverse_kommune.unwanted import is_of_domain
from outbox import send
from webfinger.host import InvalidHost, canonical_host

# What Mastodon takes as well although no server can have it: one label.
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")


class Cost(Struct, frozen=True):
    """How many follows a block of a domain would end."""

    following: int
    followers: int


def parse_domain(text: str, instance: LocalInstance) -> str:
    """Return a domain in the spelling in which it is stored. Raises `Invalid` for what cannot be one."""
    if not text.strip():
        raise Invalid("Validation failed: Domain can't be blank")
    try:
        return canonical_host(text, test_network=instance.test_network)
    except InvalidHost:
        if _LABEL.fullmatch(text.lower()):
            return text.lower()
        raise Invalid("Validation failed: Domain is not a valid domain name") from None


def block_domain(unit: Unit, actor: Actor, domain: str) -> None:
    """See and hear nothing of a domain any more, and end all follows with it, both ways. A second time does nothing."""
    row = {"id": new_id(unit.now), "actor_id": actor.id, "domain": domain, "created_at": unit.now}
    if not insert_new_row(unit, DomainMute, **row):
        return
    _sever(unit, actor, domain)
    theirs = select(Actor.id).where(is_of_domain(Actor, domain))
    unit.execute(
        delete(Notification)
        .where(Notification.actor_id == actor.id, Notification.from_actor_id.in_(theirs))
        .execution_options(synchronize_session=False)
    )


def _sever(unit: Unit, actor: Actor, domain: str) -> None:
    """End all follows and requests between an actor and a domain, tell the others, and note how many it were."""
    cost = count_cost(unit, actor, domain)
    for follow in _follows_with(unit, actor, domain):
        graph.end_follow(unit, follow)
        if follow.follower_id == actor.id:
            send.send_undo_follow(unit, follow)
        else:
            send.send_reject(unit, follow)
    if not cost.following and not cost.followers:
        return
    severance = Severance(
        id=new_id(unit.now),
        actor_id=actor.id,
        type="user_domain_block",
        target_name=domain,
        followers_count=cost.followers,
        following_count=cost.following,
        created_at=unit.now,
    )
    unit.add(severance)
    unit.flush()
    news = News(NotificationType.SEVERED_RELATIONSHIPS, severance_id=severance.id)
    tell(unit, [actor.id], news)


def unblock_domain(unit: Unit, actor: Actor, domain: str) -> None:
    """See a domain again. The follows that ended stay ended."""
    unit.execute(delete(DomainMute).where(DomainMute.actor_id == actor.id, DomainMute.domain == domain))


def count_cost(session: Session, actor: Actor, domain: str) -> Cost:
    """Return what a block of a domain would end, before it is made."""

    def count(own: InstrumentedAttribute[int], other: InstrumentedAttribute[int]) -> int:
        query = select(func.count()).select_from(Follow).join(Actor, Actor.id == other)
        held = query.where(own == actor.id, Follow.accepted_at.is_not(None), is_of_domain(Actor, domain))
        return session.scalar(held) or 0

    return Cost(
        following=count(Follow.follower_id, Follow.followed_id), followers=count(Follow.followed_id, Follow.follower_id)
    )


def _follows_with(unit: Unit, actor: Actor, domain: str) -> list[Follow]:
    """Return all follows and requests between an actor and a domain."""
    theirs = select(Actor.id).where(is_of_domain(Actor, domain))
    between = or_(
        (Follow.follower_id == actor.id) & Follow.followed_id.in_(theirs),
        (Follow.followed_id == actor.id) & Follow.follower_id.in_(theirs),
    )
    query = select(Follow).where(between).options(joinedload(Follow.follower), joinedload(Follow.followed))
    return list(unit.scalars(query))
