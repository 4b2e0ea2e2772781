"""Servers of raw bytes on loopback, an egress that reaches them, and a watch on all connections attempted."""

import asyncio
import functools
import ssl
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from ipaddress import ip_network
from typing import Any

from activitypub.caps import CAPS, Caps
from activitypub.http import Egress, Resolver

Handler = Callable[["Request", asyncio.StreamWriter], Awaitable[None]]


class Request:
    """One request as it came over the wire."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        head, _, self.body = raw.partition(b"\r\n\r\n")
        self.lines = head.decode("latin-1").split("\r\n")
        self.method, self.target, _ = self.lines[0].split(" ", 2)
        self.headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in self.lines[1:])}


class Loopback:
    """A listening server: its address, and what has reached it so far."""

    def __init__(self, handle: Handler) -> None:
        self._handle = handle
        self._tasks: set[asyncio.Task[None]] = set()
        self.host = ""
        self.port = 0
        self.connections = 0
        self.requests: list[Request] = []

    def url(self, path: str = "/", *, host: str | None = None, scheme: str = "http") -> str:
        return f"{scheme}://{host or self.host}:{self.port}{path}"

    async def open(self, host: str, port: int, tls: ssl.SSLContext | None) -> asyncio.Server:
        server = await asyncio.start_server(self._serve, host, port, ssl=tls)
        self.host, self.port = server.sockets[0].getsockname()[:2]
        return server

    async def close(self, server: asyncio.Server) -> None:
        server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            while not writer.is_closing():
                request = await _read_request(reader)
                self.requests.append(request)
                await self._handle(request, writer)
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            return  # the client hung up, which is what many of these tests are about
        except asyncio.CancelledError:
            return
        finally:
            self._tasks.discard(task)
            writer.close()


async def _read_request(reader: asyncio.StreamReader) -> Request:
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(Request(head).headers.get("content-length", "0"))
    return Request(head + await reader.readexactly(length))


@asynccontextmanager
async def egress(
    *,
    allow: Sequence[str] = ("127.0.0.0/8",),
    caps: Caps = CAPS,
    known: Mapping[str, Sequence[str]] | None = None,
    resolver: Resolver | None = None,
    allow_http: bool = True,
) -> AsyncIterator[Egress]:
    """An egress for the test network: it may go to `allow`, and `known` are the names it can look up."""
    client = Egress(
        user_agent="kommune-tests",
        allow_networks=[ip_network(network) for network in allow],
        allow_http=allow_http,
        caps=caps,
        resolver=resolver or names(known or {}),
    )
    try:
        yield client
    finally:
        await client.close()


@asynccontextmanager
async def loopback(
    handle: Handler, *, host: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Loopback]:
    """A server that lets `handle` write the answer to each request."""
    loop_back = Loopback(handle)
    server = await loop_back.open(host, port, tls)
    try:
        yield loop_back
    finally:
        await loop_back.close(server)


def reply(status: int = 200, body: bytes = b"", headers: Mapping[str, str] | Sequence[tuple[str, str]] = ()) -> bytes:
    """The bytes of an answer; a Content-Length is added unless the headers say how long the body is."""
    pairs = list(headers.items() if isinstance(headers, Mapping) else headers)
    if not {"content-length", "transfer-encoding"} & {name.lower() for name, _ in pairs}:
        pairs.append(("Content-Length", str(len(body))))
    head = "".join(f"{name}: {value}\r\n" for name, value in pairs)
    return f"HTTP/1.1 {status} Said\r\n{head}\r\n".encode("latin-1") + body


def always(answer: bytes) -> Handler:
    """Answer every request with the same bytes."""

    async def handle(_request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)

    return handle


def by_path(answers: Mapping[str, bytes]) -> Handler:
    """Answer by the request's target; 404 elsewhere."""

    async def handle(request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(answers.get(request.target, reply(404)))

    return handle


async def never(_request: Request, _writer: asyncio.StreamWriter) -> None:
    """Accept the request and say nothing, for ever."""
    await asyncio.Event().wait()


def names(addresses: Mapping[str, Sequence[str]]) -> Resolver:
    """A resolver that knows these names only."""

    async def resolve(host: str) -> Sequence[str]:
        if host not in addresses:
            raise OSError(f"no such name: {host}")
        return addresses[host]

    return resolve


@contextmanager
def watched_connections() -> Iterator[list[Any]]:
    """The address of every connection that the process attempts meanwhile, as the interpreter sees it."""
    _install_watch()
    seen: list[Any] = []
    _watches.append(seen)
    try:
        yield seen
    finally:
        # by identity: two empty lists are equal
        _watches[:] = [watch for watch in _watches if watch is not seen]


_watches: list[list[Any]] = []


@functools.cache
def _install_watch() -> None:
    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "socket.connect":
            for watch in _watches:
                watch.append(arguments[1])

    sys.addaudithook(hook)
