"""Connections to other servers: the last gates of `http.py`, and the only file that knows the client library.

It is loaded when the first request is sent: aiohttp costs a tenth of a start, and the first page needs none of it.
"""

import asyncio
import inspect
import socket
import ssl
import zlib
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache
from ipaddress import ip_address
from urllib.parse import quote

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from multidict import CIMultiDict
from yarl import URL

from activitypub.addresses import Network, is_permitted
from activitypub.caps import Caps
from activitypub.http import Message, Refused, Resolver, TooLarge, Unreachable, WrongContentType
from activitypub.uris import host_of

_ASCII = "".join(map(chr, range(0x21, 0x7F)))

Answer = aiohttp.ClientResponse
"""What a server answered: status and headers; the body is still to be read, and what holds it to be released."""


class Wire:
    """One client session. Made in the event loop that sends; see `Egress` for what it is given."""

    def __init__(
        self, *, user_agent: str, allow_networks: Sequence[Network], caps: Caps, resolver: Resolver | None
    ) -> None:
        self._allow_networks = allow_networks
        self._caps = caps
        self._lookups = ThreadPoolExecutor(caps.dns_lookups, thread_name_prefix="dns")
        self._session = self._open_session(user_agent, resolver or self._ask_system)

    async def send(self, message: Message, url: str, deadline: float) -> Answer:
        """Send one request to one server and return its answer, of which the body is still to be read."""
        try:
            async with asyncio.timeout_at(deadline):
                try:
                    return await self._request(message, url)
                except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError) as error:
                    # The server was just closing a kept-alive connection. aiohttp repeats a GET by itself;
                    # an inbox knows each activity by its id, so a POST may be repeated as well.
                    if message.method == "GET" or isinstance(error, aiohttp.ClientConnectorError):
                        raise
                    return await self._request(message, url)
        except (aiohttp.ClientError, OSError) as error:
            raise Unreachable(f"{host_of(url)} could not be reached") from error

    async def _request(self, message: Message, url: str) -> Answer:
        """Put one request on the wire. What is signed is the URL as it is sent, byte for byte."""
        wire = URL(quote(url, safe=_ASCII), encoded=True)
        headers = await _headers(message, str(wire))
        return await self._session.request(
            message.method, wire, data=message.body, headers=headers, allow_redirects=False
        )

    async def close(self) -> None:
        """Close all connections. Requests under way end as `Unreachable`."""
        await self._session.close()
        self._lookups.shutdown(wait=False, cancel_futures=True)

    def _open_session(self, user_agent: str, resolver: Resolver) -> aiohttp.ClientSession:
        """Open the session: no cookies, no proxy from the environment, nothing decompressed unasked."""
        connector = aiohttp.TCPConnector(
            resolver=_JudgedResolver(resolver, self._judge),
            socket_factory=self._judged_socket,
            ssl=_tls(),
            limit=self._caps.connections,
            limit_per_host=self._caps.connections_per_host,
            ttl_dns_cache=self._caps.dns_cache_seconds,
            keepalive_timeout=self._caps.keep_alive_seconds,
        )
        timeout = aiohttp.ClientTimeout(
            total=None, sock_connect=self._caps.connect_seconds, sock_read=self._caps.read_seconds
        )
        return aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
            headers={"User-Agent": user_agent},
            timeout=timeout,
        )

    # --- Gates 2 and 3: all addresses of a host, and the very address of each socket ---

    async def _ask_system(self, host: str) -> list[str]:
        """Look a name up in a thread of our own: a lookup that hangs cannot be cancelled, only kept apart."""

        def lookup() -> list[str]:
            answers = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
            return [str(sockaddr[0]) for *_, sockaddr in answers]

        return await asyncio.get_running_loop().run_in_executor(self._lookups, lookup)

    def _judge(self, host: str, addresses: Iterable[str]) -> None:
        if not all(is_permitted(ip_address(address), self._allow_networks) for address in addresses):
            raise Refused(
                f"{host} is not a server on the public internet; "
                "only networks named in [federation] allow_networks of config.toml are exempt"
            )

    def _judged_socket(self, addr_info: aiohttp.AddrInfoType) -> socket.socket:
        """Make the socket for one address. For an address in a URL aiohttp asks no resolver, but this."""
        family, kind, protocol, _, sockaddr = addr_info
        self._judge(sockaddr[0], [sockaddr[0]])
        return socket.socket(family, kind, protocol)

    # --- Gate 4: the clock and the scales ---

    async def body(self, answer: Answer, limit: int, deadline: float, *, beginning: bool = False) -> bytes:
        """Read the body, decompressed, holding no more than `limit` and one piece from the wire."""
        if (answer.content_length or 0) > limit and not beginning:
            raise TooLarge(f"{answer.host} announced more than {limit} bytes")
        inflate = _inflater(answer)
        received, body = 0, bytearray()
        try:
            async with asyncio.timeout_at(deadline):
                async for piece in answer.content.iter_any():
                    received += len(piece)
                    body += inflate.decompress(piece, limit + 1 - len(body)) if inflate else piece
                    # The wire counts too: endless empty blocks inflate to nothing.
                    if max(received, len(body)) > limit and beginning:
                        answer.close()
                        return bytes(body[:limit])
                    if max(received, len(body)) > limit:
                        raise TooLarge(f"{answer.host} sent more than {limit} bytes")
        except zlib.error as error:
            raise WrongContentType(f"{answer.host} sent a body that does not decompress") from error
        except (aiohttp.ClientError, OSError) as error:
            raise Unreachable(f"{answer.host} broke off its answer") from error
        if inflate and received and (not inflate.eof or inflate.unused_data):
            raise WrongContentType(f"{answer.host} sent a body that does not decompress")
        return bytes(body)

    async def excerpt(self, answer: Answer, deadline: float) -> bytes:
        """Read the beginning of a body for the log. The status is known already, so nothing here fails."""
        if answer.content.at_eof():  # most servers accept without a word
            return b""
        body = bytearray()
        with suppress(aiohttp.ClientError, OSError):
            async with asyncio.timeout_at(deadline):
                async for piece in answer.content.iter_any():
                    body += piece
                    if len(body) >= self._caps.excerpt_bytes:
                        break
        return bytes(body[: self._caps.excerpt_bytes])


