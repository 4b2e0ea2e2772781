"""Lanes: order, leases, room, what a Delete cancels, and what remains when something is given up."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from activitypub.backoff import HORIZON
from activitypub.documents import Document
from activitypub.models import Actor, ActorKey, DomainBlock, Severity, new_id
from activitypub.tasks import LEASE
from activitypub.unit import Unit
from fediverse_kommune.database import Database
from outbox.claims import PARCELS, Room, TakenLane, claim, extend, give_back, is_due
from outbox.delivery import Delivered, GiveUp, Outcome, RetryAt
from outbox.hosts import LANES_PER_HOST
from outbox.models import Delivery, Lane
from outbox.publish import cancel, cancel_all_of, publish
from outbox.recipients import Inbox
from outbox.record import KEEP_GIVEN_UP, Attempt, LaneEnd, prune, record
from tests.unit.outbox.conftest import Clock, local, queued, rows

NORD, SUED = Inbox("https://nord.example/inbox", "nord.example"), Inbox("https://sued.example/inbox", "sued.example")
NOTE = "https://stadt.example/users/anna/statuses/1"
EMPTY = {"outgoing_activities": 0, "deliveries": 0, "delivery_lanes": 0}


def room(lanes: int = 100, troubled: int = 100, slow: Collection[str] = (), **free: int) -> Room:
    return Room(lanes, troubled, {f"{host}.example": left for host, left in free.items()}, frozenset(slow))


def activity(unit: Unit, kind: str = "Create") -> Document:
    return {"id": f"https://stadt.example/{kind}/{new_id(unit.now)}", "type": kind}


async def anna(db: Database, username: str = "anna") -> int:
    return (await db.write(local, username)).id


async def queue(db: Database, actor_id: int, *inboxes: Inbox, kind: str = "Create", about: str = NOTE) -> None:
    def unit_of_work(unit: Unit) -> None:
        actor = unit.get_one(Actor, actor_id)
        publish(unit, activity(unit, kind), by=actor, object_uri=about, inboxes=inboxes)

    await db.write(unit_of_work)


async def take(db: Database, *, holder: str = "one", terms: Room | None = None) -> list[TakenLane]:
    return await db.write(claim, holder, terms or room())


async def settle(db: Database, lane: TakenLane, *outcomes: Outcome, holder: str = "one") -> bool:
    """Write down outcomes for the first parcels of a lane, and put it down as the worker would."""
    attempts = [Attempt(lane, parcel, outcome) for parcel, outcome in zip(lane.parcels, outcomes, strict=False)]
    last = outcomes[-1]
    due, failures = (last.when, lane.failures + 1) if isinstance(last, RetryAt) else (lane_time(db), 0)
    return await db.write(record, holder, attempts, [LaneEnd(lane, due, failures)])


def lane_time(db: Database) -> Any:
    return db._writer._setting.clock()  # type: ignore[attr-defined]


def later(clock: Clock, **parts: float) -> RetryAt:
    return RetryAt(clock() + timedelta(**parts), "500", turned_down=True)


def ids(lane: TakenLane) -> list[int]:
    return [parcel.id for parcel in lane.parcels]


# ----------------------------------------------------------------------------------------------- order


async def test_a_lane_holds_what_one_actor_sends_to_one_host_in_order(db: Database) -> None:
    one, two = await anna(db), await anna(db, "bernd")
    for about in "abc":
        await queue(db, one, NORD, SUED, about=about)
    await queue(db, two, NORD, about="d")
    lanes = await take(db)
    contents = {(lane.host, *(parcel.letter.object_uri for parcel in lane.parcels)) for lane in lanes}
    assert contents == {
        ("nord.example", "a", "b", "c"),
        ("sued.example", "a", "b", "c"),
        ("nord.example", "d"),
    }
    assert all(ids(lane) == sorted(ids(lane)) for lane in lanes)


async def test_inboxes_that_were_named_first_are_due_first(db: Database) -> None:
    inboxes = [Inbox(f"https://{name}.example/inbox", f"{name}.example") for name in ("z", "m", "a", "q")]
    await queue(db, await anna(db), *inboxes)
    assert [lane.host for lane in await take(db)] == ["z.example", "m.example", "a.example", "q.example"]


async def test_a_lane_in_hand_is_nobody_elses(db: Database) -> None:
    await queue(db, await anna(db), NORD)
    assert len(await take(db)) == 1
    assert await take(db, holder="two") == []


async def test_what_is_queued_meanwhile_waits_for_the_lane(db: Database) -> None:
    sender = await anna(db)
    await queue(db, sender, NORD, about="a")
    (lane,) = await take(db)
    await queue(db, sender, NORD, about="b")
    assert await take(db) == []
    assert await settle(db, lane, Delivered())
    (lane,) = await take(db)
    assert [parcel.letter.object_uri for parcel in lane.parcels] == ["b"]


async def test_behind_a_failure_everything_waits(db: Database, clock: Clock) -> None:
    sender = await anna(db)
    for about in "abc":
        await queue(db, sender, NORD, about=about)
    (lane,) = await take(db)
    assert not await settle(db, lane, Delivered(), later(clock, minutes=5))
    assert await take(db) == []
    clock.advance(minutes=5)
    (lane,) = await take(db)
    assert [parcel.letter.object_uri for parcel in lane.parcels] == ["b", "c"]
    assert [parcel.attempts for parcel in lane.parcels] == [1, 0]
    assert lane.failures == 1


async def test_a_backlog_is_taken_in_portions(db: Database) -> None:
    sender = await anna(db)
    for number in range(PARCELS + 3):
        await queue(db, sender, NORD, about=str(number))
    (lane,) = await take(db)
    assert len(lane.parcels) == PARCELS
    assert await settle(db, lane, *[Delivered()] * PARCELS)
    (lane,) = await take(db)
    assert [parcel.letter.object_uri for parcel in lane.parcels] == ["16", "17", "18"]


async def test_the_order_survives_a_clock_that_is_set_back(db: Database, clock: Clock) -> None:
    sender = await anna(db)
    await queue(db, sender, NORD, about="first")
    clock.advance(hours=-1)
    await queue(db, sender, NORD, about="second")
    clock.advance(hours=2)
    (lane,) = await take(db)
    assert [parcel.letter.object_uri for parcel in lane.parcels] == ["first", "second"]


# ---------------------------------------------------------------------------------------------- leases


async def test_a_lease_runs_out_after_a_minute_and_not_before(db: Database, clock: Clock) -> None:
    await queue(db, await anna(db), NORD)
    await take(db)
    clock.advance(seconds=59)
    assert await take(db, holder="two") == []
    clock.advance(seconds=1)
    assert len(await take(db, holder="two")) == 1
    assert timedelta(seconds=60) == LEASE


async def test_the_heartbeat_renews_it(db: Database, clock: Clock) -> None:
    await queue(db, await anna(db), NORD)
    (lane,) = await take(db)
    clock.advance(seconds=50)
    await db.write(extend, "one", [lane.id])
    clock.advance(seconds=50)
    assert await take(db, holder="two") == []


async def test_only_the_holder_renews_and_ends_a_lease(db: Database, clock: Clock) -> None:
    await queue(db, await anna(db), NORD)
    (lane,) = await take(db)
    clock.advance(seconds=61)
    (other,) = await take(db, holder="two")
    await db.write(extend, "one", [lane.id])
    await settle(db, lane, later(clock, seconds=1))  # by "one", too late
    clock.advance(seconds=30)
    assert await take(db, holder="three") == []
    assert not await settle(db, other, Delivered(), holder="two")
    assert await db.read(rows) == EMPTY


async def test_a_restart_takes_up_its_own_work_at_once(db: Database, clock: Clock) -> None:
    await queue(db, await anna(db), NORD)
    clock.advance(seconds=1)  # lanes that are due at the same moment come in any order
    await queue(db, await anna(db, "bernd"), SUED)
    await take(db, terms=room(1))
    await take(db, holder="two")
    assert not await db.read(is_due, lane_time(db))
    await db.write(give_back, "one")
    assert [lane.host for lane in await take(db)] == ["nord.example"]


# ------------------------------------------------------------------------------------------------ room


async def test_a_claim_takes_no_more_than_there_is_room_for(db: Database) -> None:
    sender = await anna(db)
    await queue(db, sender, *[Inbox(f"https://h{number}.example/inbox", f"h{number}.example") for number in range(9)])
    assert [len(await take(db, terms=room(4))) for _ in range(4)] == [4, 4, 1, 0]


async def test_one_host_gets_only_so_many_lanes_and_leaves_room_for_others(db: Database) -> None:
    people = [await anna(db, f"p{number}") for number in range(7)]
    for person in people:
        await queue(db, person, NORD)
    await queue(db, people[0], SUED)
    taken = [lane.host for lane in await take(db, terms=room(5))]
    assert taken.count("nord.example") == LANES_PER_HOST
    assert taken.count("sued.example") == 1
    assert await take(db, terms=room(nord=0)) == []
    assert [lane.host for lane in await take(db, terms=room(nord=2))] == ["nord.example", "nord.example"]


async def test_troubled_lanes_share_a_part_of_the_room(db: Database, clock: Clock) -> None:
    sender = await anna(db)
    bad = [Inbox(f"https://bad{number}.example/inbox", f"bad{number}.example") for number in range(6)]
    await queue(db, sender, *bad)
    for lane in await take(db):
        await settle(db, lane, later(clock, seconds=1))
    await queue(db, sender, NORD, SUED)
    clock.advance(seconds=2)
    lanes = await take(db, terms=room(10, 3, slow=["sued.example"]))
    assert lanes[0].host == "nord.example"
    assert [lane.is_troubled for lane in lanes] == [False, True, True, True]


async def test_what_goes_to_a_domain_shut_out_meanwhile_is_given_up(db: Database) -> None:
    """But for what takes something back."""
    sender, bernd = await anna(db), await anna(db, "bernd")
    await queue(db, sender, NORD, SUED)
    kept = ("Undo", "Reject", "Delete")
    for kind in (*kept, "Update", "Follow"):
        await queue(db, sender, NORD, kind=kind)
    await queue(db, bernd, NORD)

    def shut_out(unit: Unit) -> None:
        unit.add(DomainBlock(domain="nord.example", severity=Severity.SUSPEND, created_at=unit.now))

    await db.write(shut_out)
    assert [lane.host for lane in await take(db)] == ["nord.example", "sued.example"]
    assert [(entry.kind, entry.inbox) for entry in await db.read(queued)] == [
        ("Create", SUED.uri),
        *((kind, NORD.uri) for kind in kept),
    ]
    assert (await db.read(rows))["delivery_lanes"] == 2


# -------------------------------------------------------------------------------------------- outcomes


async def test_what_arrives_leaves_nothing_behind(db: Database) -> None:
    await queue(db, await anna(db), NORD, SUED)
    for lane in await take(db):
        await settle(db, lane, Delivered())
    assert await db.read(rows) == EMPTY


async def test_what_is_given_up_is_kept_for_a_week(db: Database, clock: Clock) -> None:
    await queue(db, await anna(db), NORD)
    (lane,) = await take(db)
    assert not await settle(db, lane, GiveUp("410 gone"))

    def reasons(session: Session) -> list[tuple[str | None, int]]:
        return [(row.last_error, row.attempts) for row in session.scalars(select(Delivery))]

    assert await db.read(reasons) == [("410 gone", 1)]
    assert await db.read(rows) == {"outgoing_activities": 1, "deliveries": 1, "delivery_lanes": 0}
    clock.now += KEEP_GIVEN_UP
    await db.write(prune)
    assert (await db.read(rows))["deliveries"] == 1
    clock.advance(seconds=1)
    await db.write(prune)
    assert await db.read(rows) == EMPTY


async def test_after_three_days_a_failure_is_the_last(db: Database, clock: Clock) -> None:
    sender = await anna(db)
    await queue(db, sender, NORD, about="old")
    clock.advance(hours=1)
    await queue(db, sender, NORD, about="newer")
    clock.now += HORIZON - timedelta(hours=1, seconds=1)
    (lane,) = await take(db)
    await settle(db, lane, later(clock, seconds=1))
    clock.advance(seconds=1)
    (lane,) = await take(db)
    assert [parcel.letter.object_uri for parcel in lane.parcels] == ["old", "newer"]
    await settle(db, lane, later(clock, seconds=1))
    clock.advance(seconds=1)
    (lane,) = await take(db)
    assert [parcel.letter.object_uri for parcel in lane.parcels] == ["newer"]
    assert lane.failures == 2


async def test_a_lane_that_is_removed_is_made_anew(db: Database, clock: Clock) -> None:
    sender = await anna(db)
    for _ in range(3):
        await queue(db, sender, NORD)
        (lane,) = await take(db)
        await settle(db, lane, Delivered())
        clock.advance(seconds=1)
    assert await db.read(rows) == EMPTY


async def test_letters_carry_the_newest_key_of_their_actor(db: Database, clock: Clock) -> None:
    sender = await anna(db)
    clock.advance(seconds=1)

    def add_key(unit: Unit) -> None:
        uri = "https://stadt.example/users/anna#new-key"
        key = ActorKey(id=new_id(unit.now), actor_id=sender, uri=uri, public_pem="p", private_pem="s")
        key.created_at = unit.now
        unit.add(key)

    await db.write(add_key)
    await queue(db, sender, NORD)
    (lane,) = await take(db)
    assert (lane.parcels[0].letter.key_uri, lane.parcels[0].letter.private_pem) == (
        "https://stadt.example/users/anna#new-key",
        "s",
    )
    assert "private_pem" not in repr(lane)


# ---------------------------------------------------------------------------------------- cancellation


async def cancelled(db: Database) -> frozenset[str]:
    return await db.write(cancel, NOTE)


async def test_what_was_never_attempted_is_dropped_and_told(db: Database) -> None:
    await queue(db, await anna(db), NORD, SUED)
    assert await cancelled(db) == {NORD.uri, SUED.uri}
    assert (await db.read(rows))["deliveries"] == 0
    assert await take(db) == []
    assert await db.read(rows) == EMPTY


async def test_what_was_attempted_may_have_been_heard(db: Database, clock: Clock) -> None:
    await queue(db, await anna(db), NORD, SUED)
    (lane,) = await take(db, terms=room(1))
    await settle(db, lane, later(clock, minutes=1))
    assert await cancelled(db) == {SUED.uri}
    assert (await db.read(rows))["deliveries"] == 0


async def test_what_was_in_hand_when_a_worker_died_may_have_been_heard(db: Database, clock: Clock) -> None:
    await queue(db, await anna(db), NORD)
    await take(db)
    clock.now += LEASE
    await db.write(give_back, "one")
    assert await cancelled(db) == frozenset()
    assert (await db.read(rows))["deliveries"] == 0


@pytest.mark.parametrize("outcome", ["arrives", "fails", "is given up"])
async def test_what_is_in_hand_goes_on_but_is_not_tried_again(db: Database, clock: Clock, outcome: str) -> None:
    await queue(db, await anna(db), NORD)
    (lane,) = await take(db)
    assert await cancelled(db) == frozenset()
    assert (await db.read(rows))["deliveries"] == 1
    outcomes = {"arrives": Delivered(), "fails": later(clock, seconds=1), "is given up": GiveUp("404")}
    await settle(db, lane, outcomes[outcome])
    assert await db.read(rows) == EMPTY


async def test_a_delete_never_overtakes_a_create_in_hand(db: Database) -> None:
    sender = await anna(db)
    await queue(db, sender, NORD)
    (lane,) = await take(db)
    assert NORD.uri not in await cancelled(db)
    await queue(db, sender, NORD, kind="Delete")
    assert await take(db) == []
    assert await settle(db, lane, Delivered())
    (lane,) = await take(db)
    assert [entry.kind for entry in await db.read(queued)] == ["Delete"]


async def test_an_update_that_waits_is_dropped_and_the_delete_still_needed(db: Database) -> None:
    sender = await anna(db)
    await queue(db, sender, NORD)
    (lane,) = await take(db)
    await settle(db, lane, Delivered())
    await queue(db, sender, NORD, kind="Update")
    assert await cancelled(db) == frozenset()
    assert (await db.read(rows))["deliveries"] == 0


async def test_only_what_tells_of_the_object_is_cancelled(db: Database) -> None:
    sender = await anna(db)
    await queue(db, sender, NORD, kind="Announce")
    await queue(db, sender, NORD, kind="Create", about="another")
    await queue(db, sender, NORD, kind="Create")
    await cancelled(db)
    assert [entry.kind for entry in await db.read(queued)] == ["Announce", "Create"]


async def test_what_was_given_up_goes_with_its_object(db: Database) -> None:
    await queue(db, await anna(db), NORD)
    (lane,) = await take(db)
    await settle(db, lane, GiveUp("404"))
    assert await cancelled(db) == frozenset()
    assert await db.read(rows) == EMPTY


async def test_what_a_dead_worker_had_of_a_cancelled_object_is_forgotten(db: Database, clock: Clock) -> None:
    await queue(db, await anna(db), NORD)
    await take(db)
    await cancelled(db)
    await db.write(give_back, "one")
    assert await take(db) == []
    await db.write(prune)
    assert await db.read(rows) == EMPTY


async def test_an_actor_that_goes_leaves_nothing_of_its_own(db: Database) -> None:
    one, two = await anna(db), await anna(db, "bernd")
    await queue(db, one, NORD, about="a")
    await queue(db, two, NORD, about="b")

    def go(unit: Unit) -> None:
        cancel_all_of(unit, unit.get_one(Actor, one))

    await db.write(go)
    (lane,) = await take(db)
    assert [parcel.letter.object_uri for parcel in lane.parcels] == ["b"]


async def test_a_key_that_travels_along_is_used_when_the_actor_is_gone(db: Database) -> None:
    sender = await anna(db)

    def go(unit: Unit) -> None:
        actor = unit.get_one(Actor, sender)
        key = unit.scalars(select(ActorKey).where(ActorKey.actor_id == sender)).one()
        publish(unit, activity(unit, "Delete"), by=actor, object_uri=actor.uri, inboxes=[NORD], key=key)
        unit.delete(key)
        unit.delete(actor)

    await db.write(go)
    (lane,) = await take(db)
    assert lane.parcels[0].letter.key_uri == "https://stadt.example/users/anna#main-key"
    assert "PRIVATE KEY" in str(lane.parcels[0].letter.private_pem)


async def test_ids_of_deliveries_are_never_used_twice(db: Database) -> None:
    """A result that comes late must not hit another delivery."""
    sender = await anna(db)
    await queue(db, sender, NORD)
    (lane,) = await take(db)
    await settle(db, lane, Delivered())
    await queue(db, sender, NORD)
    (second,) = await take(db)
    assert ids(second)[0] > ids(lane)[0]


async def test_a_lane_exists_only_while_something_waits(db: Database) -> None:
    sender = await anna(db)

    def touch(unit: Unit) -> int:
        unit.execute(update(Lane).values(failures=0))
        return unit.scalar(select(func.count()).select_from(Lane)) or 0

    await queue(db, sender)
    assert await db.write(touch) == 0
    await queue(db, sender, NORD)
    assert await db.write(touch) == 1
