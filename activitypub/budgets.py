"""How much one sender may cost within some minutes: activities of an actor (row E11), dead keys of a network (B09)."""

import time
from collections import Counter
from collections.abc import Callable
from ipaddress import ip_address

from activitypub.addresses import household
from activitypub.caps import CAPS

WINDOW_SECONDS = 60.0
DEAD_KEYS_SECONDS = 300.0


class _Window:
    """Counts by name in the window of time that runs. Belongs to one event loop."""

    def __init__(self, seconds: float, clock: Callable[[], float]) -> None:
        self._seconds = seconds
        self._clock = clock
        self._since = clock()
        self._counts: Counter[str] = Counter()

    def counts(self) -> Counter[str]:
        """Return what was counted in this window."""
        now = self._clock()
        if now - self._since >= self._seconds:
            self._since = now
            self._counts.clear()
        return self._counts


class ActorBudget:
    """Counts the activities of each actor: whoever likes and unlikes without end is told to wait."""

    def __init__(self, most: int = CAPS.activities_per_actor, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._window = _Window(WINDOW_SECONDS, clock)

    def spend(self, actor_uri: str) -> bool:
        """Count an activity of this actor; False if it is one too many."""
        counts = self._window.counts()
        counts[actor_uri] += 1
        return counts[actor_uri] <= self._most


class DeadKeys:
    """Counts the keys that could not be had, by the network that named them.

    Whoever names ever new ones makes us ask a third server for each of them. Where every request seems to come from a
    proxy beside us nobody can be told from anybody else, and nobody is counted.
    """

    def __init__(self, most: int = CAPS.dead_keys, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._window = _Window(DEAD_KEYS_SECONDS, clock)

    def may_ask(self, address: str | None) -> bool:
        """True as long as unknown keys are fetched for this address."""
        network = _network_of(address)
        return network is None or self._window.counts()[network] < self._most

    def note(self, address: str | None) -> None:
        """Count a key that could not be had."""
        network = _network_of(address)
        if network is not None:
            self._window.counts()[network] += 1


def _network_of(address: str | None) -> str | None:
    """Return whom an address stands for; None for one that says nothing."""
    try:
        parsed = ip_address(address or "")
    except ValueError:
        return None
    return None if parsed.is_private else household(parsed)
