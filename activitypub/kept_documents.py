"""Documents for everybody, read once for all who ask at once: what is announced far away is asked for by thousands.

A change shows at once: whoever asks gets what was read after the question, together with all others who asked since the
reading before began. Where every commit is seen (`generation`), what was read holds until the next one.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable

from msgspec import Struct

from activitypub.kept import Remembered

MOST = 256  # documents, some 5 kB each
KEPT_SECONDS = 5.0  # how long a change by another process, such as a command, may go unnoticed

Generation = Callable[[], int | None]
"""A number that is another one after each commit that could change a document; None if nothing is to be kept."""


class KeptDocument(Struct, frozen=True):
    """A document as it is sent to everybody. `shuts_out` says that there are some to whom its author shows nothing."""

    body: bytes
    shuts_out: bool = False


Reading = Callable[[], Awaitable[KeptDocument | None]]


class _Kept(Struct, frozen=True):
    document: KeptDocument
    generation: int
    until: float


class KeptDocuments:
    """The documents asked for last, and those that are being read."""

    def __init__(self, generation: Generation) -> None:
        self._generation = generation
        self._kept: Remembered[_Kept] = Remembered(MOST)
        self._running: dict[Hashable, asyncio.Task[KeptDocument | None]] = {}
        self._next: dict[Hashable, asyncio.Task[KeptDocument | None]] = {}

    async def get(self, key: Hashable, read: Reading) -> KeptDocument | None:
        """Return a document as it is now; `read` gives None if there is none for everybody, which is not kept."""
        kept = self._kept.get(key)
        if kept is not None and kept.generation == self._generation() and _now() < kept.until:
            return kept.document
        task = self._next.get(key)
        if task is None:
            task = self._next[key] = asyncio.create_task(self._read_after(key, read))
        return await asyncio.shield(task)

    async def _read_after(self, key: Hashable, read: Reading) -> KeptDocument | None:
        """Read when the reading under way is over; whoever asks from then on waits for another one."""
        running = self._running.get(key)
        if running is not None:
            await asyncio.wait([running])
        task = self._running[key] = self._next.pop(key)
        try:
            return await self._read(key, read)
        finally:
            if self._running.get(key) is task:
                del self._running[key]

    async def _read(self, key: Hashable, read: Reading) -> KeptDocument | None:
        generation = self._generation()
        document = await read()
        if document is not None and generation is not None and generation == self._generation():
            self._kept[key] = _Kept(document, generation, _now() + KEPT_SECONDS)
        return document


def _now() -> float:
    return asyncio.get_running_loop().time()
