"""draft-cavage-http-signatures-12, the signatures of today's fediverse: read the header, sign a request.

Reading is strict because the header decides which key is asked for and what it vouches for: whatever two
parsers could read in two ways (a parameter twice, a stray word, a second spelling in base64) is no signature.

Source: https://datatracker.ietf.org/doc/html/draft-cavage-http-signatures-12
"""

import base64
import binascii
import re
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import Struct

from activitypub.signatures.digest import digest_header
from activitypub.signatures.http_date import format_http_date
from activitypub.signatures.keys import PrivateKey, sign_bytes
from activitypub.signatures.signing_string import REQUEST_TARGET, signing_string

SCHEME = "signature "  # what begins an Authorization header that carries a signature, in any case

_MAX_HEADER_CHARACTERS = 8_192  # RSA-8192 takes 1,368 for the signature, a keyId 2,048
_WORD = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"  # a token of RFC 9110 section 5.6.2
_PARAMETER = rf'({_WORD})=(?:"([ !#-\[\]-~]*)"|({_WORD}))'
_COMMA = r"[ \t]*,[ \t]*"
_HEADER = re.compile(rf"{_PARAMETER}(?:{_COMMA}{_PARAMETER})*")
_EACH_PARAMETER = re.compile(_PARAMETER)
_COMPONENT = rf"(?:{_WORD}|\({_WORD}\))"
_COMPONENTS = re.compile(rf"{_COMPONENT}(?: {_COMPONENT})*")
_UNIX_TIME = re.compile(r"0|[1-9][0-9]{0,11}")
_URL_CHARACTERS = re.compile(r"[!-~]+")
_VALUE_CHARACTERS = re.compile(r"[ -~]+")
_OURS = frozenset({"host", "date", "digest", "signature"})
_FURTHER = ("content-type", "collection-synchronization")  # what else is signed if it is sent (FEP-8fcf)
_DEFAULT_PORTS = {"https": ":443", "http": ":80"}


class MalformedSignature(ValueError):
    """The Signature header cannot be read in exactly one way. The message says why."""


class SignatureParameters(Struct, frozen=True):
    """What a Signature header says; nothing of it is believed yet.

    `headers` are the covered components in lower case, in the order in which they were signed. `created` and
    `expires` are Unix times in seconds. `algorithm` is only a claim: the real one follows from the key.
    """

    key_id: str
    algorithm: str | None
    headers: tuple[str, ...]
    signature: bytes
    created: int | None
    expires: int | None


def parse_signature(header: str) -> SignatureParameters:
    """Read the value of a Signature header, or of "Authorization: Signature …" (section 4.1).

    keyId, headers and signature are required, unknown parameters ignored. A leading "Signature " is read over
    in both places, as PeerTube before 2.2 wrote it. Raises `MalformedSignature`.
    """
    if len(header) > _MAX_HEADER_CHARACTERS:
        raise MalformedSignature(f"longer than {_MAX_HEADER_CHARACTERS} characters")
    parameters = read_parameters(header[len(SCHEME) :] if header.lower().startswith(SCHEME) else header)
    missing = {"keyId", "headers", "signature"} - parameters.keys()
    if missing:
        raise MalformedSignature(f"{min(missing)} is missing")
    return SignatureParameters(
        key_id=parameters["keyId"],
        algorithm=parameters.get("algorithm"),
        headers=_components(parameters["headers"]),
        signature=_base64(parameters["signature"]),
        created=_unix_time(parameters, "created"),
        expires=_unix_time(parameters, "expires"),
    )


