"""What administrators and moderators see of other servers: contact, failures, what waits, what was refused, limits.

Numbers and reasons only. Nothing here reads a post, and no reason names a person.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from msgspec import Struct
from sqlalchemy import ColumnElement, Select, func, or_, select, union
from sqlalchemy.orm import InstrumentedAttribute, Session

from activitypub.domain_blocks import with_parents
from activitypub.graph.domains import blocks_on_hosts
from activitypub.models import Actor, DomainAllow, DomainBlock, Follow, Instance
from inbox.models import InboxItem, RefusedArrival
from outbox.models import Delivery, DeliveryDay, Lane

PAGE = 50  # hosts on a page
REASONS = 20  # that are told of a host
DAYS = 30

_ADDRESS = re.compile(r"https?://\S+|(?<![\w.+-])@?[\w.+-]++@[\w.-]+")  # a name is tried from its beginning alone


class Which(StrEnum):
    """Which servers are listed."""

    ALL = "all"
    TROUBLED = "troubled"
    REFUSED = "refused"
    LIMITED = "limited"
    ALLOWED = "allowed"


class Line(Struct, frozen=True):
    """A server in the list."""

    host: str
    last_arrival: datetime | None = None
    last_success: datetime | None = None
    last_failure: datetime | None = None
    unavailable_since: datetime | None = None
    waiting: int = 0
    refused: int = 0
    limits: tuple[DomainBlock, ...] = ()
    is_allowed: bool = False

    @property
    def is_troubled(self) -> bool:
        """True if the last that was sent there failed."""
        return self.last_failure is not None and (self.last_success is None or self.last_success < self.last_failure)


class Reason(Struct, frozen=True):
    """Something that happened several times, and when last."""

    word: str
    what: str
    count: int
    last_at: datetime | None


class Day(Struct, frozen=True):
    """What came of deliveries on a day."""

    day: date
    delivered: int
    failed: int


class Overview(Struct, frozen=True):
    """A page of the list; `after` is where the next one begins."""

    lines: list[Line]
    after: str | None
    days: list[Day]
    totals: Mapping[str, int]


class HostPage(Struct, frozen=True):
    """Everything about one server."""

    line: Line
    first_seen: datetime | None
    next_attempt: datetime | None
    refused: list[Reason]
    without_effect: list[Reason]
    failed: list[Reason]
    days: list[Day]
    block: DomainBlock | None
    allow: DomainAllow | None
    follows: int


def read_overview(session: Session, which: Which, search: str, after: str, now: datetime) -> Overview:
    """Return a page of servers in the order of their names, each with what is going on, in a few statements."""
    names = _named(which).subquery()
    query = select(names.c.host).where(names.c.host > after).order_by(names.c.host).limit(PAGE + 1)
    if search:
        query = query.where(names.c.host.contains(search.lower(), autoescape=True))
    hosts = list(session.scalars(query))
    return Overview(
        _lines(session, hosts[:PAGE]),
        hosts[PAGE - 1] if len(hosts) > PAGE else None,
        _days(session, now, None),
        _totals(session),
    )


def read_host(session: Session, host: str, now: datetime) -> HostPage:
    """Return what is known of a server, if only that it is not known: it can be limited before it comes."""
    row = session.get(Instance, host)
    domain = with_parents(host)[0]
    return HostPage(
        _lines(session, [host])[0],
        row.first_seen_at if row else None,
        session.scalar(select(func.min(Lane.next_attempt_at)).where(Lane.host == host)),
        _refused(session, host),
        _without_effect(session, host),
        _failed(session, host),
        _days(session, now, host),
        session.get(DomainBlock, domain),
        session.get(DomainAllow, domain),
        follows_with(session, domain),
    )


def follows_with(session: Session, domain: str) -> int:
    """Return how many follows hang on a domain and what is below it."""
    theirs = select(Actor.id).where(("." + Actor.host + ":").contains(f".{domain}:", autoescape=True))
    between = or_(Follow.follower_id.in_(theirs), Follow.followed_id.in_(theirs))
    return session.scalar(select(func.count()).select_from(Follow).where(between)) or 0


def _named(which: Which) -> Select[Any]:
    """Select the names of servers as `host`."""
    troubled = or_(
        Instance.unavailable_since.is_not(None),
        Instance.last_failure_at.is_not(None)
        & or_(Instance.last_success_at.is_(None), Instance.last_success_at < Instance.last_failure_at),
    )
    queries: dict[Which, Sequence[Select[Any]]] = {
        Which.ALL: (
            select(Instance.host.label("host")),
            select(Actor.host).where(Actor.domain.is_not(None)),
            select(DomainBlock.domain),
            select(DomainAllow.domain),
        ),
        Which.TROUBLED: (select(Instance.host.label("host")).where(troubled),),
        Which.REFUSED: (select(RefusedArrival.host.label("host")).where(RefusedArrival.host != "").distinct(),),
        Which.LIMITED: (select(DomainBlock.domain.label("host")),),
        Which.ALLOWED: (select(DomainAllow.domain.label("host")),),
    }
    found = union(*queries[which]).subquery()
    return select(found.c.host)


def _lines(session: Session, hosts: Sequence[str]) -> list[Line]:
    """Return what goes on with these servers, in five statements however many they are."""
    if not hosts:
        return []
    rows = {row.host: row for row in session.scalars(select(Instance).where(Instance.host.in_(hosts)))}
    arrivals = _by_host(session, InboxItem.origin, func.max(InboxItem.received_at), InboxItem.origin.in_(hosts))
    waiting = _waiting(session, hosts)
    refused = _by_host(session, RefusedArrival.host, func.sum(RefusedArrival.count), RefusedArrival.host.in_(hosts))
    limits = _limits(session, hosts)
    allowed = set(session.scalars(select(DomainAllow.domain)))
    return [
        Line(
            host,
            arrivals.get(host),
            rows[host].last_success_at if host in rows else None,
            rows[host].last_failure_at if host in rows else None,
            rows[host].unavailable_since if host in rows else None,
            waiting.get(host, 0),
            refused.get(host, 0),
            limits[host],
            not allowed.isdisjoint(with_parents(host)),
        )
        for host in hosts
    ]


def _limits(session: Session, hosts: Iterable[str]) -> dict[str, tuple[DomainBlock, ...]]:
    """Return the blocks in force for each of these servers; most have none, and cost nothing."""
    blocks = set(session.scalars(select(DomainBlock.domain)))
    return {host: tuple(blocks_on_hosts(session, [host])) if blocks & set(with_parents(host)) else () for host in hosts}


def _by_host(
    session: Session, host: InstrumentedAttribute[str], figure: Any, condition: ColumnElement[bool]
) -> dict[str, Any]:
    rows = session.execute(select(host, figure).where(condition).group_by(host))
    return {name: value for name, value in rows}  # noqa: C416 (the rows are no pairs to mypy)


def _waiting(session: Session, hosts: Collection[str]) -> dict[str, int]:
    rows = session.execute(
        select(Lane.host, func.count())
        .join(Delivery, Delivery.lane_id == Lane.id)
        .where(Lane.host.in_(hosts), Delivery.given_up_at.is_(None))
        .group_by(Lane.host)
    )
    return {host: count for host, count in rows}  # noqa: C416


def _refused(session: Session, host: str) -> list[Reason]:
    """Return why something was refused in the name of a server, the most frequent first."""
    count = func.sum(RefusedArrival.count)
    rows = session.execute(
        select(RefusedArrival.reason, RefusedArrival.what, count, func.max(RefusedArrival.last_at))
        .where(RefusedArrival.host == host)
        .group_by(RefusedArrival.reason, RefusedArrival.what)
        .order_by(count.desc())
        .limit(REASONS)
    )
    return [Reason(*row) for row in rows]


def _without_effect(session: Session, host: str) -> list[Reason]:
    """Return why something that was believed changed nothing here, or could not be dealt with."""
    rows = session.execute(
        select(InboxItem.last_error, InboxItem.type, func.count(), func.max(InboxItem.received_at))
        .where(InboxItem.origin.in_([host, f"~{host}"]), InboxItem.last_error.is_not(None))
        .group_by(InboxItem.last_error, InboxItem.type)
        .order_by(func.count().desc())
        .limit(5 * REASONS)
    )
    return _without_addresses(rows)


def _failed(session: Session, host: str) -> list[Reason]:
    """Return why deliveries to a server were put off or given up."""
    lanes = select(Lane.id).where(Lane.host == host)
    there = or_(
        *(Delivery.inbox_uri.startswith(f"{scheme}://{host}/", autoescape=True) for scheme in ("https", "http"))
    )
    rows = session.execute(
        select(
            Delivery.last_error,
            func.max(Delivery.given_up_at),
            func.count(),
            func.max(func.coalesce(Delivery.given_up_at, Delivery.created_at)),
        )
        .where(Delivery.last_error.is_not(None))
        .where(Delivery.lane_id.in_(lanes) | (Delivery.given_up_at.is_not(None) & there))
        .group_by(Delivery.last_error)
        .order_by(func.count().desc())
        .limit(5 * REASONS)
    )
    return _without_addresses((error, "given_up" if over else "", count, last) for error, over, count, last in rows)


def _without_addresses(rows: Iterable[Any]) -> list[Reason]:
    """Leave out of reasons whom they are about, and add up those that are the same then."""
    found: dict[tuple[str, str], list[tuple[int, datetime]]] = defaultdict(list)
    for error, what, count, last_at in rows:
        found[_ADDRESS.sub("…", error), what].append((count, last_at))
    reasons = [
        Reason(word, what, sum(count for count, _ in each), max(last_at for _, last_at in each))
        for (word, what), each in found.items()
    ]
    return sorted(reasons, key=lambda reason: -reason.count)[:REASONS]


def _days(session: Session, now: datetime, host: str | None) -> list[Day]:
    """Return what came of deliveries on each of the last days, today included."""
    first = now.date() - timedelta(days=DAYS - 1)
    query = select(DeliveryDay.day, func.sum(DeliveryDay.delivered), func.sum(DeliveryDay.failed))
    query = query.where(DeliveryDay.day >= first).group_by(DeliveryDay.day)
    if host is not None:
        query = query.where(DeliveryDay.host == host)
    known = {day: (delivered, failed) for day, delivered, failed in session.execute(query)}
    days = [first + timedelta(days=number) for number in range(DAYS)]
    return [Day(day, *known.get(day, (0, 0))) for day in days]


def _totals(session: Session) -> dict[str, int]:
    return {
        str(which): session.scalar(select(func.count()).select_from(_named(which).subquery())) or 0 for which in Which
    }
