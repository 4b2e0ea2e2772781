"""E03: what counts is what comes out; and a little that becomes much is never unpacked whole."""

import asyncio
import functools
import gzip
import zlib

import pytest

from activitypub.http import TooLarge, WrongContentType
from tests.loopback import Request, always, egress, loopback, reply
from tests.security.test_e02_unbounded_bodies import MEGABYTE, memory_below

BOMB_SIZE = 256 * MEGABYTE


@functools.cache
def bomb(wbits: int) -> bytes:
    """A quarter of a gigabyte of nothing in a quarter of a megabyte."""
    compressor = zlib.compressobj(9, wbits=wbits)
    zeros = bytes(MEGABYTE)
    return b"".join([*(compressor.compress(zeros) for _ in range(BOMB_SIZE // MEGABYTE)), compressor.flush()])


@pytest.mark.parametrize(("encoding", "wbits"), [("gzip", 31), ("deflate", 15)])
async def test_a_bomb_is_cut_at_the_limit(encoding: str, wbits: int) -> None:
    packed = bomb(wbits)
    assert len(packed) < MEGABYTE < BOMB_SIZE
    async with (
        loopback(always(reply(200, packed, {"Content-Encoding": encoding}))) as server,
        egress() as client,
    ):
        with memory_below(8 * MEGABYTE), pytest.raises(TooLarge):
            await client.get(server.url(), accept="*/*")


@pytest.mark.parametrize(
    "encoding",
    ["br", "zstd", "compress", "gzip, gzip", "gzip,deflate", "deflate, identity", "gzip;q=1", "unknown"],
)
async def test_other_and_nested_encodings_are_refused(encoding: str) -> None:
    packed = gzip.compress(gzip.compress(b"{}"))
    async with (
        loopback(always(reply(200, packed, {"Content-Encoding": encoding}))) as server,
        egress() as client,
    ):
        with pytest.raises(WrongContentType):
            await client.get(server.url(), accept="*/*")


async def test_an_encoding_nested_by_two_headers_is_refused() -> None:
    headers = [("Content-Encoding", "gzip"), ("Content-Encoding", "gzip")]
    packed = gzip.compress(gzip.compress(b"{}"))
    async with loopback(always(reply(200, packed, headers))) as server, egress() as client:
        with pytest.raises(WrongContentType):
            await client.get(server.url(), accept="*/*")


async def test_a_stream_that_unpacks_to_nothing_ends_at_the_limit_too() -> None:
    async def endless_empty_blocks(_request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 Said\r\nContent-Encoding: gzip\r\n\r\n")
        writer.write(zlib.compressobj(wbits=31).flush(zlib.Z_FULL_FLUSH))
        while True:
            writer.write(bytes.fromhex("000000ffff") * 10_000)  # RFC 1951 section 3.2.4: stored, of length 0
            await writer.drain()

    async with loopback(endless_empty_blocks) as server, egress() as client:
        with memory_below(8 * MEGABYTE), pytest.raises(TooLarge):
            await client.get(server.url(), accept="*/*")


async def test_the_limit_counts_what_comes_out() -> None:
    packed = gzip.compress(b"x" * 5_000)
    async with (
        loopback(always(reply(200, packed, {"Content-Encoding": "gzip"}))) as server,
        egress() as client,
    ):
        assert len((await client.get(server.url(), accept="*/*", limit=5_000)).body) == 5_000
        with pytest.raises(TooLarge):
            await client.get(server.url(), accept="*/*", limit=4_999)


async def test_the_excerpt_of_an_error_page_is_not_unpacked() -> None:
    async with (
        loopback(always(reply(500, bomb(31), {"Content-Encoding": "gzip"}))) as server,
        egress() as client,
    ):
        with memory_below(8 * MEGABYTE):
            assert len((await client.get(server.url(), accept="*/*")).body) == 2_048
