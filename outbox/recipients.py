"""Who gets an activity: from actors and followers to inboxes, each once, and to nobody else.

Never an inbox of ours, of a suspended actor, or of a domain that this town has shut out. A server with a
shared inbox gets one copy there for all of its people.

An unavailable server (`Instance.unavailable_since`) gets a probe: as long as nothing waits for it, the next
activity does, and its success revives the server. So a dead server costs one row, however much is posted.

Source: https://www.w3.org/TR/activitypub/#delivery
"""

from collections.abc import Collection
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, SelectBase, case, exists, func, literal, or_, select, true

from activitypub.domain_blocks import suspended_hosts, with_parents
from activitypub.models import Actor, DomainAllow, Follow, Instance
from activitypub.unit import Unit
from outbox.models import Lane


class Inbox(NamedTuple):
    """Where to deliver: the URI of an inbox, and the host its owner lives on."""

    uri: str
    host: str


def inboxes_of(
    unit: Unit,
    *,
    actors: Collection[int],
    followers_of: int | None = None,
    others: SelectBase | None = None,
    shared: bool = True,
) -> list[Inbox]:
    """Return the inboxes of `actors`, then those of the accepted followers of an actor and of `others`.

    `others` selects more actor ids. Local actors may be among all of them and are left out. With `shared`
    off, personal inboxes are taken even where there is a shared one: for what concerns a single actor.
    """
    named = Actor.id.in_(actors)
    wanted = [named]
    if followers_of is not None:
        wanted.append(Actor.id.in_(_followers(followers_of)))
    if others is not None:
        wanted.append(Actor.id.in_(others))
    if len(wanted) == 1 and not actors:
        return []
    return _reachable(unit, or_(*wanted), rank=case((named, 0), else_=1), shared=shared)


def of_county(unit: Unit, inboxes: Collection[Inbox]) -> list[Inbox]:
    """Return those on servers that are allowed by name: what is for the county goes nowhere else."""
    allowed = set(unit.scalars(select(DomainAllow.domain)))
    return [inbox for inbox in inboxes if not allowed.isdisjoint(with_parents(inbox.host))]


def all_inboxes(unit: Unit) -> list[Inbox]:
    """Return one inbox of every server that we know, for what all of them have to hear: an actor is gone."""
    return _reachable(unit, true(), rank=literal(0), shared=True)


def _followers(actor_id: int) -> Select[int]:
    return select(Follow.follower_id).where(Follow.followed_id == actor_id, Follow.accepted_at.is_not(None))


def _reachable(unit: Unit, wanted: ColumnElement[bool], *, rank: ColumnElement[int], shared: bool) -> list[Inbox]:
    """Run the one statement, then leave out what this town has shut out, by host or by domain of a handle."""
    inbox = func.coalesce(Actor.shared_inbox_uri, Actor.inbox_uri) if shared else Actor.inbox_uri
    rows = unit.execute(
        select(inbox, Actor.host, Actor.domain)
        .outerjoin(Instance, Instance.host == Actor.host)
        .where(
            wanted,
            Actor.domain.is_not(None),
            Actor.suspended_at.is_(None),
            or_(Instance.unavailable_since.is_(None), ~exists().where(Lane.host == Actor.host)),
        )
        .group_by(inbox, Actor.host, Actor.domain)
        .order_by(func.min(rank), inbox)
    ).all()
    shut_out = _shut_out(unit, rows)
    reachable = [Inbox(uri, host) for uri, host, domain in rows if shut_out.isdisjoint((host, domain))]
    return list(dict.fromkeys(reachable))


def _shut_out(unit: Unit, rows: Collection[Any]) -> frozenset[str]:
    """Return the hosts among the rows that nothing goes to: the suspended ones, and our own."""
    hosts = {name for _, host, domain in rows for name in (host, domain)}
    return suspended_hosts(unit, unit.instance, hosts) | unit.instance.hosts
