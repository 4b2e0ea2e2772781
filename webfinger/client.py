"""Asking other servers by WebFinger: which actor has this handle, and does this handle have this actor?

How to fetch is handed in, so every request goes through the one egress of whoever calls. A `Fetch` returns
the JSON object at a URL, raises `NoSuchResource` when the server says there is none (404 or 410), and raises
whatever it likes when it could not ask; that passes through, because "not now" proves nothing either way.

Source: RFC 7033, RFC 6415 (host-meta), https://swicg.github.io/activitypub-webfinger/
"""

from collections.abc import Awaitable, Callable, Mapping
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote

from msgspec import Struct

from webfinger.handle import Handle, InvalidHandle, parse_handle
from webfinger.jrd import InvalidJrd, Jrd, parse_jrd

Fetch = Callable[[str], Awaitable[Mapping[str, Any]]]
FetchText = Callable[[str], Awaitable[str]]

MAX_HOST_META_CHARACTERS = 16_384


class NoSuchResource(Exception):
    """The server says that it knows no such resource (404, 410). Raised by the `Fetch` that is handed in."""


class DiscoveryFailed(Exception):
    """The domain answered, but not with an actor for this handle. The message says what was wrong."""


class Discovery(Struct, frozen=True):
    """What a handle leads to: the handle in its owner's own spelling and domain, and the actor's URI.

    The domain has confirmed the handle. Whether the actor wants it is for its own document to say.
    """

    handle: Handle
    actor_uri: str


async def discover(
    handle: Handle, fetch: Fetch, *, fetch_host_meta: FetchText | None = None, test_network: bool = False
) -> Discovery:
    """Return the actor behind a handle.

    If the answer is about a handle of another domain (a split domain), that domain is asked too, once, and
    must confirm it. `fetch_host_meta` returns the text at a URL; with it, a domain without a WebFinger of its
    own is asked where its WebFinger is (RFC 6415). `test_network` is for a local test fediverse only: ask
    over http.

    Raises `DiscoveryFailed`, and what `fetch` raises.
    """
    ask = _Asker(fetch, fetch_host_meta, test_network=test_network)
    answer = await ask(handle)
    canonical = ask.subject(answer, handle)
    if canonical.domain != handle.domain:
        answer = await ask(canonical)
        if ask.subject(answer, canonical).folded != canonical.folded:
            raise DiscoveryFailed(f"{handle.domain} refers to {canonical.domain}, which refers to a third place")
    if answer.actor_uri is None:
        raise DiscoveryFailed(f"{canonical.domain} names no ActivityPub actor for this handle")
    return Discovery(canonical, answer.actor_uri)


async def prove_handle(
    claimed: Handle,
    actor_uri: str,
    fetch: Fetch,
    *,
    fetch_host_meta: FetchText | None = None,
    test_network: bool = False,
) -> Handle | None:
    """Return the handle that an actor's domain confirms, or None if `claimed` is not confirmed (row A19).

    The domain of `claimed` must answer with exactly `actor_uri`. If it says that the actor's handle is on
    another domain (a split domain), that one counts if it too answers with exactly `actor_uri`, and `claimed`
    if not.

    Raises what `fetch` raises: a domain that cannot be asked has neither confirmed nor denied.
    """
    ask = _Asker(fetch, fetch_host_meta, test_network=test_network)
    answer = await ask.or_none(claimed)
    if answer is None or answer.actor_uri != actor_uri:
        return None
    canonical = ask.subject(answer, claimed)
    if canonical.domain == claimed.domain:
        return canonical if canonical.folded == claimed.folded else None
    second = await ask.or_none(canonical)
    confirmed = (
        second is not None
        and second.actor_uri == actor_uri
        and ask.subject(second, canonical).folded == canonical.folded
    )
    return canonical if confirmed else claimed


class _Asker:
    """Asks domains by WebFinger; those without one are asked by host-meta where theirs is."""

    def __init__(self, fetch: Fetch, fetch_host_meta: FetchText | None, *, test_network: bool) -> None:
        self._fetch = fetch
        self._fetch_host_meta = fetch_host_meta
        self._test_network = test_network

    async def __call__(self, handle: Handle) -> Jrd:
        """Return what the handle's domain says of it. Raises `NoSuchResource` and `DiscoveryFailed`."""
        endpoint = self._well_known(handle.domain, "webfinger")
        try:
            # The grammar of a handle leaves nothing in it that a query would have to escape.
            document = await self._fetch(f"{endpoint}?resource={handle.uri}")
        except NoSuchResource:
            template = await self._lrdd_template(handle.domain)
            if template is None or template.startswith(endpoint):
                raise
            document = await self._fetch(template.replace("{uri}", quote(handle.uri, safe="")))
        try:
            return parse_jrd(document)
        except InvalidJrd as error:
            raise DiscoveryFailed(f"{handle.domain} answered with something else: {error}") from error

    async def or_none(self, handle: Handle) -> Jrd | None:
        """Return what the handle's domain says of it, or None if it knows no such handle."""
        try:
            return await self(handle)
        except (NoSuchResource, DiscoveryFailed):
            return None

    def subject(self, answer: Jrd, asked: Handle) -> Handle:
        """Return the handle that an answer is about; without a readable subject, the one that was asked."""
        try:
            return parse_handle(answer.subject or "", test_network=self._test_network)
        except InvalidHandle:
            return asked

    def _well_known(self, domain: str, name: str) -> str:
        return f"{'http' if self._test_network else 'https'}://{domain}/.well-known/{name}"

    async def _lrdd_template(self, domain: str) -> str | None:
        if self._fetch_host_meta is None:
            return None
        try:
            text = await self._fetch_host_meta(self._well_known(domain, "host-meta"))
        except NoSuchResource:
            return None
        finder = _LrddFinder()
        finder.feed(text[:MAX_HOST_META_CHARACTERS])
        return finder.template


class _LrddFinder(HTMLParser):
    """Finds the lrdd template in an XRD document. As a parser of HTML it declares no entities to explode."""

    template: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        template = attributes.get("template")
        if tag == "link" and attributes.get("rel") == "lrdd" and template and "{uri}" in template:
            self.template = self.template or template
