"""An app that listens: over a WebSocket, or to server-sent events."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest

from tests.client import Client

STREAMING = "/api/v1/streaming"
PATIENCE = 10.0  # seconds: a statement is compiled when it runs for the first time


@dataclass(frozen=True, slots=True)
class Event:
    """What arrived: from which stream, what, and the payload, decoded if it is JSON."""

    stream: list[str]
    name: str
    payload: Any

    @property
    def id(self) -> str:
        """The id of what it is about."""
        return self.payload["id"] if isinstance(self.payload, dict) else self.payload


@dataclass(slots=True)
class Ear:
    """An open WebSocket."""

    socket: aiohttp.ClientWebSocketResponse

    async def next(self) -> Event:
        """Wait for the next event."""
        message = await self.raw()
        assert "event" in message, message
        return Event(message["stream"], message["event"], payload(message.get("payload")))

    async def raw(self) -> Any:
        """Wait for the next message, whatever it is."""
        async with asyncio.timeout(PATIENCE):
            return json.loads(await self.socket.receive_str())

    async def say(self, kind: str, stream: str, **parameters: str) -> None:
        await self.socket.send_json({"type": kind, "stream": stream, **parameters})

    async def closed(self, *, seconds: float = PATIENCE) -> int | None:
        """Wait until the server hangs up, and return the close code."""
        async with asyncio.timeout(seconds):
            while not self.socket.closed:
                await self.socket.receive()
        return self.socket.close_code


def payload(text: str | None) -> Any:
    if text is not None and text.startswith("{"):
        return json.loads(text)
    return text


@asynccontextmanager
async def listening(client: Client, stream: str | None = None, **parameters: str) -> AsyncIterator[Ear]:
    """Open a WebSocket that hears a stream from the beginning."""
    query = urlencode({**({"stream": stream} if stream else {}), **parameters})
    headers = {"Host": f"{client.town.host}:{client.town.port}"}
    if client.token:
        headers["Authorization"] = f"Bearer {client.token}"
    url = f"{client.town.address}{STREAMING}?{query}"
    before = len(client.town.app.server.hub)
    async with client.town.http.ws_connect(url, headers=headers) as socket:
        yield Ear(socket)
    async with asyncio.timeout(PATIENCE):
        while len(client.town.app.server.hub) > before:
            await asyncio.sleep(0.005)


async def refused(client: Client, query: str = "", **headers: str) -> int:
    """Try to open a WebSocket that must not open, and return the status of the answer."""
    sent = {"Host": f"{client.town.host}:{client.town.port}", **headers}
    if client.token:
        sent.setdefault("Authorization", f"Bearer {client.token}")
    with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
        async with client.town.http.ws_connect(f"{client.town.address}{STREAMING}?{query}", headers=sent):
            pass
    return refusal.value.status


@dataclass(slots=True)
class Feed:
    """An open answer of server-sent events."""

    answer: aiohttp.ClientResponse

    async def line(self) -> str:
        """Wait for the next line that is not empty."""
        async with asyncio.timeout(PATIENCE):
            while not (line := (await self.answer.content.readline()).decode()).strip():
                assert line, "the stream has ended"
            return line.rstrip("\n")

    async def next(self) -> Event:
        """Wait for the next event."""
        while not (line := await self.line()).startswith("event: "):
            assert line.startswith(":"), line
        data = (await self.line()).removeprefix("data: ")
        return Event([], line.removeprefix("event: "), payload(data))

    async def ended(self, *, seconds: float = PATIENCE) -> None:
        """Wait until the server hangs up."""
        async with asyncio.timeout(seconds):
            await self.answer.content.read()


@asynccontextmanager
async def reading(client: Client, path: str) -> AsyncIterator[Feed]:
    """Open a stream of server-sent events; its first line has been read."""
    headers = {"Host": f"{client.town.host}:{client.town.port}", "Authorization": f"Bearer {client.token}"}
    async with client.town.http.get(f"{client.town.address}{STREAMING}{path}", headers=headers) as answer:
        assert answer.status == 200, await answer.text()
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        feed = Feed(answer)
        assert await feed.line() == ":)"
        yield feed
