"""One open stream: who listens through it, and what waits to be sent. Nobody waits for it."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from enum import Enum

from msgspec import Struct

from activitypub.models import Actor
from fediverse_kommune.models import Standing

Frame = Callable[[Sequence[str], str, str | None], str]
"""Puts a message into the words of the transport: where it comes from, the event, its payload."""


class Access(Struct, frozen=True):
    """What a token allows: if this changes, the stream ends."""

    scopes: frozenset[str]
    actor_id: int
    standing: Standing


class Caller(Struct, frozen=True):
    """Who opens a stream. `network` is the address it comes from, for counting (IPv6: the first 64 bits)."""

    token_id: int
    actor: Actor
    access: Access
    network: str


class Ending(Enum):
    """Why a stream ends, as a close code and reason (RFC 6455 section 7.4.1)."""

    STOPPING = (1001, "the server stops")
    NO_ACCESS = (1008, "the access token does not hold any more")
    MISUSE = (1008, "too many messages")
    MISSED = (1012, "something may have been missed; connect again")
    TOO_SLOW = (1013, "too slow; connect again")


class Connection:
    """A stream that was accepted. It belongs to the event loop."""

    def __init__(self, caller: Caller, frame: Frame, room: int) -> None:
        self.caller = caller
        self.ended: Ending | None = None
        self._frame = frame
        self._room = room
        self._waiting: deque[str] = deque()
        self._change = asyncio.Event()
        self._over = asyncio.Event()

    def offer(self, label: Sequence[str], event: str, payload: str | None) -> None:
        """Queue a message. Who has not taken the last ones is hung up on."""
        if self.ended is not None:
            return
        if len(self._waiting) >= self._room:
            self.end(Ending.TOO_SLOW)
            return
        self._waiting.append(self._frame(label, event, payload))
        self._change.set()

    def end(self, why: Ending) -> None:
        """End the stream now: what still waits is not sent."""
        if self.ended is None:
            self.ended = why
            self._waiting.clear()
            self._change.set()
            self._over.set()

    async def messages(self, *, heartbeat: str | None = None, every_seconds: float | None = None) -> AsyncIterator[str]:
        """Yield what is to be sent, and `heartbeat` when there was nothing for a while; stop when the stream ends."""
        while self.ended is None:
            self._change.clear()
            while self._waiting:
                yield self._waiting.popleft()
            if self.ended is None and not await self._is_rung(every_seconds) and heartbeat is not None:
                yield heartbeat

    async def over(self) -> Ending:
        """Wait until the stream ends, and return why."""
        await self._over.wait()
        if self.ended is None:
            raise AssertionError("a stream that is over has a reason")
        return self.ended

    async def _is_rung(self, seconds: float | None) -> bool:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._change.wait()
        return self._change.is_set()
