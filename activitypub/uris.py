"""URIs of the fediverse: which ones we use at all, and when two of them have one origin (FEP-fe34).

A URI from outside is refused here before any parser of a library sees it, so no two parsers can disagree on
its host (row L03). What passes has one spelling of scheme and host and is used from then on as it is.

What is equal (row L04):

| written differently | the same id (exact text after `validated_url`) | the same origin |
|---|---|---|
| case of scheme or host, Unicode or punycode host, dot after the host | yes | yes |
| default port named or not (https 443, http 80) | yes | yes |
| another port, http or https | no | no |
| a subdomain, a parent domain | no | no |
| path: case, %-case (%2f, %2F), trailing slash, "/./", empty or "/" | no | yes |
| query or its order, fragment | no | yes |

Ids are compared exactly and never "normalised": a server that answers to one spelling has not said anything
about another. Blocks compare `host_of`, which no spelling of a URI can change.
"""

import re
import unicodedata
from functools import lru_cache

from webfinger.host import InvalidHost, canonical_host

MAX_URI_LENGTH = 2048

# Blanks, control characters, backslashes, and what RFC 3986 never allows and attribute injection needs.
_FORBIDDEN = re.compile(r"[\s\x00-\x20\x7f-\x9f\\<>\"`]")
_URL = re.compile(r"(https?)://([^/?#]*)(.*)", re.IGNORECASE)
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Zs", "Zl", "Zp"})
_DEFAULT_PORT = {"https": ":443", "http": ":80"}


class InvalidUri(ValueError):
    """The text is no URL that we follow, store or compare. The message says why."""


def validated_url(text: str, *, allow_http: bool = False) -> str:
    """Return an https URL with scheme and host in canonical form and everything else untouched.

    `allow_http` is for a local test fediverse only: it also lets in http, ports, addresses, "localhost".
    Raises `InvalidUri` for any other scheme, for userinfo, blanks, controls, backslashes, hosts which
    have no canonical form, and more than 2,048 characters.
    """
    scheme, host, rest = _split(text, test_network=allow_http)
    if scheme != "https" and not allow_http:
        raise InvalidUri("the URL is not https")
    return f"{scheme}://{host}{rest}"


@lru_cache(maxsize=8192)
def origin(uri: str) -> str:
    """Return scheme and host of a URI ("https://host"), and the port unless it is the default one (FEP-fe34).

    Comparing is not permitting: http, ports and addresses have origins too. Raises `InvalidUri` for a text
    without an origin.
    """
    scheme, host, _ = _split(uri, test_network=True)
    return f"{scheme}://{host}"


def host_of(uri: str) -> str:
    """Return the canonical host of a URI, and the port unless it is the default one. Raises `InvalidUri`."""
    return origin(uri).partition("://")[2]


def same_origin(a: str, b: str) -> bool:
    """Return True if both URIs have the same origin. A text without an origin equals nothing."""
    try:
        return origin(a) == origin(b)
    except InvalidUri:
        return False


def _split(text: str, *, test_network: bool) -> tuple[str, str, str]:
    """Return scheme, canonical host (and port) and the rest, untouched; or raise `InvalidUri`."""
    if len(text) > MAX_URI_LENGTH:
        raise InvalidUri(f"the URL is longer than {MAX_URI_LENGTH} characters")
    if _FORBIDDEN.search(text) or not (text.isascii() or _is_visible(text)):
        raise InvalidUri("the URL holds blanks, backslashes, quotes or control characters")
    match = _URL.fullmatch(text)
    if match is None:
        raise InvalidUri("the text is no http or https URL")
    scheme, authority, rest = match[1].lower(), match[2], match[3]
    try:
        host = canonical_host(authority, test_network=True).removesuffix(_DEFAULT_PORT[scheme])
        host = host if test_network else canonical_host(host)
    except InvalidHost as error:
        raise InvalidUri(f"the URL's host is refused: {error}") from error
    return scheme, host, rest


def _is_visible(text: str) -> bool:
    """Return True if no character is a blank, a control, a bidi or zero-width mark, or a surrogate."""
    return not any(unicodedata.category(character) in _INVISIBLE for character in text)