def sign(
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes | None,
    *,
    key_id: str,
    private_key: PrivateKey,
    now: datetime,
) -> dict[str, str]:
    """Return `headers` with Host, Date, Signature and, if there is a body, Digest: all that is to be sent.

    `url` is absolute and ASCII, as it goes on the wire; a Content-Type and a Collection-Synchronization in `headers`
    are signed too. RSA keys sign as "rsa-sha256", which Mastodon and GoToSocial expect, Ed25519 keys as "hs2019".
    `now` is aware.

    Raises `ValueError` for a URL that is not http(s) or not ASCII, a naive `now`, and `headers` that hold one
    of those four or a Content-Type that is not printable ASCII.
    """
    host, target = where_to(url)
    fields = {"host": host, "date": format_http_date(now)}
    if body is not None:
        fields["digest"] = digest_header(body)
    fields |= _further(headers)
    covered = (REQUEST_TARGET, *fields)
    signature = base64.b64encode(sign_bytes(private_key, signing_string(covered, fields, method, target))).decode(
        "ascii"
    )
    algorithm = "hs2019" if isinstance(private_key, Ed25519PrivateKey) else "rsa-sha256"
    written = {name.title(): value for name, value in fields.items() if name in _OURS}
    written["Signature"] = (
        f'keyId="{key_id}",algorithm="{algorithm}",headers="{" ".join(covered)}",signature="{signature}"'
    )
    return {**headers, **written}


def read_parameters(text: str) -> dict[str, str]:
    """Split `name="value",name=token` into a dict.

    Raises `MalformedSignature` for anything else, and if two names differ in nothing but case.
    """
    if _HEADER.fullmatch(text) is None:
        raise MalformedSignature('not a list of name="value"')
    pairs = _EACH_PARAMETER.findall(text)
    if len({name.lower() for name, _, _ in pairs}) != len(pairs):
        raise MalformedSignature("a parameter is given twice")
    return {name: quoted or token for name, quoted, token in pairs}


@lru_cache(maxsize=1_024)
def _components(text: str) -> tuple[str, ...]:
    """Split the `headers` parameter: each component once, one blank between two."""
    names = tuple(text.lower().split(" "))
    if _COMPONENTS.fullmatch(text) is None or len(set(names)) != len(names):
        raise MalformedSignature("headers is not a list of different header names")
    return names


def _base64(text: str) -> bytes:
    """Decode base64 that has exactly one spelling: padded, and no bits left over."""
    try:
        decoded = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise MalformedSignature("the signature is not base64") from error
    if not decoded or base64.b64encode(decoded).decode("ascii") != text:
        raise MalformedSignature("the signature is not base64 in its proper spelling")
    return decoded


def _unix_time(parameters: Mapping[str, str], name: str) -> int | None:
    text = parameters.get(name)
    if text is None:
        return None
    if _UNIX_TIME.fullmatch(text) is None:
        raise MalformedSignature(f"{name} is not a time in whole seconds")
    return int(text)


def where_to(url: str) -> tuple[str, str]:
    """Return the Host header and the request target for a URL. Raises `ValueError`."""
    if _URL_CHARACTERS.fullmatch(url) is None:
        raise ValueError("Only ASCII can be signed: write the host in punycode, the rest in percent.")
    parts = urlsplit(url)
    if parts.scheme not in _DEFAULT_PORTS or not parts.netloc or "@" in parts.netloc:
        raise ValueError("Only http and https URLs without userinfo can be signed for.")
    target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    return parts.netloc.lower().removesuffix(_DEFAULT_PORTS[parts.scheme]), target


def _further(headers: Mapping[str, str]) -> dict[str, str]:
    """Return those of `headers` that are signed as well. Raises `ValueError` for headers that `sign` writes."""
    names = {name.lower(): value for name, value in headers.items()}
    if names.keys() & _OURS:
        raise ValueError(f"The signer writes {', '.join(sorted(names.keys() & _OURS))} itself: leave it out.")
    further = {name: names[name] for name in _FURTHER if name in names}
    if any(_VALUE_CHARACTERS.fullmatch(value) is None for value in further.values()):
        raise ValueError("A Content-Type or another header can only be signed if it is printable ASCII.")
    return further
