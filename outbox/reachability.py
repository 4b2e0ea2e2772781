"""Which servers live, over days: what decides whether a server is still worth a row in the queue.

A server that failed on seven distinct days without a success in between is unavailable: it gets one probe at
a time (`outbox/recipients.py`). Any success revives it, and so does anything that arrives from it. Anchor:
Mastodon.
"""

from collections.abc import Collection
from datetime import timedelta
from functools import cache

from sqlalchemy import Select, bindparam, delete, exists, or_, select, update

from activitypub.models import Actor, Instance
from activitypub.models.base import Instant
from activitypub.on_conflict import insert_for
from activitypub.unit import Unit
from outbox.lanes import QUIET
from outbox.models import Lane

UNAVAILABLE_AFTER_DAYS = 7
# A server that lives is noted once an hour, not at every delivery.
NOTED_FOR = timedelta(hours=1)
# However much arrives from a server that takes nothing, what waits for it is pulled forward this seldom.
PULLED_EVERY = timedelta(minutes=10)
# A server that never took anything, and where nobody is known any more, is forgotten after this time (row E13).
FORGOTTEN_AFTER = timedelta(days=30)


def note_hosts(unit: Unit, *, alive: Collection[str], failed: Collection[str]) -> None:
    """Write down which hosts took a delivery and which failed. One that did both lives."""
    healthy = unit.run(_noted(), {"hosts": sorted(alive), "recently": unit.now - NOTED_FOR}).scalars()
    for row in _rows_of(unit, {*alive, *failed}.difference(healthy)):
        if row.host in alive:
            _note_success(unit, row)
        else:
            _note_failure(unit, row)
    unit.flush()


def hosts_are_alive(unit: Unit, hosts: Collection[str]) -> None:
    """Note that something arrived from these hosts: they live, and what waits for them may go now. One read."""
    for row in unit.scalars(_troubled(), {"hosts": list(hosts)}):
        quiet_since = row.last_failure_at or unit.now
        _forgive(row)
        if unit.now - quiet_since > PULLED_EVERY:
            _pull_forward(unit, row.host)
    unit.flush()


def forget_strangers(unit: Unit) -> None:
    """Forget servers that only ever failed, long ago, and of which nobody is known here."""
    unknown = ~exists().where(Actor.host == Instance.host)
    old = Instance.last_success_at.is_(None) & (Instance.last_failure_at < unit.now - FORGOTTEN_AFTER)
    unit.execute(delete(Instance).where(old, unknown).execution_options(**QUIET))


@cache
def _noted() -> Select[str]:
    """Select those of `:hosts` of whose last success we know, which was `:recently` and not before a failure."""
    named = Instance.host.in_(bindparam("hosts", expanding=True))
    recent = Instance.last_success_at >= bindparam("recently", type_=Instant)
    unbroken = or_(Instance.last_failure_at.is_(None), Instance.last_success_at >= Instance.last_failure_at)
    return select(Instance.host).where(named, recent, unbroken)


@cache
def _troubled() -> Select[Instance]:
    """Select those of `:hosts` of which the last we know is a failure."""
    troubled = or_(Instance.last_success_at.is_(None), Instance.last_success_at < Instance.last_failure_at)
    named = Instance.host.in_(bindparam("hosts", expanding=True))
    return select(Instance).where(named, Instance.last_failure_at.is_not(None), troubled)


def _note_success(unit: Unit, row: Instance) -> None:
    was_troubled = _is_troubled(row)
    if was_troubled or row.last_success_at is None or unit.now - row.last_success_at > NOTED_FOR:
        row.last_success_at = unit.now
        _forgive(row)
    if was_troubled:
        _pull_forward(unit, row.host)


def _note_failure(unit: Unit, row: Instance) -> None:
    today = unit.now.date()
    row.last_failure_at = unit.now
    if row.last_failure_day != today:
        row.last_failure_day = today
        row.failure_days += 1
    if row.failure_days >= UNAVAILABLE_AFTER_DAYS and row.unavailable_since is None:
        row.unavailable_since = unit.now


def _is_troubled(row: Instance) -> bool:
    """Whether the last we know of a host is a failure."""
    if row.last_failure_at is None:
        return False
    return row.last_success_at is None or row.last_success_at < row.last_failure_at


def _forgive(row: Instance) -> None:
    row.failure_days = 0
    row.last_failure_day = None
    row.unavailable_since = None


def _pull_forward(unit: Unit, host: str) -> None:
    """Let everything that waits for this host go now, instead of when its pause ends."""
    unit.execute(
        update(Lane)
        .where(Lane.host == host, Lane.holder.is_(None), Lane.failures > 0)
        .values(next_attempt_at=unit.now)
        .execution_options(**QUIET)
    )


def _rows_of(unit: Unit, hosts: Collection[str]) -> list[Instance]:
    """Return the rows of these hosts; those never met get one."""
    if not hosts:
        return []
    query = select(Instance).where(Instance.host.in_(hosts)).order_by(Instance.host)
    rows = list(unit.scalars(query))
    strangers = set(hosts) - {row.host for row in rows}
    if not strangers:
        return rows
    fresh = [{"host": host, "first_seen_at": unit.now} for host in sorted(strangers)]
    unit.execute(insert_for(unit.get_bind().dialect.name, Instance).on_conflict_do_nothing(), fresh)
    return list(unit.scalars(query))
