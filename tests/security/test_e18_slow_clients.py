"""E18: whoever asks slowly, or not at all, is hung up on, and meanwhile everybody else is answered."""

import asyncio
import time
from contextlib import suppress

import pytest

from fediverse_kommune import http_protocol
from tests.client import anonymous
from tests.town import Town

IDLE = 400
HEAD = b"GET /nodeinfo/2.1 HTTP/1.1\r\nHost: stadt.test\r\n"


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_protocol, "HEAD_SECONDS", 0.5)


async def hung_up_after(town: Town, *, begin: bytes = b"", drip: bytes = b"", seconds: float = 5) -> float:
    """Say `begin`, then `drip` again and again, and return the seconds until the server hangs up."""
    reader, writer = await asyncio.open_connection("127.0.0.1", town.port)
    begun = time.perf_counter()
    writer.write(begin)
    async with asyncio.timeout(seconds):
        reading = asyncio.ensure_future(reader.read())
        while not reading.done():
            with suppress(ConnectionError):
                writer.write(drip)
                await writer.drain()
            await asyncio.sleep(0.02)
    writer.close()
    return time.perf_counter() - begun


@pytest.mark.parametrize(
    ("begin", "drip"), [(b"", b""), (HEAD, b""), (HEAD, b"X-A: b\r\n"), (b"GET /", b"x"), (HEAD + b"X: ", b"x")]
)
async def test_a_request_without_an_end_is_given_up(stadt: Town, begin: bytes, drip: bytes) -> None:
    assert 0.4 < await hung_up_after(stadt, begin=begin, drip=drip) < 3


async def test_a_head_without_an_end_is_given_up_before_its_time(stadt: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_protocol, "HEAD_SECONDS", 60)
    for line in (b"X-A: " + b"b" * 8_000 + b"\r\n", b"x" * 8_000):
        await hung_up_after(stadt, begin=HEAD + b"X: ", drip=line)


async def test_who_keeps_the_connection_is_not_hung_up_on(stadt: Town) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", stadt.port)
    for _ in range(3):
        writer.write(HEAD + b"\r\n")
        assert (await reader.readline()).startswith(b"HTTP/1.1 200")
        length = 0
        while (line := await reader.readline()) != b"\r\n":
            if line.lower().startswith(b"content-length:"):
                length = int(line.split()[1])
        await reader.readexactly(length)
        await asyncio.sleep(0.7)  # longer than a head may take: this time is between two requests
    writer.close()


async def test_others_are_answered_while_many_wait(stadt: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_protocol, "HEAD_SECONDS", 30)
    idle = [await asyncio.open_connection("127.0.0.1", stadt.port) for _ in range(IDLE)]
    for _, writer in idle:
        writer.write(HEAD)
    nobody, times = anonymous(stadt), []
    for _ in range(50):
        begun = time.perf_counter()
        await nobody.get("/nodeinfo/2.1")
        times.append(time.perf_counter() - begun)
    assert max(times) < 1
    for _, writer in idle:
        writer.close()
