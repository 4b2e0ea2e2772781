"""The worker against servers on loopback: signed, in order, durable, and slowed by nobody."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import ip_network
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from activitypub.context import FederationContext
from activitypub.domain_blocks import DomainBlocks
from activitypub.http import Egress
from activitypub.models import Actor, ActorKey
from activitypub.signatures.message import SignedMessage
from activitypub.signatures.results import Verified
from activitypub.signatures.verify import verify
from activitypub.tasks import Worker
from activitypub.unit import StorageUnavailable, Unit
from fediverse_kommune.database import Database
from outbox.claims import TakenLane
from outbox.hosts import LANES_PER_HOST
from outbox.models import Delivery, Lane
from outbox.publish import publish
from outbox.recipients import Inbox
from outbox.send import send_status, send_status_delete, send_status_update
from outbox.worker import SUSPECT_AFTER, DeliveryQueue, outbox_worker
from tests.fediverse import shared_key
from tests.loopback import Loopback, Request, loopback, reply
from tests.unit.outbox.conftest import INSTANCE, Clock, following, local, posted, remote, rows

EMPTY = {"outgoing_activities": 0, "deliveries": 0, "delivery_lanes": 0}


@dataclass
class Server:
    """A server that answers its inboxes with what `answers` says, then always with 202."""

    name: str
    answers: list[bytes] = field(default_factory=list)
    silent: bool = False
    seen: list[Request] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    loopback: Loopback | None = None
    judge: Callable[[dict[str, Any]], bytes | None] = lambda activity: None

    async def handle(self, request: Request, writer: asyncio.StreamWriter) -> None:
        self.seen.append(request)
        self.changed.set()
        if self.silent:
            await asyncio.Event().wait()
        verdict = self.judge(json.loads(request.body))
        writer.write(verdict or (self.answers.pop(0) if self.answers else reply(202)))

    @property
    def host(self) -> str:
        assert self.loopback is not None
        return f"{self.name}.localhost:{self.loopback.port}"

    @property
    def inbox(self) -> Inbox:
        return Inbox(f"http://{self.host}/inbox", self.host)

    @property
    def activities(self) -> list[dict[str, Any]]:
        return [json.loads(request.body) for request in self.seen]

    @property
    def kinds(self) -> list[str]:
        return [activity["type"] for activity in self.activities]

    async def until(self, count: int) -> None:
        """Wait for so many requests."""
        async with asyncio.timeout(10):
            while len(self.seen) < count:
                self.changed.clear()
                await self.changed.wait()


@dataclass
class Stage:
    """What a test plays on."""

    db: Database
    clock: Clock
    http: Egress
    servers: AsyncExitStack
    workers: list[tuple[Worker[TakenLane], asyncio.Task[None]]] = field(default_factory=list)

    async def server(self, name: str, *answers: bytes, **settings: Any) -> Server:
        server = Server(name, list(answers), **settings)
        server.loopback = await self.servers.enter_async_context(loopback(server.handle))
        return server

    def worker(self, db: Any = None, holder: str = "main") -> Worker[TakenLane]:
        ctx = FederationContext(
            db or self.db, self.http, INSTANCE, self.clock, lambda *_: {}, DomainBlocks(self.db, INSTANCE)
        )
        worker = outbox_worker(DeliveryQueue(ctx, holder=holder))
        self.workers.append((worker, asyncio.create_task(worker.run())))
        return worker

    async def queue(self, *servers: Server, kind: str = "Create", about: str = "x", by: str = "anna") -> None:
        """Queue an activity of Anna, who comes to life with her first."""

        def unit_of_work(unit: Unit) -> None:
            actor = unit.scalar(select(Actor).where(Actor.username == by)) or local(unit, by)
            activity = {"id": f"{actor.uri}/{kind}/{about}", "type": kind, "about": about}
            publish(unit, activity, by=actor, object_uri=about, inboxes=[server.inbox for server in servers])

        await self.db.write(unit_of_work)
        self.ring()

    def ring(self) -> None:
        for worker, _ in self.workers:
            worker.wake()

    async def until(self, condition: Callable[[], Awaitable[bool]]) -> None:
        """Wait until something has come true in the database, which rings no bell."""
        async with asyncio.timeout(10):
            while not await condition():
                await asyncio.sleep(0.005)

    async def until_rows(self, **expected: int) -> None:
        async def reached() -> bool:
            found = await self.db.read(rows)
            return all(found[name] == count for name, count in expected.items())

        await self.until(reached)

    async def until_put_down(self) -> None:
        """Wait until no lane is in hand."""

        async def reached() -> bool:
            return not await self.db.read(lambda s: s.scalars(select(Lane).where(Lane.holder.is_not(None))).all())

        await self.until(reached)


@pytest.fixture
async def stage(db: Database, clock: Clock) -> AsyncIterator[Stage]:
    http = Egress(user_agent="test", allow_http=True, allow_networks=[ip_network("127.0.0.0/8")])
    async with AsyncExitStack() as servers:
        stage = Stage(db, clock, http, servers)
        yield stage
        for worker, task in stage.workers:
            if not task.done():
                worker._grace_seconds = 0.1
                await worker.stop()
        await http.close()


def errors(session: Session) -> list[str | None]:
    return list(session.scalars(select(Delivery.last_error).order_by(Delivery.id)))


# -------------------------------------------------------------------------------------------- arriving


async def test_what_arrives_is_signed_by_its_actor_and_leaves_no_row(stage: Stage) -> None:
    nord, sued = await stage.server("nord"), await stage.server("sued")
    stage.worker()
    await stage.queue(nord, sued)
    await asyncio.gather(nord.until(1), sued.until(1))
    await stage.until_rows(**EMPTY)
    request = nord.seen[0]
    assert (request.method, request.target) == ("POST", "/inbox")
    assert request.headers["content-type"] == "application/activity+json"
    headers = tuple((name.lower(), value) for name, _, value in (line.partition(": ") for line in request.lines[1:]))
    message = SignedMessage(request.method, request.target, headers, request.body)
    verified = verify(message, public_key=shared_key().public_key(), host=nord.host, now=stage.clock())
    assert isinstance(verified, Verified)
    assert verified.key_id == "https://stadt.example/users/anna#main-key"


async def test_a_post_and_its_end_through_the_verbs(stage: Stage) -> None:
    nord = await stage.server("nord")
    ids: list[int] = []

    def post(unit: Unit) -> None:
        anna = local(unit, "anna")
        following(unit, remote(unit, "nora", nord.host, origin=f"http://{nord.host}"), anna)
        status = posted(unit, anna)
        send_status(unit, status)
        send_status_update(unit, status)
        ids.append(status.id)

    def remove(unit: Unit) -> None:
        from activitypub.models import Status

        send_status_delete(unit, unit.get_one(Status, ids[0]))

    stage.worker()
    await stage.db.write(post)
    stage.ring()
    await nord.until(2)
    await stage.until_rows(**EMPTY)
    await stage.db.write(remove)
    stage.ring()
    await nord.until(3)
    assert nord.kinds == ["Create", "Update", "Delete"]
    assert [activity["actor"] for activity in nord.activities] == ["https://stadt.example/users/anna"] * 3


# ------------------------------------------------------------------------------------- order and retries


async def test_nothing_overtakes_what_has_to_wait(stage: Stage) -> None:
    nord = await stage.server("nord", reply(503), reply(500))
    stage.worker()
    await stage.queue(nord, about="1")
    await nord.until(1)
    await stage.until_put_down()
    for about in "234":
        await stage.queue(nord, about=about)
    stage.clock.advance(seconds=30)
    stage.ring()
    await nord.until(2)
    await stage.until_put_down()
    assert [activity["about"] for activity in nord.activities] == ["1", "1"]
    stage.clock.advance(minutes=1)
    stage.ring()
    await nord.until(6)
    assert [activity["about"] for activity in nord.activities] == ["1", "1", "1", "2", "3", "4"]
    await stage.until_rows(**EMPTY)


async def test_a_server_may_ask_for_patience(stage: Stage) -> None:
    nord = await stage.server("nord", reply(429, headers={"Retry-After": "7200"}))
    stage.worker()
    await stage.queue(nord)
    await nord.until(1)
    await stage.until_put_down()
    due = await stage.db.read(lambda session: session.scalars(select(Lane.next_attempt_at)).one())
    assert due - stage.clock() == timedelta(hours=2)


async def test_a_permanent_answer_ends_a_delivery_and_lets_the_next_one_go(stage: Stage) -> None:
    nord = await stage.server("nord", reply(410, b"gone"))
    stage.worker()
    await stage.queue(nord, about="1")
    await stage.queue(nord, about="2")
    await nord.until(2)
    await stage.until_rows(delivery_lanes=0, deliveries=1)
    assert [activity["about"] for activity in nord.activities] == ["1", "2"]
    assert await stage.db.read(errors) == ["410 gone"]


async def test_an_address_inside_our_network_is_given_up_without_a_connection(stage: Stage) -> None:
    inside = Server("inside", loopback=Loopback(lambda *_: asyncio.sleep(0)))
    inside.name = "10.0.0.1"
    stage.worker()

    def unit_of_work(unit: Unit) -> None:
        inbox = Inbox("http://10.0.0.1/inbox", "10.0.0.1")
        publish(unit, {"id": "i", "type": "Create"}, by=local(unit, "anna"), object_uri="x", inboxes=[inbox])

    await stage.db.write(unit_of_work)
    stage.ring()
    await stage.until_rows(delivery_lanes=0)
    (error,) = await stage.db.read(errors)
    assert "not a server on the public internet" in str(error)


async def test_an_actor_without_a_key_sends_nothing(stage: Stage) -> None:
    nord = await stage.server("nord")
    await stage.queue(nord)
    await stage.db.write(lambda unit: unit.execute(update(ActorKey).values(private_pem=None)))
    stage.worker()
    await stage.until_rows(delivery_lanes=0)
    assert await stage.db.read(errors) == ["the actor has no key to sign with"]
    assert nord.seen == []


async def test_one_activity_that_breaks_a_server_does_not_hold_up_the_rest(stage: Stage) -> None:
    def judge(activity: dict[str, Any]) -> bytes | None:
        return reply(500, b"boom") if activity["about"] == "poison" else None

    nord = await stage.server("nord", judge=judge)
    stage.worker()
    for about in ("poison", "a", "b"):
        await stage.queue(nord, about=about)
    tries = 0
    while not await _seen(nord, "a"):
        tries += 1
        await nord.until(tries)
        await stage.until_put_down()
        stage.clock.advance(hours=2)
        stage.ring()
    assert tries == SUSPECT_AFTER + 1
    await stage.until(lambda: _seen(nord, "b"))
    assert [activity["about"] for activity in nord.activities] == ["poison"] * tries + ["a", "b"]
    await stage.until_rows(delivery_lanes=0)
    assert any("while another activity was taken" in str(error) for error in await stage.db.read(errors))


async def _seen(server: Server, about: str) -> bool:
    return about in [activity["about"] for activity in server.activities]


# ---------------------------------------------------------------------------------- the slow and the dead


async def test_a_silent_server_slows_nobody(stage: Stage) -> None:
    deaf = await stage.server("deaf", silent=True)
    nord = await stage.server("nord")
    stage.worker()
    for number in range(20):
        await stage.queue(deaf, nord, about=str(number))
    await nord.until(20)
    assert len(deaf.seen) == 1


async def test_one_host_gets_a_few_lanes_at_once_however_many_actors_write(stage: Stage) -> None:
    deaf = await stage.server("deaf", silent=True)
    nord = await stage.server("nord")
    for number in range(12):
        await stage.queue(deaf, by=f"person{number}")
    await stage.queue(nord)
    stage.worker()
    await asyncio.gather(nord.until(1), deaf.until(LANES_PER_HOST))
    await stage.queue(nord, about="another")
    await nord.until(2)
    assert len(deaf.seen) == LANES_PER_HOST


async def test_a_server_that_is_gone_is_noted_and_tried_later(stage: Stage) -> None:
    nord = await stage.server("nord")
    gone = Server("gone", loopback=Loopback(nord.handle))
    assert gone.loopback is not None
    gone.loopback.port = 9  # discard: nobody listens there
    stage.worker()
    await stage.queue(gone, nord)
    await nord.until(1)
    await stage.until_rows(deliveries=1)
    await stage.until_put_down()
    lane = await stage.db.read(lambda session: session.scalars(select(Lane)).one())
    assert (lane.host, lane.failures) == (gone.host, 1)
    assert timedelta(seconds=15) <= lane.next_attempt_at - stage.clock() <= timedelta(seconds=22.5)


# ---------------------------------------------------------------------------------------------- durability


async def test_a_worker_that_dies_loses_nothing_and_its_successor_goes_on_at_once(stage: Stage) -> None:
    nord = await stage.server("nord", silent=True)
    stage.worker()
    await stage.queue(nord, about="1")
    await stage.queue(nord, about="2")
    await nord.until(1)
    stage.workers[0][1].cancel()  # in the middle of a request, without a word to the database
    await asyncio.gather(stage.workers[0][1], return_exceptions=True)
    assert (await stage.db.read(rows))["deliveries"] == 2
    nord.silent = False
    stage.worker()
    await nord.until(3)
    assert [activity["about"] for activity in nord.activities] == ["1", "1", "2"]
    await stage.until_rows(**EMPTY)


async def test_a_worker_of_another_name_waits_for_the_lease(stage: Stage) -> None:
    nord = await stage.server("nord", silent=True)
    stage.worker()
    await stage.queue(nord)
    await nord.until(1)
    stage.workers[0][1].cancel()
    await asyncio.gather(stage.workers[0][1], return_exceptions=True)
    nord.silent = False
    second = stage.worker(holder="second")
    stage.clock.advance(seconds=59)
    await stage.queue(await stage.server("sued"))
    await stage.until_rows(deliveries=1)
    assert len(nord.seen) == 1
    stage.clock.advance(seconds=2)
    second.wake()
    await nord.until(2)


async def test_stopping_waits_for_what_is_in_hand(stage: Stage) -> None:
    nord = await stage.server("nord")
    worker = stage.worker()
    await stage.queue(nord)
    await nord.until(1)
    await worker.stop()
    assert await stage.db.read(rows) == EMPTY


class Flaky:
    """A database that cannot take some of the results."""

    def __init__(self, db: Database, failures: int) -> None:
        self._db = db
        self.failures = failures

    async def read(self, work: Any, *args: Any, **kwargs: Any) -> Any:
        return await self._db.read(work, *args, **kwargs)

    async def write(self, work: Any, *args: Any, **kwargs: Any) -> Any:
        if work.__name__ == "record" and self.failures:
            self.failures -= 1
            raise StorageUnavailable("disk full")
        return await self._db.write(work, *args, **kwargs)

    async def write_behind(self, work: Any, *args: Any, **kwargs: Any) -> Any:
        return await self._db.write_behind(work, *args, **kwargs)


async def test_results_are_kept_until_the_database_takes_them(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("outbox.ledger.PAUSE_SECONDS", 0.01)
    nord = await stage.server("nord")
    flaky = Flaky(stage.db, failures=3)
    stage.worker(flaky)
    await stage.queue(nord)
    await stage.until_rows(**EMPTY)
    assert flaky.failures == 0
    assert len(nord.seen) == 1


async def test_a_stop_in_the_middle_of_a_lane_keeps_what_arrived(stage: Stage) -> None:
    def judge(activity: dict[str, Any]) -> bytes | None:
        if activity["about"] == "2":
            nord.silent = True  # from the next request on
        return None

    nord = await stage.server("nord", judge=judge)
    worker = stage.worker()
    for about in "123":
        await stage.queue(nord, about=about)
    await nord.until(3)
    worker._grace_seconds = 0.01
    await worker.stop()
    assert (await stage.db.read(rows))["deliveries"] == 1
    assert await stage.db.read(lambda session: session.scalars(select(Lane.holder)).all()) == [None]
