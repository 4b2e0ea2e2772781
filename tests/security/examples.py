"""Hypothesis against a server that runs: it draws in a thread, the server answers in this event loop."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from hypothesis import HealthCheck, given, settings
from hypothesis.strategies import SearchStrategy

Example = TypeVar("Example")


async def for_examples(
    examples: SearchStrategy[Example], check: Callable[[Example], Awaitable[None]], *, count: int
) -> None:
    """Run `check` on `count` examples, one after the other; a failing one is shrunk and raised."""
    loop = asyncio.get_running_loop()

    @settings(max_examples=count, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(examples)
    def run(example: Example) -> None:
        asyncio.run_coroutine_threadsafe(_awaited(check, example), loop).result(timeout=60)

    await asyncio.to_thread(run)


async def _awaited(check: Callable[[Example], Awaitable[None]], example: Example) -> None:
    await check(example)
