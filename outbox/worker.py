"""The delivery worker: lanes in hand at the same time, deliveries of a lane one after the other."""

import asyncio
import time
from collections.abc import Sequence
from datetime import datetime, timedelta

from activitypub.context import FederationContext
from activitypub.kept import Remembered
from activitypub.tasks import Worker
from outbox.claims import Room, TakenLane, claim, extend, give_back, is_due
from outbox.delivery import Delivered, GiveUp, Outcome, Parcel, RetryAt, Sender
from outbox.hosts import Hosts, MonotonicClock
from outbox.ledger import Ledger
from outbox.reachability import forget_strangers
from outbox.record import Attempt, LaneEnd, prune

LANES = 400  # in hand at once: below `Caps.connections`
TROUBLED_LANES = 100  # of those, to hosts that fail or are slow
# Refused so often (in about an hour), an activity is suspected to be the reason itself.
SUSPECT_AFTER = 8
PRUNE_EVERY = timedelta(hours=1)
CANCELLED_REMEMBERED = 10_000  # activities; each is soon gone from all hands
SETTLE_SECONDS = 5.0  # how long a stop waits for a database that takes nothing


class DeliveryQueue:
    """The lanes of the outbox as the queue of a worker. `holder` names the worker in its leases.

    The name must be the same after a restart, so that leases of a killed process end at once, and no two
    processes may have the same.
    """

    def __init__(self, ctx: FederationContext, *, holder: str, monotonic: MonotonicClock = time.monotonic) -> None:
        self._db = ctx.db
        self._clock = ctx.clock
        self._holder = holder
        self._monotonic = monotonic
        self._sender = Sender(ctx.http, ctx.forms, ctx.clock)
        self._ledger = Ledger(ctx.db, holder)
        self._hosts = Hosts(monotonic)
        self._troubled_in_hand = 0
        self._pruned_at: datetime | None = None
        self._cancelled: Remembered[None] = Remembered(CANCELLED_REMEMBERED)

    def withdraw(self, activity_ids: Sequence[int]) -> None:
        """Send nothing more of these activities, also where they are in hand already (row I09)."""
        for activity_id in activity_ids:
            self._cancelled[activity_id] = None

    async def claim(self, room: int) -> Sequence[TakenLane]:
        """Lease at most `room` due lanes."""
        await self._tidy()
        if not await self._db.read(is_due, self._clock()):
            return []
        troubled = TROUBLED_LANES - self._troubled_in_hand
        terms = Room(room, troubled, self._hosts.free(), self._hosts.slow())
        lanes = await self._db.write_behind(claim, self._holder, terms)
        for lane in lanes:
            self._hosts.enter(lane.host)
            self._troubled_in_hand += lane.is_troubled
        return lanes

    async def work(self, lane: TakenLane) -> bool:
        """Send what came along with a lane, and put the lane down."""
        try:
            end = await self._send(lane)
            return await self._ledger.close(end)
        finally:
            self._hosts.leave(lane.host)
            self._troubled_in_hand -= lane.is_troubled

    async def extend(self, lanes: Sequence[TakenLane]) -> None:
        """Renew the leases of lanes in hand: in front of all else, because a lease that ends means sending twice."""
        await self._db.write(extend, self._holder, [lane.id for lane in lanes])

    async def release(self, lanes: Sequence[TakenLane]) -> None:
        """Give lanes back that were broken off, once it is written how far they came."""
        async with asyncio.timeout(SETTLE_SECONDS):
            await self._ledger.settle()
        await self._db.write_behind(give_back, self._holder, [lane.id for lane in lanes])

    async def _send(self, lane: TakenLane) -> LaneEnd:
        """Send the parcels in their order, up to the first that has to wait: nothing may overtake it."""
        failures = lane.failures
        parcels = list(lane.parcels)
        while parcels:
            parcel = parcels.pop(0)
            if parcel.letter.activity_id in self._cancelled:
                self._ledger.note(Attempt(lane, parcel, GiveUp("it was cancelled")))
                continue
            outcome = await self._attempt(lane, parcel, failures)
            if isinstance(outcome, RetryAt) and await self._takes_another(lane, parcel, parcels, outcome):
                outcome = GiveUp(f"{outcome.reason} (again and again, while another activity was taken)")
            self._ledger.note(Attempt(lane, parcel, outcome))
            if isinstance(outcome, RetryAt):
                return LaneEnd(lane, outcome.when, failures + 1)
            failures = 0
        return LaneEnd(lane, self._clock(), failures)

    async def _takes_another(self, lane: TakenLane, stuck: Parcel, behind: list[Parcel], outcome: RetryAt) -> bool:
        """Try whether a host that refuses one activity again and again takes one about something else.

        If it does, the activity is what is wrong, and all behind it would wait three days for nothing.
        """
        if not outcome.turned_down or stuck.attempts < SUSPECT_AFTER:
            return False
        others = [parcel for parcel in behind if parcel.letter.object_uri != stuck.letter.object_uri]
        if not others or not isinstance(await self._attempt(lane, others[0], lane.failures), Delivered):
            return False
        behind.remove(others[0])
        self._ledger.note(Attempt(lane, others[0], Delivered()))
        return True

    async def _attempt(self, lane: TakenLane, parcel: Parcel, failures: int) -> Outcome:
        """Try once, and remember how the host fared."""
        begun = self._monotonic()
        outcome = await self._sender.attempt(parcel, failures=failures)
        if isinstance(outcome, RetryAt):
            self._hosts.failed(lane.host)
        elif isinstance(outcome, Delivered):
            self._hosts.answered(lane.host, self._monotonic() - begun)
        return outcome

    async def _tidy(self) -> None:
        """At the start end the leases of a former life; then, once an hour, forget what is long over."""
        now = self._clock()
        if self._pruned_at is None:
            await self._db.write_behind(give_back, self._holder)
        if self._pruned_at is None or now - self._pruned_at >= PRUNE_EVERY:
            await self._db.write_behind(prune)
            await self._db.write_behind(forget_strangers)
            self._pruned_at = now


def outbox_worker(queue: DeliveryQueue) -> Worker[TakenLane]:
    """Return the worker that delivers what is queued. Wake it when `DeliveriesQueued` has been committed."""
    return Worker(queue, name="delivery", room=LANES)
