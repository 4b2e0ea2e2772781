"""What moderators decide about whole domains, made true on the rows of those who live there.

A block marks the actors of its domain, and those who come to be known later, with the moment it was made: so lifting it
finds what it did, and leaves what was decided about a single actor.
"""

from collections import Counter
from collections.abc import Mapping
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, delete, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from activitypub.domain_blocks import with_parents
from activitypub.events import DomainPolicyChanged, TiesSevered
from activitypub.models import Actor, DomainBlock, Follow, Media, Severity, Status
from activitypub.unit import Unit

QUIET = {"synchronize_session": False}
MARKS = {Severity.SUSPEND: Actor.suspended_at, Severity.SILENCE: Actor.silenced_at}


def of_domain(domain: str) -> ColumnElement[bool]:
    """Return the condition on `Actor` that holds for those of a domain and below it, by host or by handle."""
    # "." in front and ":" behind, so that one pattern finds the domain, what is below it, and a test network's ports.
    hosts = (Actor.host, Actor.domain)
    covered = [("." + host + ":").contains(f".{domain}:", autoescape=True) for host in hosts]
    return Actor.domain.is_not(None) & or_(*covered)


def impose(unit: Unit, block: DomainBlock) -> None:
    """Let a block take effect on whom we know of its domain."""
    if block.severity is Severity.SUSPEND:
        sever(unit, block.domain)
    mark = MARKS.get(block.severity)
    if mark is not None:
        concerned = update(Actor).where(of_domain(block.domain), mark.is_(None))
        unit.execute(concerned.values({mark: block.created_at}).execution_options(**QUIET))
    if block.reject_media:
        _drop_media(unit, block.domain)
    unit.publish(DomainPolicyChanged(block.domain))


def lift(unit: Unit, block: DomainBlock) -> None:
    """Take back what a block did to actors; what other blocks say of them holds again. Follows stay cut."""
    for mark in MARKS.values():
        marked = update(Actor).where(of_domain(block.domain), mark == block.created_at)
        unit.execute(marked.values({mark: None}).execution_options(**QUIET))
    others = select(DomainBlock).where(DomainBlock.domain != block.domain)
    for other in unit.scalars(others).all():
        if block.domain in with_parents(other.domain) or other.domain in with_parents(block.domain):
            impose(unit, other)
    unit.publish(DomainPolicyChanged(block.domain))


def sever(unit: Unit, domain: str) -> None:
    """End all follows between a domain and ours, in a bounded number of statements, and tell ours what they lost."""
    theirs = select(Actor.id).where(of_domain(domain))
    rows = unit.execute(
        select(Follow.follower_id, Follow.followed_id, Follow.accepted_at).where(
            or_(Follow.follower_id.in_(theirs), Follow.followed_id.in_(theirs))
        )
    ).all()
    if not rows:
        return
    remote = set(unit.scalars(theirs))
    held = [(follower, followed) for follower, followed, accepted_at in rows if accepted_at is not None]
    following = Counter(follower for follower, _ in held if follower not in remote)
    followers = Counter(followed for _, followed in held if followed not in remote)
    gone = or_(Follow.follower_id.in_(theirs), Follow.followed_id.in_(theirs))
    unit.execute(delete(Follow).where(gone).execution_options(**QUIET))
    none_left = update(Actor).where(of_domain(domain)).values(followers_count=0, following_count=0)
    unit.execute(none_left.execution_options(**QUIET))
    _count_down(unit, Actor.following_count, following)
    _count_down(unit, Actor.followers_count, followers)
    if held:
        unit.publish(TiesSevered("domain_block", domain, following=following, followers=followers))


def mark_newcomer(unit: Unit, actor: Actor) -> None:
    """Let the blocks of its domain hold for an actor that has just been read for the first time."""
    for block in blocks_on(unit, actor):
        mark = MARKS.get(block.severity)
        if mark is not None and getattr(actor, mark.key) is None:
            setattr(actor, mark.key, block.created_at)


def rejects_media(session: Session, actor: Actor) -> bool:
    """True if moderators want no files of this actor's server."""
    return not actor.is_local and any(block.reject_media for block in blocks_on(session, actor))


def blocks_on(session: Session, actor: Actor) -> list[DomainBlock]:
    """Return the blocks on the domains of an actor and those above them."""
    names = {name for host in (actor.host, actor.domain) if host for name in with_parents(host)}
    return list(session.scalars(_blocks_of(), {"names": sorted(names)}))


@cache
def _blocks_of() -> Select[DomainBlock]:
    return select(DomainBlock).where(DomainBlock.domain.in_(bindparam("names", expanding=True)))


def _drop_media(unit: Unit, domain: str) -> None:
    """Show no file of a domain any more. Profiles have theirs again once they are read anew."""
    theirs = select(Actor.id).where(of_domain(domain))
    unit.execute(delete(Media).where(Media.actor_id.in_(theirs)).execution_options(**QUIET))
    bare: dict[InstrumentedAttribute[Any], Any] = {Actor.avatar_url: None, Actor.header_url: None, Actor.emojis: []}
    unit.execute(update(Actor).where(of_domain(domain)).values(bare).execution_options(**QUIET))
    unit.execute(update(Status).where(Status.actor_id.in_(theirs)).values(emojis=[]).execution_options(**QUIET))


def _count_down(unit: Unit, counter: InstrumentedAttribute[int], lost: Mapping[int, int]) -> None:
    """Move the counters of ours, in the order of their ids: two units at once must not wait for each other."""
    if not lost:
        return
    step = update(Actor).where(Actor.id == bindparam("actor")).values({counter.key: counter - bindparam("lost")})
    unit.run(step, [{"actor": actor_id, "lost": number} for actor_id, number in sorted(lost.items())])
