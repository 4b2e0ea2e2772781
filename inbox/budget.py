"""How much one actor may say within a minute: whoever likes and unlikes without end is told to wait (row E11)."""

import time
from collections import Counter
from collections.abc import Callable

from activitypub.caps import CAPS

WINDOW_SECONDS = 60.0


class ActorBudget:
    """Counts the activities of each actor in the minute that runs. Belongs to one event loop."""

    def __init__(self, most: int = CAPS.activities_per_actor, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._clock = clock
        self._since = clock()
        self._spent: Counter[str] = Counter()

    def spend(self, actor_uri: str) -> bool:
        """Count an activity of this actor; False if it is one too many."""
        now = self._clock()
        if now - self._since >= WINDOW_SECONDS:
            self._since = now
            self._spent.clear()
        self._spent[actor_uri] += 1
        return self._spent[actor_uri] <= self._most
