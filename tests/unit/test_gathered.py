"""What gathers while a set is worked on goes together."""

import asyncio
from collections.abc import Sequence

import pytest

from inbox.gathered import Gathered


class Counter:
    """Squares numbers, and remembers in which sets they came."""

    def __init__(self) -> None:
        self.sets: list[list[int]] = []
        self.may_go = asyncio.Event()

    async def square(self, numbers: Sequence[int]) -> list[int]:
        self.sets.append(list(numbers))
        await self.may_go.wait()
        if 13 in numbers:
            raise ValueError("thirteen")
        return [number * number for number in numbers]


async def test_those_who_come_while_one_is_worked_on_share_the_next_sets() -> None:
    counter = Counter()
    squared = Gathered(counter.square, most=3)
    first = asyncio.create_task(squared(1))
    await asyncio.sleep(0.01)
    others = [asyncio.create_task(squared(number)) for number in (2, 3, 4, 5)]
    await asyncio.sleep(0.01)
    assert counter.sets == [[1]]
    counter.may_go.set()
    assert await first == 1
    assert await asyncio.gather(*others) == [4, 9, 16, 25]
    assert counter.sets == [[1], [2, 3, 4], [5]]


async def test_an_error_reaches_its_own_set_and_no_other() -> None:
    counter = Counter()
    squared = Gathered(counter.square, most=2)
    tasks = [asyncio.create_task(squared(number)) for number in (12, 13, 14)]
    counter.may_go.set()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(result) for result in results] == [ValueError, ValueError, int]
    with pytest.raises(ValueError, match="thirteen"):
        await squared(13)
    assert await squared(3) == 9


async def test_who_goes_away_takes_nobody_along() -> None:
    counter = Counter()
    squared = Gathered(counter.square, most=9)
    leaving, staying = asyncio.create_task(squared(1)), asyncio.create_task(squared(2))
    await asyncio.sleep(0.01)
    leaving.cancel()
    counter.may_go.set()
    assert await staying == 4
