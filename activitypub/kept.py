"""What every request asks for and moderators seldom change: kept in memory, and read again every few seconds."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")

READ_AGAIN_AFTER = 5.0  # seconds: how long a decision made in another process may go unnoticed here


class Remembered(OrderedDict[Hashable, T]):
    """A bounded memory that forgets the oldest first."""

    def __init__(self, limit: int) -> None:
        super().__init__()
        self._limit = limit

    def __setitem__(self, key: Hashable, value: T) -> None:
        super().__setitem__(key, value)
        self.move_to_end(key)
        if len(self) > self._limit:
            self.popitem(last=False)


class Kept(Generic[T]):
    """Something that is read by `read`, once for all who ask at once."""

    def __init__(self, read: Callable[[], Awaitable[T]]) -> None:
        self._read = read
        self._value: T | None = None
        self._read_at = float("-inf")
        self._reading: asyncio.Future[T] | None = None

    async def get(self) -> T:
        """Return it, a few seconds old at most."""
        while self._value is None or asyncio.get_running_loop().time() - self._read_at > READ_AGAIN_AFTER:
            await self._read_once()
        return self._value

    def forget(self) -> None:
        """Read it again at the next question; what is being read just now may be out of date."""
        self._read_at, self._reading = float("-inf"), None

    async def _read_once(self) -> None:
        """Read; whoever asks meanwhile waits for the same reading."""
        reading = self._reading or asyncio.ensure_future(self._read())
        self._reading = reading
        try:
            value = await asyncio.shield(reading)
        except Exception:
            self._reading = None
            raise
        if self._reading is reading:  # else somebody was here before us, or it is out of date already
            self._value, self._read_at, self._reading = value, asyncio.get_running_loop().time(), None
