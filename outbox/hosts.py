"""How the hosts fare, as one process sees it: what keeps a slow or dead host from slowing the others.

Three limits, none of which is stored: so many lanes of one host at once, a pause for a host that fails again
and again (a circuit breaker: ten failures within a minute open it for a minute, then one lane may probe),
and a mark on hosts that answer slowly, which have to share a part of the worker's room with those that fail.

Anchor: Mastodon's breaker opens at 10 failures within 60 s.
"""

import time
from collections import deque
from collections.abc import Callable

from msgspec import Struct, field

LANES_PER_HOST = 4
FAILURES = 10
WITHIN_SECONDS = 60.0
PAUSE_SECONDS = 60.0
SLOW_SECONDS = 3.0
SLOW_FOR_SECONDS = 600.0  # how long one slow answer is held against a host that gives no faster one

MonotonicClock = Callable[[], float]


class _Host(Struct):
    lanes: int = 0
    failed_at: deque[float] = field(default_factory=lambda: deque(maxlen=FAILURES))
    paused_until: float | None = None
    slow_until: float = 0.0


class Hosts:
    """Counts lanes in hand and remembers failures and slowness, per host. Belongs to one event loop."""

    def __init__(self, clock: MonotonicClock = time.monotonic) -> None:
        self._clock = clock
        self._hosts: dict[str, _Host] = {}

    def enter(self, host: str) -> None:
        """A lane of this host was taken in hand."""
        self._of(host).lanes += 1

    def leave(self, host: str) -> None:
        """A lane of this host was put down."""
        self._of(host).lanes -= 1

    def answered(self, host: str, seconds: float) -> None:
        """The host gave an answer that is no failure, after so many seconds."""
        state = self._of(host)
        state.failed_at.clear()
        state.paused_until = None
        state.slow_until = self._clock() + SLOW_FOR_SECONDS if seconds > SLOW_SECONDS else 0.0

    def failed(self, host: str) -> None:
        """The host failed: no answer, or one that says so."""
        state, now = self._of(host), self._clock()
        state.failed_at.append(now)
        is_often = len(state.failed_at) == FAILURES and now - state.failed_at[0] <= WITHIN_SECONDS
        # A paused host that fails again was the probe, or one of the lanes that were under way.
        if is_often or state.paused_until is not None:
            state.paused_until = now + PAUSE_SECONDS

    def free(self) -> dict[str, int]:
        """Return how many more lanes may be taken of each host known here; of all others `LANES_PER_HOST`."""
        self._forget_the_quiet()
        return {name: max(0, self._limit(state) - state.lanes) for name, state in self._hosts.items()}

    def slow(self) -> frozenset[str]:
        """Return the hosts that lately took long to answer."""
        now = self._clock()
        return frozenset(name for name, state in self._hosts.items() if state.slow_until > now)

    def _of(self, host: str) -> _Host:
        return self._hosts.setdefault(host, _Host())

    def _limit(self, state: _Host) -> int:
        if state.paused_until is None:
            return LANES_PER_HOST
        return 0 if self._clock() < state.paused_until else 1

    def _forget_the_quiet(self) -> None:
        """Drop hosts with nothing to remember: what goes on bounds the memory."""
        now = self._clock()
        quiet = [
            name
            for name, state in self._hosts.items()
            if state.lanes == 0
            and state.slow_until <= now
            and (not state.failed_at or now - state.failed_at[-1] > WITHIN_SECONDS + PAUSE_SECONDS)
        ]
        for name in quiet:
            del self._hosts[name]
