"""D10: redirects that go round in circles, on for ever, or slowly."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable

import pytest
from msgspec.structs import replace

from activitypub.caps import CAPS
from activitypub.http import Egress, Refused, TooManyRedirects, Unreachable
from tests.loopback import Request, by_path, egress, loopback, reply

Ask = Callable[[Egress, str], Awaitable[object]]


async def fetch(client: Egress, url: str) -> object:
    return await client.get(url, accept="*/*")


async def deliver(client: Egress, url: str) -> object:
    return await client.post(url, b"{}", content_type="text/plain")


def moved(path: str) -> bytes:
    return reply(307, b"", {"Location": path})


@pytest.mark.parametrize("ask", [fetch, deliver])
@pytest.mark.parametrize(
    ("answers", "requests"),
    [
        ({"/": moved("/")}, 1),
        ({"/": moved("/#again")}, 1),
        ({"/": moved("/b"), "/b": moved("/")}, 2),
        ({"/": moved("/1"), "/1": moved("/2"), "/2": moved("/3"), "/3": moved("/4"), "/4": reply()}, 4),
    ],
)
async def test_at_most_three_hops_and_none_twice(answers: dict[str, bytes], requests: int, ask: Ask) -> None:
    async with loopback(by_path(answers)) as server, egress() as client:
        with pytest.raises(TooManyRedirects):
            await ask(client, server.url())
        assert len(server.requests) == requests


async def test_three_hops_are_followed() -> None:
    answers = {"/": moved("/1"), "/1": moved("/2"), "/2": moved("/3"), "/3": reply(200, b"here")}
    async with loopback(by_path(answers)) as server, egress() as client:
        assert (await client.get(server.url(), accept="*/*")).body == b"here"


async def test_a_hundred_hops_end_after_three() -> None:
    counter = itertools.count(1)

    async def onwards(_request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(moved(f"/{next(counter)}"))

    async with loopback(onwards) as server, egress() as client:
        with pytest.raises(TooManyRedirects):
            await client.get(server.url(), accept="*/*")
        assert len(server.requests) == 4


async def test_all_hops_share_one_deadline() -> None:
    async def slowly_onwards(request: Request, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.4)  # each hop is within the deadline, all of them are not
        writer.write(moved(request.target + "x"))

    async with loopback(slowly_onwards) as server, egress(caps=replace(CAPS, total_seconds=1)) as client:
        with pytest.raises(Unreachable):
            await client.get(server.url(), accept="*/*")
        assert len(server.requests) > 1


async def test_the_last_hop_is_judged_too() -> None:
    answers = {"/": moved("/1"), "/1": moved("/2"), "/2": moved("http://127.0.0.9/")}
    async with loopback(by_path(answers)) as server, egress(allow=["127.0.0.1/32"]) as client:
        with pytest.raises(Refused):
            await client.get(server.url(), accept="*/*")
