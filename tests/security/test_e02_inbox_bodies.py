"""E02: an inbox reads one megabyte and no more, whatever a sender says about the length."""

import asyncio
import tracemalloc

import pytest

from activitypub.caps import CAPS
from tests.fediverse import ACTIVITY_TYPE, Remote
from tests.security.attack import repelled
from tests.security.letter import letter, send
from tests.town import Town

MEGABYTE = 1_048_576


@pytest.mark.parametrize("path", ["/inbox", "/users/anna/inbox"])
async def test_a_body_over_the_limit_is_refused(stadt: Town, nachbar: Remote, path: str) -> None:
    await stadt.resident("anna")
    bob = nachbar.person("bob")
    await stadt.meet(bob)
    async with repelled(stadt, nachbar):
        for size in (CAPS.body_bytes + 1, 2 * MEGABYTE):
            body = b'{"x": "' + b"x" * (size - 9) + b'"}'
            assert len(body) == size
            assert await stadt.deliver(bob, body, path=path) == 413


async def test_fifty_megabytes_are_not_kept(stadt: Town, nachbar: Remote) -> None:
    """Announced, or sent in pieces without a word about how many there are."""
    piece = b"x" * 65_536
    head = f"POST /inbox HTTP/1.1\r\nHost: {stadt.host}:{stadt.port}\r\nContent-Type: {ACTIVITY_TYPE}\r\n".encode()

    async def pour(headers: bytes, chunk: bytes) -> int:
        reader, writer = await asyncio.open_connection("127.0.0.1", stadt.port)
        try:
            writer.write(head + headers)
            for _ in range(50 * MEGABYTE // len(piece)):
                writer.write(chunk)
                await writer.drain()
            async with asyncio.timeout(10):
                line = await reader.readline()
            return int(line.split()[1]) if line else 0
        except ConnectionError:
            return 0
        finally:
            writer.close()

    async with repelled(stadt, nachbar):
        tracemalloc.start()
        try:
            announced = f"Content-Length: {50 * MEGABYTE}\r\n\r\n".encode()
            chunked = b"Transfer-Encoding: chunked\r\n\r\n"
            assert await pour(announced, piece) in (0, 413)
            assert await pour(chunked, b"10000\r\n" + piece + b"\r\n") in (0, 413)
            assert tracemalloc.get_traced_memory()[1] < 8 * MEGABYTE
        finally:
            tracemalloc.stop()


async def test_a_length_that_lies_is_no_help(stadt: Town, nachbar: Remote) -> None:
    """Less than was announced never comes to a verdict; more is another request, and not a valid one."""
    resident, bob = await stadt.resident("anna"), nachbar.person("bob")
    await stadt.meet(bob)
    async with repelled(stadt, nachbar):
        written = letter(stadt, bob, bob.activity("Follow", resident.uri)).sign()
        for length in (1, len(written.body) - 1):
            written.set("Content-Length", str(length))
            assert await send(stadt, written.raw()) in (400, 401)
        for length_text in ("-1", "x", "9" * 400, "0x10"):
            written.set("Content-Length", length_text)
            assert await send(stadt, written.raw()) in (0, 400, 413)
        written.set("Content-Length", str(len(written.body) + 5))
        reader, writer = await asyncio.open_connection("127.0.0.1", stadt.port)
        writer.write(written.raw())
        writer.close()  # and never sends the rest
        assert await reader.read() == b""
