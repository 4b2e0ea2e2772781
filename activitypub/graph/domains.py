"""What moderators decide about whole domains, made true on the rows of those who live there.

A block marks the actors of its domain, and those who come to be known later, with the moment it was made: so lifting it
finds what it did, and leaves what was decided about a single actor. Where nobody is talked to who is not allowed, the
others bear a moment that no decision has (`OUTSIDE`). Of two decisions the one with the longer name counts, and of two
on one name the block.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, delete, exists, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from activitypub.domain_blocks import with_parents
from activitypub.events import DomainPolicyChanged, EndedFollow, TiesSevered
from activitypub.graph.reaction_counts import forget_reactions
from activitypub.models import Actor, DomainAllow, DomainBlock, EmojiReaction, Follow, Media, Severity, Status
from activitypub.unit import Unit

QUIET = {"synchronize_session": False}
# Never over, so that nothing of them is removed for good: a change of the configuration brings all of them back.
OUTSIDE = datetime(9000, 1, 1, tzinfo=UTC)
MARKS = {Severity.SUSPEND: Actor.suspended_at, Severity.SILENCE: Actor.silenced_at}


def of_domain(domain: str) -> ColumnElement[bool]:
    """Return the condition on `Actor` that holds for those of a domain and below it, by host or by handle."""
    # "." in front and ":" behind, so that one pattern finds the domain, what is below it, and a test network's ports.
    hosts = (Actor.host, Actor.domain)
    covered = [("." + host + ":").contains(f".{domain}:", autoescape=True) for host in hosts]
    return Actor.domain.is_not(None) & or_(*covered)


def impose(unit: Unit, block: DomainBlock) -> None:
    """Let a block take effect on whom we know of its domain, but for what is allowed below it."""
    covered = _covered(unit, block.domain)
    if block.severity is Severity.SUSPEND:
        sever(unit, block.domain, covered)
    mark = MARKS.get(block.severity)
    if mark is not None:
        concerned = update(Actor).where(covered, mark.is_(None))
        unit.execute(concerned.values({mark: block.created_at}).execution_options(**QUIET))
    if block.reject_media:
        _drop_media(unit, covered)
    unit.publish(DomainPolicyChanged(block.domain))


def lift(unit: Unit, block: DomainBlock) -> None:
    """Take back what a block did to actors; what other blocks say of them holds again. Follows stay cut."""
    _unmark(unit, block, of_domain(block.domain))
    for other in unit.scalars(select(DomainBlock).where(DomainBlock.domain != block.domain)).all():
        if block.domain in with_parents(other.domain) or other.domain in with_parents(block.domain):
            impose(unit, other)
    unit.publish(DomainPolicyChanged(block.domain))


def except_domain(unit: Unit, domain: str) -> None:
    """Let the blocks on domains above an allowed one hold for it no longer. Its allow is stored already."""
    for block in _blocks_above(unit, domain):
        _unmark(unit, block, of_domain(domain))
    for block in unit.scalars(select(DomainBlock)).all():
        if domain in with_parents(block.domain):
            impose(unit, block)
    unit.publish(DomainPolicyChanged(domain))


def end_exception(unit: Unit, domain: str) -> None:
    """Let the blocks on domains above one hold for it again. Its allow is gone already."""
    if unit.instance.limited_federation:
        sever(unit, domain, _not_allowed() & of_domain(domain))
    for block in _blocks_above(unit, domain):
        impose(unit, block)
    unit.publish(DomainPolicyChanged(domain))


def hold_to_allowlist(unit: Unit) -> None:
    """Show nobody whose server is not allowed where none but those are talked to; everybody again where that ended.

    For the start, too, when the configuration may have changed. No follow ends by it: what is a word in a file is taken
    back by a word.
    """
    hidden = Actor.suspended_at == OUTSIDE
    shown = update(Actor).where(hidden)
    if unit.instance.limited_federation:
        outside = update(Actor).where(Actor.suspended_at.is_(None), _not_allowed())
        unit.execute(outside.values(suspended_at=OUTSIDE).execution_options(**QUIET))
        shown = shown.where(~_not_allowed())
    unit.execute(shown.values(suspended_at=None).execution_options(**QUIET))


def sever(unit: Unit, domain: str, covered: ColumnElement[bool]) -> None:
    """End all follows between the actors of a domain for whom `covered` holds and ours; both sides hear of it.

    In a bounded number of statements here.
    """
    theirs = select(Actor.id).where(covered)
    rows = unit.execute(
        select(Follow.uri, Follow.follower_id, Follow.followed_id, Follow.accepted_at)
        .where(or_(Follow.follower_id.in_(theirs), Follow.followed_id.in_(theirs)))
        .order_by(Follow.id)
    ).all()
    if not rows:
        return
    remote = set(unit.scalars(theirs))
    held = [(follower, followed) for _, follower, followed, accepted_at in rows if accepted_at is not None]
    following = Counter(follower for follower, _ in held if follower not in remote)
    followers = Counter(followed for _, followed in held if followed not in remote)
    gone = or_(Follow.follower_id.in_(theirs), Follow.followed_id.in_(theirs))
    unit.execute(delete(Follow).where(gone).execution_options(**QUIET))
    none_left = update(Actor).where(covered).values(followers_count=0, following_count=0)
    unit.execute(none_left.execution_options(**QUIET))
    _count_down(unit, Actor.following_count, following)
    _count_down(unit, Actor.followers_count, followers)
    untold = [EndedFollow(uri, follower, followed) for uri, follower, followed, _ in rows]
    unit.publish(TiesSevered("domain_block", domain, following=following, followers=followers, untold=untold))


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
    """Return the blocks that hold for an actor: on its domains and those above them, but above what is allowed."""
    return blocks_on_hosts(session, [host for host in (actor.host, actor.domain) if host])


def blocks_on_hosts(session: Session, hosts: Sequence[str]) -> list[DomainBlock]:
    """Return the blocks that hold for any of these hosts."""
    names = {name for host in hosts for name in with_parents(host)}
    return list(session.scalars(_blocks_of(), {"names": sorted(names)}))


@cache
def _blocks_of() -> Select[DomainBlock]:
    named = DomainBlock.domain.in_(bindparam("names", expanding=True))
    excepting = exists().where(DomainAllow.domain.in_(bindparam("names", expanding=True)))
    excepting = excepting.where(DomainAllow.domain.endswith("." + DomainBlock.domain))
    return select(DomainBlock).where(named, ~excepting)


def _blocks_above(unit: Unit, domain: str) -> list[DomainBlock]:
    return list(unit.scalars(select(DomainBlock).where(DomainBlock.domain.in_(with_parents(domain)[1:]))))


def _covered(unit: Unit, domain: str) -> ColumnElement[bool]:
    """Return the condition on `Actor` that holds for those whom a block of this domain concerns."""
    below = unit.scalars(select(DomainAllow.domain).where(DomainAllow.domain.endswith(f".{domain}", autoescape=True)))
    return and_(of_domain(domain), *(~of_domain(allowed) for allowed in below))


def _not_allowed() -> ColumnElement[bool]:
    """Return the condition on `Actor` that holds for those whose server is not among the allowed ones."""
    covered = ("." + Actor.host + ":").like("%." + DomainAllow.domain + ":%")
    return and_(Actor.domain.is_not(None), ~exists().where(covered).correlate(Actor))


def _unmark(unit: Unit, block: DomainBlock, whom: ColumnElement[bool]) -> None:
    for mark in MARKS.values():
        marked = update(Actor).where(whom, mark == block.created_at)
        unit.execute(marked.values({mark: None}).execution_options(**QUIET))


def _drop_media(unit: Unit, covered: ColumnElement[bool]) -> None:
    """Show no file of these any more. Profiles have theirs again once they are read anew."""
    theirs = select(Actor.id).where(covered)
    unit.execute(delete(Media).where(Media.actor_id.in_(theirs)).execution_options(**QUIET))
    bare: dict[InstrumentedAttribute[Any], Any] = {Actor.avatar_url: None, Actor.header_url: None, Actor.emojis: []}
    unit.execute(update(Actor).where(covered).values(bare).execution_options(**QUIET))
    unit.execute(update(Status).where(Status.actor_id.in_(theirs)).values(emojis=[]).execution_options(**QUIET))
    forget_reactions(unit, and_(EmojiReaction.actor_id.in_(theirs), EmojiReaction.url.is_not(None)))


def _count_down(unit: Unit, counter: InstrumentedAttribute[int], lost: Mapping[int, int]) -> None:
    """Move the counters of ours, in the order of their ids: two units at once must not wait for each other."""
    if not lost:
        return
    step = update(Actor).where(Actor.id == bindparam("actor")).values({counter.key: counter - bindparam("lost")})
    unit.run(step, [{"actor": actor_id, "lost": number} for actor_id, number in sorted(lost.items())])
