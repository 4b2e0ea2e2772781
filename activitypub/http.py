"""The one door to the outside: every connection to another server is opened here and nowhere else.

So nobody can forget the guard. Whatever asks for a URL (a handler, the delivery worker, WebFinger, a link in
some document) passes the same gates in this order, and again for every redirect:

1. the URL: https, a canonical host, port 443, nothing that two parsers could read in two ways (`uris.py`);
2. the addresses: one lookup, every answer judged (`addresses.py`), one refused answer refuses them all;
3. the socket: made for a judged address only, so no second lookup can slip another one in between;
4. the clock and the scales: one deadline over everything, and bytes counted after decompression.

What a caller may have to decide is one exception each:

    EgressError
    ├── Refused            this URL or address is not contacted, now or later: give up
    ├── Unreachable        no lookup, connection, TLS or whole answer in time: try again later
    ├── TooLarge           the answer is longer than the limit: give up
    ├── TooManyRedirects   more than three, or in a circle: give up
    └── WrongContentType   not the type or encoding of answer that was asked for: give up

Their messages name the host and never what lies behind it: an internal port that is open, closed or filtered
gives the same sentence (row D13 of the threat catalogue). What happened is in `__cause__`, for the log.
"""

import asyncio
import inspect
import re
import socket
import ssl
import zlib
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache
from ipaddress import ip_address
from urllib.parse import quote, urljoin

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from msgspec import Struct
from multidict import CIMultiDict
from werkzeug.http import parse_options_header
from yarl import URL

from activitypub.addresses import Network, is_permitted
from activitypub.caps import CAPS, Caps
from activitypub.uris import InvalidUri, host_of, validated_url

Signer = Callable[[str, str, bytes | None], Awaitable[Mapping[str, str]] | Mapping[str, str]]
"""From method, URL and body to the headers that sign exactly this request to exactly this server."""

Resolver = Callable[[str], Awaitable[Sequence[str]]]
"""From a canonical host name to the texts of all its IP addresses; raises `OSError` if there are none."""

ACTIVITY_ACCEPT = 'application/activity+json, application/ld+json; profile="https://www.w3.org/ns/activitystreams"'
"""The Accept header that asks for an ActivityPub document (ActivityPub section 3.2)."""

ACTIVITY_TYPES = frozenset(ACTIVITY_ACCEPT.split(", "))
"""What it may then be served as."""

_REDIRECTS = {
    "GET": frozenset({301, 302, 303, 307, 308}),
    "POST": frozenset({307, 308}),  # the others would turn a delivery into a GET
}
_PLAIN_LOCATION = re.compile(r"[!-\[\]-~]+")
_ABSOLUTE_LOCATION = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_ASCII = "".join(map(chr, range(0x21, 0x7F)))


class EgressError(Exception):
    """A request that brought no usable answer; the subclass says what to do about it."""


class Refused(EgressError):
    """The URL, its port or the address behind it is not one that this server contacts. Permanent."""


class Unreachable(EgressError):
    """The lookup, the connection, TLS or the answer failed or took too long. Temporary."""


class TooLarge(EgressError):
    """The answer is longer than the limit, on the wire or decompressed."""


class TooManyRedirects(EgressError):
    """The redirects go round in a circle or on for too long."""


class WrongContentType(EgressError):
    """The answer's Content-Type or Content-Encoding is not one that was asked for."""


class Response(Struct, frozen=True):
    """What a remote answered, with any status.

    `url` is where the answer came from: after redirects, without a fragment, otherwise in the spelling asked
    for. `headers` ignores case. `body` is whole and decompressed for a GET that succeeded (2xx); otherwise it
    is an excerpt for the log, as it came over the wire, possibly empty.
    """

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes


class _Message(Struct, frozen=True):
    """A request before it has a target."""

    method: str
    headers: Mapping[str, str]
    body: bytes | None
    sign: Signer | None

    async def headers_for(self, url: str) -> CIMultiDict[str]:
        """Return the headers for one hop, made afresh: nothing signed for one server reaches another."""
        headers = CIMultiDict(self.headers)
        if self.sign is not None:
            signed = self.sign(self.method, url, self.body)
            headers.update(await signed if inspect.isawaitable(signed) else signed)
        return headers


def is_activity_type(header: str | None) -> bool:
    """Whether a Content-Type header announces an ActivityPub document (ld+json only with its profile)."""
    return has_type(header, ACTIVITY_TYPES)


def has_type(header: str | None, expected: frozenset[str]) -> bool:
    """Whether a Content-Type header is one of `expected`: media types in lower case, profile included if any.

    Other parameters (charset) are ignored. Source: RFC 9110 section 8.3; RFC 6906 (blanks between profiles).
    """
    essence, parameters = parse_options_header(header)
    essence, profiles = essence.lower(), parameters.get("profile", "").split()
    return essence in expected or any(f'{essence}; profile="{profile}"' in expected for profile in profiles)


class Egress:
    """The client for all requests to other servers: one per process, opened by its first request.

    `user_agent` goes with every request. For a local test fediverse only: `allow_networks` may be contacted
    although they are not public, and `allow_http` lets in plain http, other ports and IP addresses in URLs.
    `resolver` replaces the system's name lookup; its answers are judged like any other.
    """

    def __init__(
        self,
        *,
        user_agent: str,
        allow_networks: Sequence[Network] = (),
        allow_http: bool = False,
        caps: Caps = CAPS,
        resolver: Resolver | None = None,
    ) -> None:
        self._user_agent = user_agent
        self._allow_networks = tuple(allow_networks)
        self._allow_http = allow_http
        self._caps = caps
        self._lookups = ThreadPoolExecutor(caps.dns_lookups, thread_name_prefix="dns")
        self._resolver = resolver or self._ask_system
        self._session: aiohttp.ClientSession | None = None

    async def get(
        self,
        url: str,
        *,
        accept: str,
        sign: Signer | None = None,
        expect: frozenset[str] | None = None,
        limit: int | None = None,
        beginning: bool = False,
        known: str = "",
    ) -> Response:
        """Fetch `url`, following redirects. Of the version with the ETag `known` only the status comes: 304.

        A successful answer must be of a type in `expect` (such as `ACTIVITY_TYPES`, see `has_type`) and have
        at most `limit` bytes after decompression (by default `Caps.body_bytes`); with `beginning` it may have more,
        which are not read. Raises an `EgressError`.
        """
        deadline = self._deadline()
        headers = {"Accept": accept, "Accept-Encoding": "gzip, deflate"}
        if known:
            headers["If-None-Match"] = known
        url, answer = await self._follow(_Message("GET", headers, None, sign), url, deadline)
        try:
            if 200 <= answer.status < 300:
                _check_type(answer, expect)
                body = await self._body(answer, limit or self._caps.body_bytes, deadline, beginning=beginning)
            else:
                body = await self._excerpt(answer, deadline)
            return Response(url, answer.status, answer.headers, body)
        finally:
            answer.release()

    async def post(
        self, url: str, body: bytes, *, content_type: str, sign: Signer | None = None, limit: int | None = None
    ) -> Response:
        """Send `body` to `url`; redirects 307 and 308 are followed, any other redirect is the answer.

        The status decides: nothing in the body of the answer turns it into an error, unless a `limit` says that the
        answer to a success is wanted whole, of at most so many bytes. Raises an `EgressError`.
        """
        deadline = self._deadline()
        headers = {"Content-Type": content_type, "Accept": "*/*", "Accept-Encoding": "identity"}
        url, answer = await self._follow(_Message("POST", headers, body, sign), url, deadline)
        try:
            wanted = limit is not None and 200 <= answer.status < 300
            content = await (self._body(answer, limit or 0, deadline) if wanted else self._excerpt(answer, deadline))
            return Response(url, answer.status, answer.headers, content)
        finally:
            answer.release()

    async def close(self) -> None:
        """Close all connections. Requests under way end as `Unreachable`; later ones are an error."""
        if self._session is not None:
            await self._session.close()
        self._lookups.shutdown(wait=False, cancel_futures=True)

    def _deadline(self) -> float:
        return asyncio.get_running_loop().time() + self._caps.total_seconds

    # --- Gate 1: the URL, the caller's and that of every redirect ---

    async def _follow(self, message: _Message, url: str, deadline: float) -> tuple[str, aiohttp.ClientResponse]:
        """Send `message` to `url` and on to where it is redirected; return the last URL and its answer."""
        visited: set[str] = set()
        while True:
            url = self._checked(url)
            if url in visited or len(visited) > self._caps.redirects:
                raise TooManyRedirects(f"{host_of(url)} redirects in a circle or too often")
            visited.add(url)
            answer = await self._send(message, url, deadline)
            location = answer.headers.get("Location")
            if location is None or answer.status not in _REDIRECTS[message.method]:
                return url, answer
            answer.release()
            url = _redirected(url, location)

    def _checked(self, url: str) -> str:
        try:
            return validated_url(url, allow_http=self._allow_http).partition("#")[0]
        except InvalidUri as error:
            raise Refused(f"This URL is not contacted: {error}") from error

    async def _send(self, message: _Message, url: str, deadline: float) -> aiohttp.ClientResponse:
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

    async def _request(self, message: _Message, url: str) -> aiohttp.ClientResponse:
        """Put one request on the wire. What is signed is the URL as it is sent, byte for byte."""
        if self._session is None:
            self._session = self._open_session()
        wire = URL(quote(url, safe=_ASCII), encoded=True)
        headers = await message.headers_for(str(wire))
        return await self._session.request(
            message.method, wire, data=message.body, headers=headers, allow_redirects=False
        )

    def _open_session(self) -> aiohttp.ClientSession:
        """Open the session: no cookies, no proxy from the environment, nothing decompressed unasked."""
        connector = aiohttp.TCPConnector(
            resolver=_JudgedResolver(self._resolver, self._judge),
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
            headers={"User-Agent": self._user_agent},
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

    async def _body(
        self, answer: aiohttp.ClientResponse, limit: int, deadline: float, *, beginning: bool = False
    ) -> bytes:
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

    async def _excerpt(self, answer: aiohttp.ClientResponse, deadline: float) -> bytes:
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


def _redirected(url: str, location: str) -> str:
    """Return where a Location header leads, unchecked. Source: RFC 9110 section 10.2.2.

    urljoin drops tabs and newlines and reads "http:///path" as a path, which would hide them from the check of
    the URL; so it only gets to see what is plain and relative. It raises `ValueError` for "//[".
    """
    if _PLAIN_LOCATION.fullmatch(location):
        with suppress(ValueError):
            return location if _ABSOLUTE_LOCATION.match(location) else urljoin(url, location)
    raise Refused(f"{host_of(url)} redirects to something that is no URL")


def _inflater(answer: aiohttp.ClientResponse) -> "zlib._Decompress | None":
    """Return the decompressor for an answer, None for a plain one. Only what we ask for, never nested."""
    encoding = ",".join(answer.headers.getall("Content-Encoding", [])).strip().lower()
    if encoding in {"", "identity"}:
        return None
    if encoding not in {"gzip", "deflate"}:
        raise WrongContentType(f"{answer.host} sent an encoding that was not asked for")
    return zlib.decompressobj(wbits=32 + zlib.MAX_WBITS)  # reads the headers of both


def _check_type(answer: aiohttp.ClientResponse, expected: frozenset[str] | None) -> None:
    """Refuse another type, and two Content-Type headers, of which two readers may each take another."""
    announced = answer.headers.getall("Content-Type", [])
    if expected is not None and not (len(announced) == 1 and has_type(announced[0], expected)):
        raise WrongContentType(f"{answer.host} did not answer with the type that was asked for")
