"""Finding people: whom one might like to follow, who is here, whom those one follows know.

https://docs.joinmastodon.org/methods/suggestions/, https://docs.joinmastodon.org/methods/directory/ and
https://docs.joinmastodon.org/methods/accounts/#familiar_followers
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from enum import StrEnum

from msgspec import Struct
from sqlalchemy import ColumnElement, and_, exists, func, select
from sqlalchemy.orm import Session, aliased

from activitypub.domain_blocks import with_parents
from activitypub.models import Actor, DomainBlock, Follow
from activitypub.unit import Unit
from fediverse_kommune.inserts import insert_new_row
from fediverse_kommune.models import SuggestionDismissal
from fediverse_kommune.services.beginnings import unless_too_long
from fediverse_kommune.unwanted import is_silenced, is_unheard, is_unwanted

PEERS = 10  # found by one search; Mastodon's figure


class Source(StrEnum):
    """Why somebody is suggested. https://docs.joinmastodon.org/entities/Suggestion/#sources"""

    FRIENDS_OF_FRIENDS = "friends_of_friends"
    MOST_FOLLOWED = "most_followed"


class Order(StrEnum):
    """What stands first in the directory."""

    ACTIVE = "active"
    NEW = "new"


class Suggestion(Struct, frozen=True):
    """Somebody one might like to follow."""

    actor: Actor
    sources: tuple[Source, ...]


def suggest(session: Session, actor: Actor, limit: int) -> list[Suggestion]:
    """Return people who want to be found: first those whom many follow that the actor follows, then the most followed.

    Nobody whom the actor follows, has asked, does not want to see, is blocked by, or has dismissed. Two statements.
    """
    found = _friends_of_friends(session, actor, limit)
    known = {one.id for one in found}
    popular = _most_followed(session, actor, limit)
    sources = {one.id: (Source.FRIENDS_OF_FRIENDS,) for one in found}
    for one in popular:
        sources[one.id] = (*sources.get(one.id, ()), Source.MOST_FOLLOWED)
    people = [*found, *(one for one in popular if one.id not in known)]
    return [Suggestion(one, sources[one.id]) for one in people[:limit]]


def dismiss(unit: Unit, actor: Actor, target_id: int) -> None:
    """Suggest somebody no more; an id that nobody has does not matter."""
    if unit.get(Actor, target_id) is not None:
        insert_new_row(unit, SuggestionDismissal, actor_id=actor.id, target_id=target_id)


def _friends_of_friends(session: Session, actor: Actor, limit: int) -> list[Actor]:
    mine, theirs, friend = aliased(Follow), aliased(Follow), aliased(Actor)
    query = (
        select(Actor)
        .join(theirs, theirs.followed_id == Actor.id)
        .join(mine, mine.followed_id == theirs.follower_id)
        .join(friend, friend.id == mine.followed_id)
        .where(
            mine.follower_id == actor.id,
            mine.accepted_at.is_not(None),
            theirs.accepted_at.is_not(None),
            friend.hides_network.is_(False),
            _may_be_suggested(actor),
        )
        .group_by(Actor.id)
        .order_by(func.count().desc(), Actor.followers_count.desc(), Actor.id)
    )
    return list(session.scalars(query.limit(limit)))


def _most_followed(session: Session, actor: Actor, limit: int) -> list[Actor]:
    query = select(Actor).where(_may_be_suggested(actor), Actor.domain.is_(None))
    return list(session.scalars(query.order_by(Actor.followers_count.desc(), Actor.id).limit(limit)))


def _may_be_suggested(actor: Actor) -> ColumnElement[bool]:
    asked, dismissed = aliased(Follow), aliased(SuggestionDismissal)
    return and_(
        is_listed(),
        Actor.moved_to_uri.is_(None),
        Actor.id != actor.id,
        ~exists().where(asked.follower_id == actor.id, asked.followed_id == Actor.id),
        ~exists().where(dismissed.actor_id == actor.id, dismissed.target_id == Actor.id),
        ~is_unwanted(actor.id, Actor.id),
        ~is_unheard(actor.id, Actor.id),
    )


def is_listed() -> ColumnElement[bool]:
    """True for an actor that wants to be found and may be shown."""
    return and_(Actor.discoverable, Actor.suspended_at.is_(None), Actor.type != "Application", ~is_silenced(Actor.id))


def directory(
    session: Session, reader: Actor | None, *, order: Order, local: bool, limit: int, offset: int
) -> list[Actor]:
    """Return those who want to be found: who wrote last first, or who came last."""
    query = select(Actor).where(is_listed())
    if local:
        query = query.where(Actor.domain.is_(None))
    if reader is not None:
        query = query.where(~is_unwanted(reader.id, Actor.id), ~is_unheard(reader.id, Actor.id))
    first = Actor.last_status_at.desc().nulls_last() if order is Order.ACTIVE else Actor.created_at.desc()
    return list(session.scalars(query.order_by(first, Actor.id.desc()).limit(limit).offset(offset)))


def familiar_followers(session: Session, actor: Actor, ids: Collection[int]) -> Mapping[int, list[Actor]]:
    """Return for each of these actors who follows it of those that `actor` follows; who hides such things is not told.

    One statement.
    """
    mine, theirs, target = aliased(Follow), aliased(Follow), aliased(Actor)
    rows = session.execute(
        select(theirs.followed_id, Actor)
        .join(theirs, theirs.follower_id == Actor.id)
        .join(target, target.id == theirs.followed_id)
        .join(mine, and_(mine.followed_id == Actor.id, mine.follower_id == actor.id))
        .where(
            theirs.followed_id.in_(ids),
            theirs.accepted_at.is_not(None),
            mine.accepted_at.is_not(None),
            Actor.hides_network.is_(False),
            target.hides_network.is_(False),
            Actor.suspended_at.is_(None),
        )
        .order_by(theirs.id.desc())
    )
    found: dict[int, list[Actor]] = defaultdict(list)
    for followed_id, follower in rows:
        found[followed_id].append(follower)
    return found


def find_peers(session: Session, beginning: str | None = None) -> list[str]:
    """Return the servers we know somebody of and have not shut out; only some that begin with a text, if given."""
    known = select(Actor.host).where(Actor.domain.is_not(None), Actor.suspended_at.is_(None))
    if beginning is not None:
        begins = Actor.host.startswith(beginning.lower(), autoescape=True)
        known = known.where(unless_too_long(beginning, begins))
    shut_out = set(session.scalars(select(DomainBlock.domain)))
    known_hosts = session.scalars(known.distinct().order_by(Actor.host))
    hosts = [host for host in known_hosts if shut_out.isdisjoint(with_parents(host))]
    return hosts[:PEERS] if beginning is not None else hosts
