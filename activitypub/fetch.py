"""Fetching a document that claims to be an ActivityPub object, and believing it only where it has authority.

    FetchError
    ├── Gone          the origin says it does not exist (404, 410)
    ├── Forbidden     the origin will not show it to us (401, 403)
    ├── Unavailable   it could not be asked now; asking later may help
    └── Untrusted     what came is not the object at that URI, or not readable as one

One activity may cause a bounded number of fetches (row E05): each carries the same `FetchBudget` along.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from msgspec import Struct

from activitypub.caps import CAPS
from activitypub.context import FederationContext
from activitypub.http import ACTIVITY_ACCEPT, ACTIVITY_TYPES, EgressError, Response, Unreachable
from activitypub.jsonld import NotPlain, plain
from activitypub.signatures.forms import Form
from activitypub.signed import in_its_form
from activitypub.strict_json import HostileJson, read_object
from activitypub.uris import InvalidUri, same_origin, validated_url


class FetchError(Exception):
    """A document could not be had or not be believed; the text says why."""


class Gone(FetchError):
    """The origin says there is no such object (404 or 410)."""


class Forbidden(FetchError):
    """The origin refuses us (401 or 403)."""


class Unavailable(FetchError):
    """The origin did not answer usefully now; a later try may succeed."""


class Untrusted(FetchError):
    """The answer is not a believable object for that URI."""


class FetchBudget(Struct):
    """How many more fetches the matter at hand may cause."""

    left: int = CAPS.fetches_per_activity

    def spend(self) -> None:
        """Take one fetch; raises `Untrusted` when none is left."""
        if self.left <= 0:
            raise Untrusted("this activity has already caused as many fetches as one may")
        self.left -= 1


async def fetch_object(ctx: FederationContext, uri: str, budget: FetchBudget) -> Mapping[str, Any]:
    """Return the document at `uri`, whose `id` is exactly the URL it was read from.

    A document with another id is not believed; that id is asked once itself and must then answer for itself
    (rows A01, A02). Raises `FetchError`.
    """
    document, served_from = await _get(ctx, uri, budget)
    claimed = document.get("id")
    if claimed == served_from or claimed == uri == served_from:
        return document
    if not isinstance(claimed, str) or ctx.instance.owns(claimed):
        raise Untrusted(f"{uri} answered with a document that is not its own")
    document, served_from = await _get(ctx, claimed, budget)
    if document.get("id") != claimed or served_from != claimed:
        raise Untrusted(f"{claimed} does not confirm what {uri} says of it")
    return document


async def fetch_listing(ctx: FederationContext, uri: str, budget: FetchBudget) -> Mapping[str, Any]:
    """Return a collection, or a page of one, whatever id it has.

    It gives nothing but names: each thing it names has to answer for itself (row A16). Raises `FetchError`.
    """
    document, served_from = await _get(ctx, uri, budget)
    if not same_origin(uri, served_from):
        raise Untrusted(f"{uri} leads to another server")
    return document


async def fetch_json(ctx: FederationContext, url: str, budget: FetchBudget, *, accept: str) -> Mapping[str, Any]:
    """Return the JSON object at `url`, of any JSON type and without authority: WebFinger, NodeInfo."""
    budget.spend()
    await _refuse_shut_out(ctx, url)
    try:
        response = await ctx.http.get(_judged(ctx, url), accept=accept)
    except Unreachable as error:
        raise Unavailable(str(error)) from error
    except EgressError as error:
        raise Untrusted(str(error)) from error
    await _refuse_shut_out(ctx, response.url)
    return _object_in(response, url)


async def _get(ctx: FederationContext, uri: str, budget: FetchBudget) -> tuple[Mapping[str, Any], str]:
    """Return the plain JSON-LD document at `uri` and the URL that finally served it."""
    budget.spend()
    await _refuse_shut_out(ctx, uri)
    url = _judged(ctx, uri)

    async def ask(form: Form) -> Response:
        sign = ctx.sign_as_instance(form)
        return await ctx.http.get(url, accept=ACTIVITY_ACCEPT, sign=sign, expect=ACTIVITY_TYPES)

    try:
        response = await in_its_form(ctx.forms, url, ask)
    except Unreachable as error:
        raise Unavailable(str(error)) from error
    except EgressError as error:
        raise Untrusted(str(error)) from error
    await _refuse_shut_out(ctx, response.url)
    document = _object_in(response, uri)
    try:
        plain(document)
    except NotPlain as error:
        raise Untrusted(f"{uri}: {error}") from error
    return document, response.url


async def _refuse_shut_out(ctx: FederationContext, url: str) -> None:
    """Raise `Forbidden` for a server that this town has shut out, whichever way its URL came here (row I02)."""
    if await ctx.blocks.is_suspended(urlsplit(url).netloc):
        raise Forbidden(f"{url} is on a server that is shut out here")


def _judged(ctx: FederationContext, uri: str) -> str:
    """Return the URI without fragment if it may be asked at all; nothing of ours is ever fetched (row A20)."""
    try:
        url = validated_url(uri, allow_http=ctx.instance.test_network)
    except InvalidUri as error:
        raise Untrusted(str(error)) from error
    if ctx.instance.owns(url):
        raise Untrusted(f"{url} is ours; there is nothing to fetch")
    return url.partition("#")[0]


def _object_in(response: Response, uri: str) -> Mapping[str, Any]:
    match response.status:
        case 200:
            try:
                return read_object(response.body)
            except HostileJson as error:
                raise Untrusted(f"{uri}: {error}") from error
        case 404 | 410:
            raise Gone(f"{uri} answered {response.status}")
        case 401 | 403:
            raise Forbidden(f"{uri} answered {response.status}")
        case status if status == 429 or status >= 500:
            raise Unavailable(f"{uri} answered {status}")
        case status:
            raise Untrusted(f"{uri} answered {status}")
