"""Whose a token is, remembered for seconds: an app that asks for a page asks for five.

A revoked token is refused at once by the process that revoked it, and after `KEPT_SECONDS` by others (rule 9).
"""

import time

from msgspec import Struct

from activitypub.models import Actor
from fediverse_kommune.api.auth import Viewer, find_viewer
from fediverse_kommune.database import Database
from fediverse_kommune.models import AccessToken, Membership, Preference, User
from fediverse_kommune.services.tokens import digest
from fediverse_kommune.watch import Watch, changed_tables

KEPT_SECONDS = 4.0  # rule 9 leaves five for all that it takes
MOST = 10_000

# What `find_viewer` reads.
TABLES = frozenset(table.__tablename__ for table in (AccessToken, User, Actor, Membership, Preference))


class _Known(Struct, frozen=True):
    viewer: Viewer
    generation: int
    until: float


class RecentViewers:
    """Finds whose a token is, in memory if it was asked for just now and nothing has changed since."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._watch = Watch(db.engine, lambda statement: not TABLES.isdisjoint(changed_tables(statement)))
        self._known: dict[str, _Known] = {}

    async def find(self, token: str, *, at_once: bool) -> Viewer | None:
        """Return who a token stands for; None if nobody. With `at_once` as of this moment and not from memory:

        who changes something starts from what is there now.
        """
        key = digest(token)
        known = self._known.get(key)
        generation, now = self._watch.generation, time.monotonic()
        if known and not at_once and known.generation == generation and now < known.until:
            return known.viewer
        viewer = await self._db.read(find_viewer, token)
        if viewer is None:
            self._known.pop(key, None)
            return None
        if len(self._known) >= MOST:
            self._known.clear()
        self._known[key] = _Known(viewer, generation, now + KEPT_SECONDS)
        return viewer