async def _headers(message: Message, url: str) -> CIMultiDict[str]:
    """Return the headers for one hop, made afresh: nothing signed for one server reaches another."""
    headers = CIMultiDict(message.headers)
    if message.sign is not None:
        signed = message.sign(message.method, url, message.body)
        headers.update(await signed if inspect.isawaitable(signed) else signed)
    return headers


@cache
def _tls() -> ssl.SSLContext:
    """Return what all sessions trust: the certificates of the system, whose reading takes some 10 ms."""
    tls = ssl.create_default_context()
    tls.set_alpn_protocols(["http/1.1"])
    return tls


class _JudgedResolver(AbstractResolver):
    """The lookup in the form that aiohttp wants: all addresses of a host, each judged, or an exception."""

    def __init__(self, resolver: Resolver, judge: Callable[[str, Iterable[str]], None]) -> None:
        self._resolver = resolver
        self._judge = judge

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Return the addresses of `host`, to which aiohttp connects as they are."""
        # Names under localhost are this machine and no question for DNS (RFC 6761 section 6.3).
        is_local = host == "localhost" or host.endswith(".localhost")
        addresses = ["127.0.0.1"] if is_local else await self._resolver(host)
        if not addresses:
            raise OSError(f"{host} has no address")
        self._judge(host, addresses)
        return [
            ResolveResult(hostname=host, host=address, port=port, family=family, proto=0, flags=0)
            for address in addresses
        ]

    async def close(self) -> None:
        """Nothing to release: the egress owns the threads."""


def _inflater(answer: Answer) -> "zlib._Decompress | None":
    """Return the decompressor for an answer, None for a plain one. Only what we ask for, never nested."""
    encoding = ",".join(answer.headers.getall("Content-Encoding", [])).strip().lower()
    if encoding in {"", "identity"}:
        return None
    if encoding not in {"gzip", "deflate"}:
        raise WrongContentType(f"{answer.host} sent an encoding that was not asked for")
    return zlib.decompressobj(wbits=32 + zlib.MAX_WBITS)  # reads the headers of both
