"""E02: a body ends at the limit, whatever its headers say; nothing beyond it is kept in memory."""

import asyncio
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from activitypub.caps import CAPS
from activitypub.http import TooLarge, Unreachable
from tests.loopback import Handler, Request, always, egress, loopback, reply

MEGABYTE = 1_048_576
PIECE = b"x" * 65_536


@contextmanager
def memory_below(limit: int) -> Iterator[None]:
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < limit
    finally:
        tracemalloc.stop()


async def endless_chunks(_request: Request, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 Said\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"10000\r\n" + PIECE + b"\r\n")
        await writer.drain()


async def endless_until_closed(_request: Request, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 Said\r\n\r\n")
    while True:
        writer.write(PIECE)
        await writer.drain()


async def endless_headers(_request: Request, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 Said\r\n")
    while True:
        writer.write(b"X-More: and more\r\n")
        await writer.drain()


@pytest.mark.parametrize("handle", [endless_chunks, endless_until_closed])
async def test_an_endless_body_is_cut_at_one_megabyte(handle: Handler) -> None:
    async with loopback(handle) as server, egress() as client:
        with memory_below(8 * MEGABYTE), pytest.raises(TooLarge):
            await client.get(server.url(), accept="*/*")


async def test_endless_headers_are_cut() -> None:
    async with loopback(endless_headers) as server, egress() as client:
        with memory_below(8 * MEGABYTE), pytest.raises(Unreachable):
            await client.get(server.url(), accept="*/*")


async def test_an_announced_length_over_the_limit_is_not_read_at_all() -> None:
    async with (
        loopback(always(reply(200, b"{}", {"Content-Length": "9999999999"}))) as server,
        egress() as client,
    ):
        with pytest.raises(TooLarge):
            await client.get(server.url(), accept="*/*")


async def test_more_than_was_announced_is_no_answer() -> None:
    async with loopback(always(reply(200, b"{}{}", {"Content-Length": "2"}))) as server, egress() as client:
        with pytest.raises(Unreachable):
            await client.get(server.url(), accept="*/*")


async def test_less_than_was_announced_is_no_answer() -> None:
    async def break_off(_request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(reply(200, b"{}", {"Content-Length": "20"}))
        await writer.drain()
        writer.close()

    async with loopback(break_off) as server, egress() as client:
        with pytest.raises(Unreachable):
            await client.get(server.url(), accept="*/*")


@pytest.mark.parametrize("length", ["-1", "1e3", "0x10", "12, 13"])
async def test_a_length_that_is_no_number_is_no_answer(length: str) -> None:
    async with loopback(always(reply(200, b"{}", {"Content-Length": length}))) as server, egress() as client:
        with pytest.raises(Unreachable):
            await client.get(server.url(), accept="*/*")


async def test_the_limit_is_exact_and_the_callers_to_set() -> None:
    async with loopback(always(reply(200, b"x" * 100))) as server, egress() as client:
        assert len((await client.get(server.url(), accept="*/*", limit=100)).body) == 100
        with pytest.raises(TooLarge):
            await client.get(server.url(), accept="*/*", limit=99)


async def test_the_default_limit_is_one_megabyte() -> None:
    assert CAPS.body_bytes == MEGABYTE
    for size, fits in ((MEGABYTE, True), (MEGABYTE + 1, False)):
        chunked = reply(200, b"%x\r\n%b\r\n0\r\n\r\n" % (size, b"x" * size), {"Transfer-Encoding": "chunked"})
        async with loopback(always(chunked)) as server, egress() as client:
            if fits:
                assert len((await client.get(server.url(), accept="*/*")).body) == size
            else:
                with pytest.raises(TooLarge):
                    await client.get(server.url(), accept="*/*")


@pytest.mark.parametrize("handle", [endless_chunks, endless_until_closed])
async def test_an_inbox_cannot_answer_a_delivery_for_ever(handle: Handler) -> None:
    async with loopback(handle) as server, egress() as client:
        with memory_below(8 * MEGABYTE):
            response = await client.post(server.url(), b"{}", content_type="text/plain")
        assert (response.status, len(response.body)) == (200, CAPS.excerpt_bytes)
