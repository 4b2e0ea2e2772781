"""Which servers live: seven days of failures, and what brings a server back."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from activitypub.models import Actor, Instance
from activitypub.unit import Unit
from fediverse_kommune.database import Database
from outbox.models import Lane
from outbox.publish import publish
from outbox.reachability import forget_strangers, hosts_are_alive, note_hosts
from outbox.recipients import Inbox
from tests.unit.outbox.conftest import Clock, local

NORD, SUED = "nord.example", "sued.example"


async def note(db: Database, *, alive: Collection[str] = (), failed: Collection[str] = ()) -> None:
    await db.write(note_hosts, alive=alive, failed=failed)


async def instance(db: Database, host: str = NORD) -> Instance:
    row = await db.read(lambda session: session.get(Instance, host))
    assert row is not None
    return row


async def fail_for_days(db: Database, clock: Clock, days: int) -> None:
    for _ in range(days):
        await note(db, failed=[NORD])
        await note(db, failed=[NORD])
        clock.advance(days=1)


async def test_failures_on_seven_distinct_days_make_a_host_unavailable(db: Database, clock: Clock) -> None:
    await fail_for_days(db, clock, 6)
    assert (await instance(db)).failure_days == 6
    assert (await instance(db)).unavailable_since is None
    await note(db, failed=[NORD])
    row = await instance(db)
    assert (row.failure_days, row.unavailable_since) == (7, clock())


async def test_many_failures_on_one_day_are_one(db: Database) -> None:
    for _ in range(20):
        await note(db, failed=[NORD])
    assert (await instance(db)).failure_days == 1


async def test_a_success_in_between_starts_the_count_anew(db: Database, clock: Clock) -> None:
    await fail_for_days(db, clock, 6)
    await note(db, alive=[NORD])
    await fail_for_days(db, clock, 6)
    assert (await instance(db)).unavailable_since is None


async def test_any_success_revives(db: Database, clock: Clock) -> None:
    await fail_for_days(db, clock, 8)
    await note(db, alive=[NORD], failed=[NORD])  # another lane failed at the same moment
    row = await instance(db)
    assert (row.failure_days, row.unavailable_since, row.last_success_at) == (0, None, clock())


async def test_a_living_host_is_noted_once_an_hour(db: Database, clock: Clock) -> None:
    await note(db, alive=[NORD])
    first = (await instance(db)).last_success_at
    clock.advance(minutes=59)
    await note(db, alive=[NORD])
    assert (await instance(db)).last_success_at == first
    clock.advance(minutes=2)
    await note(db, alive=[NORD])
    assert (await instance(db)).last_success_at == clock()


# ------------------------------------------------------------------------------- what waits for a host


async def waiting(db: Database, *hosts: str) -> None:
    """Let something wait for these hosts, long after several failures."""

    def unit_of_work(unit: Unit) -> None:
        anna: Actor = local(unit, "anna")
        inboxes = [Inbox(f"https://{host}/inbox", host) for host in hosts]
        activity = {"id": "https://stadt.example/1", "type": "Create"}
        publish(unit, activity, by=anna, object_uri="x", inboxes=inboxes)
        unit.execute(update(Lane).values(failures=9, next_attempt_at=unit.now + timedelta(hours=5)))

    await db.write(unit_of_work)


async def due_in(db: Database, clock: Clock, host: str = NORD) -> timedelta:
    def read(session: Session) -> datetime:
        return session.scalars(select(Lane.next_attempt_at).where(Lane.host == host)).one()

    return await db.read(read) - clock()


async def test_a_success_after_failures_pulls_forward_what_waits_there(db: Database, clock: Clock) -> None:
    await waiting(db, NORD, SUED)
    await note(db, failed=[NORD, SUED])
    await note(db, alive=[NORD])
    assert await due_in(db, clock) == timedelta()
    assert await due_in(db, clock, SUED) == timedelta(hours=5)


async def test_what_arrives_from_a_host_revives_it(db: Database, clock: Clock) -> None:
    await fail_for_days(db, clock, 8)
    await waiting(db, NORD)
    await db.write(hosts_are_alive, {NORD})
    row = await instance(db)
    assert (row.failure_days, row.unavailable_since) == (0, None)
    assert await due_in(db, clock) == timedelta()


async def test_a_host_that_only_sends_is_not_tried_at_each_of_its_activities(db: Database, clock: Clock) -> None:
    await waiting(db, NORD)
    await note(db, failed=[NORD])
    clock.advance(minutes=9)
    await db.write(hosts_are_alive, {NORD})
    assert await due_in(db, clock) > timedelta(hours=4)
    clock.advance(minutes=2)
    await db.write(hosts_are_alive, {NORD})
    assert await due_in(db, clock) == timedelta()


async def test_an_unknown_or_healthy_host_costs_nothing(db: Database, clock: Clock) -> None:
    await db.write(hosts_are_alive, {"new.example"})
    await note(db, alive=[NORD])
    await db.write(hosts_are_alive, {NORD})
    assert await db.read(lambda session: session.get(Instance, "new.example")) is None
    assert (await instance(db)).last_failure_at is None


async def test_e13_servers_that_never_took_anything_are_forgotten(db: Database, clock: Clock) -> None:
    """E13: whoever invents inboxes on ever new hosts leaves no rows for ever; a server with people here stays."""
    invented = [f"h{number}.boese.example" for number in range(300)]
    known = await db.write(local, "ada")
    await db.write(lambda unit: unit.execute(update(Actor).where(Actor.id == known.id).values(host=SUED)))
    await note(db, failed=[*invented, SUED], alive=[NORD])
    clock.advance(days=29)
    await db.write(forget_strangers)
    assert await db.read(lambda session: session.query(Instance).count()) == 302
    clock.advance(days=2)
    await db.write(forget_strangers)
    assert await db.read(lambda session: session.scalars(select(Instance.host).order_by(Instance.host)).all()) == [
        NORD,
        SUED,
    ]
