"""What was refused, counted for the administrators: by server, day and reason, and nothing of what was sent.

Counted in memory and written down together, so that who floods us with nonsense causes a write every few seconds and no
more. However many names a stranger invents, only so many of them are kept.
"""

import asyncio
import logging
import re
from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from functools import cache

from sqlalchemy import Insert, delete, select

from activitypub.on_conflict import insert_for
from activitypub.unit import StorageUnavailable, Unit, UnitsOfWork
from inbox.models import RefusedArrival
from webfinger.host import InvalidHost, canonical_host

log = logging.getLogger(__name__)

WRITTEN_EVERY = 2.0  # seconds
NAMES = 500  # different refusals that wait to be written
ROWS = 10_000  # that are kept
KEPT = timedelta(days=30)

MANY = ("", "many", "")
"""Under which what comes too thick is counted."""

Key = tuple[str, str, str]

_CLAIMED = re.compile(r'keyid="https?://([^/"?#]{1,255})', re.IGNORECASE)


class RefusedArrivals:
    """Counts what the inboxes refuse."""

    def __init__(self, db: UnitsOfWork) -> None:
        self._db = db
        self._counts: Counter[Key] = Counter()
        self._writing: asyncio.Task[None] | None = None

    def note(self, host: str, reason: str, what: str) -> None:
        """Count a refusal in the name of `host`; it is written down soon."""
        key = (host, reason, what)
        if key not in self._counts and len(self._counts) >= NAMES:
            key = MANY
        self._counts[key] += 1
        if self._writing is None:
            self._writing = asyncio.create_task(self._write_soon(), name="refused arrivals")

    async def settle(self) -> None:
        """Write down at once what is counted."""
        counts, self._counts = self._counts, Counter()
        if not counts:
            return
        try:
            await self._db.write_behind(add_refusals, counts)
        except StorageUnavailable:
            self._counts.update(counts)
            log.warning("what was refused cannot be written down yet")

    async def _write_soon(self) -> None:
        try:
            while self._counts:
                await asyncio.sleep(WRITTEN_EVERY)
                await self.settle()
        finally:
            self._writing = None


def claimed_host(headers: Iterable[tuple[bytes, bytes]], *, test_network: bool) -> str:
    """Return the server in whose name a request was signed, as it says itself; "" for none."""
    for name, value in headers:
        if name in {b"signature", b"signature-input", b"authorization"}:
            found = _CLAIMED.search(value.decode("latin-1"))
            if found:
                try:
                    return canonical_host(found[1], test_network=test_network)
                except InvalidHost:
                    return ""
    return ""


def add_refusals(unit: Unit, counts: Counter[Key]) -> None:
    """Add to the counts of today."""
    today = unit.now.date()
    rows = [
        {"host": host, "day": today, "reason": reason, "what": what, "count": count, "last_at": unit.now}
        for (host, reason, what), count in sorted(counts.items())
    ]
    unit.run(_added(unit.get_bind().dialect.name), rows)


def prune_refusals(unit: Unit) -> None:
    """Forget what was refused long ago, and the oldest of what is too much to keep."""
    old = RefusedArrival.day < (unit.now - KEPT).date()
    unit.execute(delete(RefusedArrival).where(old).execution_options(synchronize_session=False))
    first_kept = unit.scalar(
        select(RefusedArrival.last_at).order_by(RefusedArrival.last_at.desc()).offset(ROWS - 1).limit(1)
    )
    if first_kept is not None:
        older = delete(RefusedArrival).where(RefusedArrival.last_at < first_kept)
        unit.execute(older.execution_options(synchronize_session=False))


@cache
def _added(dialect_name: str) -> Insert:
    statement = insert_for(dialect_name, RefusedArrival)
    more = {"count": RefusedArrival.count + statement.excluded.count, "last_at": statement.excluded.last_at}
    added: Insert = statement.on_conflict_do_update(index_elements=["host", "day", "reason", "what"], set_=more)
    return added
