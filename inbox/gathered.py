"""Requests that want the same of the database go to it together: while one set is worked on, the next one gathers."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from msgspec import Struct

Item = TypeVar("Item")
Result = TypeVar("Result")


class _Waiting(Struct, Generic[Item, Result], frozen=True):
    item: Item
    result: asyncio.Future[Result]


class Gathered(Generic[Item, Result]):
    """A function of one item, made of a function of many: a rush costs a few statements, one alone never waits."""

    def __init__(self, work: Callable[[Sequence[Item]], Awaitable[Sequence[Result]]], most: int) -> None:
        """`work` takes up to `most` items and returns a result for each, in their order."""
        self._work = work
        self._most = most
        self._waiting: list[_Waiting[Item, Result]] = []
        self._working: asyncio.Task[None] | None = None

    async def __call__(self, item: Item) -> Result:
        """Return the result for `item`; raises what `work` raised for the set it was in."""
        result: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(item, result))
        if self._working is None:
            self._working = asyncio.create_task(self._work_all())
        return await result

    async def _work_all(self) -> None:
        try:
            while self._waiting:
                taken, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
                await self._work_on(taken)
        finally:
            self._working = None

    async def _work_on(self, taken: Sequence[_Waiting[Item, Result]]) -> None:
        try:
            results = await self._work([waiting.item for waiting in taken])
        except Exception as error:  # noqa: BLE001 (handed to each who waits)
            for waiting in taken:
                if not waiting.result.done():
                    waiting.result.set_exception(error)
            return
        for waiting, result in zip(taken, results, strict=True):
            if not waiting.result.done():
                waiting.result.set_result(result)
