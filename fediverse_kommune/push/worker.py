"""The worker that brings push messages to push services, and what their answers mean.

Delivered   the push service has the message
Later       it is away or overloaded: try again, for a day
Hopeless    it will never take this message
Gone        it does not know the subscription any more, or not ours: the subscription ends
"""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from random import random

from msgspec import Struct

from activitypub.backoff import Dice, pause, retry_after
from activitypub.context import FederationContext
from activitypub.http import EgressError, Response, Unreachable
from activitypub.tasks import LEASE, Worker
from fediverse_kommune.push.bell import Bell
from fediverse_kommune.push.claims import (
    Letter,
    end_subscription,
    forget,
    is_due,
    lease_due,
    letters,
    put_off,
)
from fediverse_kommune.push.encryption import Sealed, seal
from fediverse_kommune.push.vapid import Vapid
from fediverse_kommune.services.filtering import FilterCache

log = logging.getLogger(__name__)

ROOM = 50  # messages in hand at once
CONTENT_TYPE = "application/octet-stream"
STORED_SECONDS = (
    48 * 3600
)  # how long a push service shall keep what it cannot bring to the device (RFC 8030 section 5.2)

GONE = frozenset({404, 410})
# Signed with a key that the subscription was not made for: nothing will ever arrive there.
FOREIGN = frozenset({401, 403})
PASSING = frozenset({408, 425, 429})


class Delivered(Struct, frozen=True):
    """The push service has it."""


class Later(Struct, frozen=True):
    """Not now."""

    when: datetime


class Hopeless(Struct, frozen=True):
    """Never this message."""

    reason: str


class Gone(Struct, frozen=True):
    """Never anything for this subscription."""


Outcome = Delivered | Later | Hopeless | Gone


def classify(answer: Response | EgressError, *, attempts: int, now: datetime, dice: Dice = random) -> Outcome:
    """Return what an answer, or its absence, means. `attempts` are those before: they set the pause."""
    later = now + pause(attempts + 1, dice=dice)
    if isinstance(answer, Unreachable):
        return Later(later)
    if isinstance(answer, EgressError):
        return Hopeless(str(answer))
    if 200 <= answer.status < 300:
        return Delivered()
    if answer.status in GONE | FOREIGN:
        return Gone()
    if answer.status in PASSING or answer.status >= 500 or 300 <= answer.status < 400:
        asked = retry_after(answer.headers.get("Retry-After"), now)
        return Later(max(later, asked) if asked else later)
    return Hopeless(f"answered {answer.status}")


class PushQueue:
    """Push messages as the queue of a worker."""

    def __init__(self, ctx: FederationContext, vapid: Vapid, filters: FilterCache) -> None:
        self._db = ctx.db
        self._http = ctx.http
        self._clock = ctx.clock
        self._instance = ctx.instance
        self._vapid = vapid
        self._filters = filters
        self._bell = Bell()

    async def claim(self, room: int) -> Sequence[Letter]:
        """Lease at most `room` due messages; forget those that nobody is waiting for any more."""
        if not await self._db.read(is_due, self._clock()):
            return []
        ids = await self._db.write_behind(lease_due, room)
        found = await self._db.read(letters, self._instance, self._filters, ids, self._clock())
        await self._db.write_behind(forget, set(ids) - {letter.id for letter in found})
        return found

    async def work(self, letter: Letter) -> bool:
        """Send one message, unless the same was told a moment ago, and write down what came of it."""
        if self._bell.has_rung(letter.topic, self._clock()):
            await self._db.write_behind(forget, [letter.id])
            return False
        match await self._send(letter):
            case Delivered():
                self._bell.note(letter.topic, self._clock())
                await self._db.write_behind(forget, [letter.id])
            case Later(when):
                await self._db.write_behind(put_off, [letter.id], when, failed=True)
            case Hopeless(reason):
                log.info("a push message is given up: %s", reason)
                await self._db.write_behind(forget, [letter.id])
            case Gone():
                await self._db.write_behind(end_subscription, letter.subscription_id)
        return False

    async def extend(self, in_hand: Sequence[Letter]) -> None:
        """Renew the leases of messages in hand."""
        await self._db.write(put_off, [letter.id for letter in in_hand], self._clock() + LEASE)

    async def release(self, in_hand: Sequence[Letter]) -> None:
        """Make messages that were broken off due at once."""
        await self._db.write_behind(put_off, [letter.id for letter in in_hand], self._clock())

    async def _send(self, letter: Letter) -> Outcome:
        sealed = seal(letter.message, letter.keys, standard=letter.standard)

        def sign(_method: str, url: str, _body: bytes | None) -> Mapping[str, str]:
            return self._headers(sealed, url)

        answer: Response | EgressError
        try:
            answer = await self._http.post(letter.endpoint, sealed.body, content_type=CONTENT_TYPE, sign=sign)
        except EgressError as error:
            answer = error
        return classify(answer, attempts=letter.attempts, now=self._clock())

    def _headers(self, sealed: Sealed, url: str) -> dict[str, str]:
        """Return the headers of a message to the push service at `url`, which each redirect may change."""
        ours = self._vapid.headers(url, crypto_key=sealed.headers.get("Crypto-Key"))
        return {"TTL": str(STORED_SECONDS), "Urgency": "normal", **sealed.headers, **ours}


def push_worker(ctx: FederationContext, vapid: Vapid, filters: FilterCache) -> Worker[Letter]:
    """Return the worker that sends push messages. Wake it when `PushQueued` has been committed."""
    return Worker(PushQueue(ctx, vapid, filters), name="push", room=ROOM)
