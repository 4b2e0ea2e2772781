"""Notices commits that change what is kept in memory, so that it is forgotten before anybody hears of the commit.

It looks at the statements that run, not at who runs them: nobody has to remember to tell. Commits of other processes
are not seen; what is kept has to end by itself after a few seconds, too.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from itertools import count
from typing import Any

from sqlalchemy import Engine, event

_CHANGE = re.compile(r"\b(?:INSERT\s+INTO|UPDATE|DELETE\s+FROM)\s+\"?(\w+)\"?", re.IGNORECASE)
_SET_COLUMN = re.compile(r"(?:\bSET\s+|,\s*)\"?(\w+)\"?\s*=")
# What moves with every post and every follow, and says nothing of who somebody is and what they may.
_COUNTERS = frozenset(
    [
        "statuses_count",
        "followers_count",
        "following_count",
        "last_status_at",
        "last_active_at",
        "fetched_at",
        "version",
    ]
)


class Watch:
    """Watches for statements that matter; `generation` is another number after each commit with one of them.

    It changes twice: before the commit, so that from the moment on at which the change can be seen nothing older is
    given again; and after it, so that nothing is kept that was read in between.
    """

    def __init__(self, engine: Engine, matters: Callable[[str], bool]) -> None:
        self.generation = 0
        self._matters = matters
        self._numbers = count(1)
        event.listen(engine, "after_cursor_execute", self._note)
        event.listen(engine, "commit", self._announce)
        # The connection goes back to its pool after the commit, and before the caller is answered.
        event.listen(engine, "checkin", self._look)

    def _note(self, connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if self._matters(statement):
            connection.info[self] = True

    def _announce(self, connection: Any) -> None:
        if self in connection.info:
            self.generation = next(self._numbers)

    def _look(self, _connection: Any, record: Any) -> None:
        if record.info.pop(self, False):
            self.generation = next(self._numbers)


@lru_cache(maxsize=2_048)
def changed_tables(statement: str) -> frozenset[str]:
    """Return the tables that a statement changes in more than counters."""
    found = {match[1].lower() for match in _CHANGE.finditer(statement)}
    if found and statement.lstrip()[:6].upper() == "UPDATE":
        head = re.split(r"\bWHERE\b", statement, maxsplit=1)[0]
        if set(_SET_COLUMN.findall(head)) <= _COUNTERS:
            return frozenset()
    return frozenset(found)
