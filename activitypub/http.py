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
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from msgspec import Struct
from werkzeug.http import parse_options_header

from activitypub.addresses import Network
from activitypub.caps import CAPS, Caps
from activitypub.uris import InvalidUri, host_of, validated_url

if TYPE_CHECKING:
    from activitypub.wire import Answer, Wire

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


class Message(Struct, frozen=True):
    """A request before it has a target. `sign` signs each hop anew, for the URL that it goes to."""

    method: str
    headers: Mapping[str, str]
    body: bytes | None
    sign: Signer | None


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
        self._allow_http = allow_http
        self._caps = caps
        self._user_agent = user_agent
        self._allow_networks = tuple(allow_networks)
        self._resolver = resolver
        self._opened: Wire | None = None

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
        wire, deadline = await self._wire(), self._deadline()
        headers = {"Accept": accept, "Accept-Encoding": "gzip, deflate"}
        if known:
            headers["If-None-Match"] = known
        url, answer = await self._follow(wire, Message("GET", headers, None, sign), url, deadline)
        try:
            if 200 <= answer.status < 300:
                _check_type(answer, expect)
                body = await wire.body(answer, limit or self._caps.body_bytes, deadline, beginning=beginning)
            else:
                body = await wire.excerpt(answer, deadline)
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
        wire, deadline = await self._wire(), self._deadline()
        headers = {"Content-Type": content_type, "Accept": "*/*", "Accept-Encoding": "identity"}
        url, answer = await self._follow(wire, Message("POST", headers, body, sign), url, deadline)
        try:
            wanted = limit is not None and 200 <= answer.status < 300
            content = await (wire.body(answer, limit or 0, deadline) if wanted else wire.excerpt(answer, deadline))
            return Response(url, answer.status, answer.headers, content)
        finally:
            answer.release()

    async def close(self) -> None:
        """Close all connections. Requests under way end as `Unreachable`; later ones are an error."""
        if self._opened is not None:
            await self._opened.close()

    async def _wire(self) -> "Wire":
        """Return what opens connections. The first request waits for it to be loaded; the event loop does not."""
        if self._opened is None:
            wire = await asyncio.to_thread(import_module, "activitypub.wire")
            self._opened = self._opened or wire.Wire(
                user_agent=self._user_agent,
                allow_networks=self._allow_networks,
                caps=self._caps,
                resolver=self._resolver,
            )
        return self._opened

    def _deadline(self) -> float:
        return asyncio.get_running_loop().time() + self._caps.total_seconds

    # --- Gate 1: the URL, the caller's and that of every redirect ---

    async def _follow(self, wire: "Wire", message: Message, url: str, deadline: float) -> tuple[str, "Answer"]:
        """Send `message` to `url` and on to where it is redirected; return the last URL and its answer."""
        visited: set[str] = set()
        while True:
            url = self._checked(url)
            if url in visited or len(visited) > self._caps.redirects:
                raise TooManyRedirects(f"{host_of(url)} redirects in a circle or too often")
            visited.add(url)
            answer = await wire.send(message, url, deadline)
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


def _redirected(url: str, location: str) -> str:
    """Return where a Location header leads, unchecked. Source: RFC 9110 section 10.2.2.

    urljoin drops tabs and newlines and reads "http:///path" as a path, which would hide them from the check of
    the URL; so it only gets to see what is plain and relative. It raises `ValueError` for "//[".
    """
    if _PLAIN_LOCATION.fullmatch(location):
        with suppress(ValueError):
            return location if _ABSOLUTE_LOCATION.match(location) else urljoin(url, location)
    raise Refused(f"{host_of(url)} redirects to something that is no URL")


def _check_type(answer: "Answer", expected: frozenset[str] | None) -> None:
    """Refuse another type, and two Content-Type headers, of which two readers may each take another."""
    announced = answer.headers.getall("Content-Type", [])
    if expected is not None and not (len(announced) == 1 and has_type(announced[0], expected)):
        raise WrongContentType(f"{answer.host} did not answer with the type that was asked for")
