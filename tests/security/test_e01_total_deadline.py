"""E01: no server can hold us longer than the deadline, wherever it stops and however slowly it goes on."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest
from msgspec.structs import replace

from activitypub.caps import CAPS
from activitypub.http import Egress, Unreachable
from tests.loopback import Handler, Request, egress, loopback, never, reply

PIECE_SECONDS = 0.1  # within the cap on one read, so that only the deadline over all can end it

# Each with one short cap, so that it is clear which of them has ended the request.
SHORT_CONNECT = replace(CAPS, connect_seconds=0.3)
SHORT_READ = replace(CAPS, read_seconds=0.3)
SHORT_TOTAL = replace(CAPS, total_seconds=0.5)


async def drip_body(_request: Request, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 Said\r\nContent-Length: 1000\r\n\r\n")
    while True:
        writer.write(b".")
        await writer.drain()
        await asyncio.sleep(PIECE_SECONDS)


async def drip_head(_request: Request, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 Said\r\n")
    while True:
        writer.write(b"X")
        await writer.drain()
        await asyncio.sleep(PIECE_SECONDS)


async def drip_interim_answers(_request: Request, writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b"HTTP/1.1 103 Early Hints\r\n\r\n")
        await writer.drain()
        await asyncio.sleep(PIECE_SECONDS)


async def half_a_body(request: Request, writer: asyncio.StreamWriter) -> None:
    writer.write(reply(200, b"half", {"Content-Length": "8"}))
    await never(request, writer)


@asynccontextmanager
async def cut_off() -> AsyncIterator[None]:
    """The block ends as `Unreachable`, by the short cap and not by the next of the usual ones."""
    with pytest.raises(Unreachable):
        async with asyncio.timeout(4):
            yield


@pytest.mark.parametrize("handle", [drip_body, drip_head, drip_interim_answers])
async def test_a_drip_ends_at_the_deadline(
    handle: Handler,
) -> None:
    async with loopback(handle) as server, egress(caps=SHORT_TOTAL) as client, cut_off():
        await client.get(server.url(), accept="*/*")


@pytest.mark.parametrize("handle", [never, half_a_body])
async def test_silence_ends_after_the_read_cap(
    handle: Handler,
) -> None:
    async with loopback(handle) as server, egress(caps=SHORT_READ) as client, cut_off():
        await client.get(server.url(), accept="*/*")


async def test_a_delivery_to_a_silent_inbox_ends_after_the_read_cap() -> None:
    async with loopback(never) as server, egress(caps=SHORT_READ) as client, cut_off():
        await client.post(server.url(), b"x" * 500_000, content_type="text/plain")


async def test_a_tls_handshake_that_stalls_ends_after_the_connect_cap() -> None:
    async with loopback(never) as server, egress(caps=SHORT_CONNECT) as client:
        async with cut_off():
            await client.get(server.url(scheme="https"), accept="*/*")
        assert server.connections == 1


async def test_a_connection_that_nobody_accepts_ends_after_the_connect_cap() -> None:
    with socket.socket() as full, socket.socket() as waiting:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        waiting.connect(full.getsockname())
        async with egress(caps=SHORT_CONNECT) as client, cut_off():
            await client.get(f"http://127.0.0.1:{full.getsockname()[1]}/", accept="*/*")


async def test_a_lookup_that_hangs_ends_at_the_deadline() -> None:
    async def hang(_host: str) -> Sequence[str]:
        await asyncio.Event().wait()
        return []

    async with egress(resolver=hang, caps=SHORT_TOTAL) as client, cut_off():
        await client.get("http://town.example/", accept="*/*")


async def test_lookups_that_hang_do_not_take_the_threads_of_others(monkeypatch: pytest.MonkeyPatch) -> None:
    def hang(*_: object, **__: object) -> None:
        time.sleep(1)
        raise socket.gaierror("nobody answers")

    monkeypatch.setattr("socket.getaddrinfo", hang)
    client = Egress(user_agent="kommune-tests", caps=SHORT_TOTAL)
    fetches = [asyncio.create_task(client.get(f"https://h{n}.example/", accept="*/*")) for n in range(CAPS.dns_lookups)]
    await asyncio.sleep(0)
    assert await asyncio.wait_for(asyncio.to_thread(lambda: "free"), timeout=0.5) == "free"
    outcomes = await asyncio.gather(*fetches, return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} == {Unreachable}
    await client.close()


async def test_a_signature_that_hangs_ends_at_the_deadline() -> None:
    async def hang(*_: object) -> dict[str, str]:
        await asyncio.Event().wait()
        return {}

    async with loopback(never) as server, egress(caps=SHORT_TOTAL) as client, cut_off():
        await client.get(server.url(), accept="*/*", sign=hang)


async def test_the_worker_is_free_afterwards_and_the_connection_gone() -> None:
    hung_up = asyncio.Event()

    async def until_they_hang_up(request: Request, writer: asyncio.StreamWriter) -> None:
        try:
            await drip_body(request, writer)
        finally:
            hung_up.set()

    async with (
        loopback(until_they_hang_up) as server,
        egress(caps=SHORT_TOTAL) as client,
    ):
        with pytest.raises(Unreachable):
            await client.get(server.url(), accept="*/*")
        await asyncio.wait_for(hung_up.wait(), timeout=1)


def test_the_caps_are_the_ones_we_promise() -> None:
    assert (CAPS.connect_seconds, CAPS.read_seconds, CAPS.total_seconds) == (5, 10, 30)
