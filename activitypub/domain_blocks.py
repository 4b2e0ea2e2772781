"""Which domains this town has shut out, kept in memory because every request asks.

A block covers the domain and everything below it, in canonical form (row I01). Read again every few seconds, so
a decision made in another process holds here soon, too; `forget()` makes it hold at once in this one.
"""

import asyncio
from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from activitypub.models import DomainBlock, Severity
from activitypub.unit import UnitsOfWork

READ_AGAIN_AFTER = 5.0  # seconds


class DomainBlocks:
    """Answers how far a host is shut out."""

    def __init__(self, db: UnitsOfWork) -> None:
        self._db = db
        self._blocks: Mapping[str, Severity] = {}
        self._read_at = float("-inf")
        self._reading: asyncio.Task[Mapping[str, Severity]] | None = None

    async def severity(self, host: str) -> Severity | None:
        """Return how far `host` (canonical, with or without port) is shut out; None if it is welcome."""
        while asyncio.get_running_loop().time() - self._read_at > READ_AGAIN_AFTER:
            await self._read()
        if not self._blocks:
            return None
        return strictest(self._blocks, host)

    async def is_suspended(self, host: str) -> bool:
        """True if nothing goes to or comes from `host`."""
        return await self.severity(host) is Severity.SUSPEND

    async def _read(self) -> None:
        """Read the list; whoever asks meanwhile waits for the same reading."""
        reading = self._reading or asyncio.create_task(self._db.read(_all_blocks))
        self._reading = reading
        try:
            blocks = await asyncio.shield(reading)
        except Exception:
            self._reading = None
            raise
        if self._reading is reading:  # else somebody was here before us, or it is out of date already
            self._blocks, self._read_at, self._reading = blocks, asyncio.get_running_loop().time(), None

    def forget(self) -> None:
        """Read the list again at the next question; what is being read just now may be out of date."""
        self._read_at, self._reading = float("-inf"), None


def strictest(blocks: Mapping[str, Severity], host: str) -> Severity | None:
    """Return the strictest block on the host or on any domain above it."""
    found = {blocks[domain] for domain in with_parents(host) if domain in blocks}
    if Severity.SUSPEND in found:
        return Severity.SUSPEND
    return Severity.SILENCE if found else None


def with_parents(host: str) -> list[str]:
    """Return the host without its port, and every domain above it: a.b.example → a.b.example, b.example, example."""
    labels = host.rpartition(":")[0].split(".") if _has_port(host) else host.split(".")
    return [".".join(labels[start:]) for start in range(len(labels))]


def _has_port(host: str) -> bool:
    return not host.endswith("]") and host.rpartition(":")[2].isdigit() and ":" in host


def _all_blocks(session: Session) -> dict[str, Severity]:
    return {row.domain: Severity(row.severity) for row in session.scalars(select(DomainBlock))}
