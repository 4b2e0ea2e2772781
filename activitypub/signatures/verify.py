"""The rules by which a signed request is believed, in three steps, so that a bad one never costs a key fetch:

1. `parse`: everything that needs no key: form, coverage, host, time, digest. Its result names the key;
2. the caller finds that key (`activitypub/resolver.py`), and asks whose it is;
3. `check`: does this key verify this signature? Once more with a fresh key, if the caller wishes.

`verify` is all of it, for callers who hold the key. A refusal is a value with a reason (`results.py`).

RFC 9421 gets its own module beside `cavage.py` and is chosen in `parse`, by its Signature-Input header.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from activitypub.caps import CAPS, Caps
from activitypub.signatures.cavage import (
    RSA_HASH,
    RSA_PADDING,
    SCHEME,
    MalformedSignature,
    SignatureParameters,
    parse_signature,
)
from activitypub.signatures.digest import verify_digest
from activitypub.signatures.http_date import parse_http_date
from activitypub.signatures.keys import PublicKey
from activitypub.signatures.message import SignedMessage
from activitypub.signatures.results import Reason, Rejected, Verified
from activitypub.signatures.signing_string import CREATED, EXPIRES, REQUEST_TARGET, signing_string
from activitypub.uris import MAX_URI_LENGTH, InvalidUri, origin

# "hs2019" means: ask the key. In the fediverse that is RSASSA-PKCS1-v1_5 with SHA-256 for RSA keys.
_RSA_ALGORITHMS = frozenset({None, "hs2019", "rsa-sha256"})
_ED25519_ALGORITHMS = frozenset({None, "hs2019", "ed25519"})
_ALWAYS_COVERED = (REQUEST_TARGET, "host")
_WITHOUT_BODY = frozenset({"GET", "HEAD"})
_ONLY_ONCE = ("host", "date", "digest", "signature", "authorization")
_PRINTABLE = re.compile(r"[\t -~]*")
_REQUEST_LINE = re.compile(r"[A-Z]+ /[!-~]*")

Fields = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class ParsedSignature:
    """A signature that has passed every rule except the one that needs the key `key_id`.

    `signing_strings` are the messages that the signature may be for: the request as it came and, for a GET
    with a query, the same without the query.
    """

    key_id: str
    algorithm: str | None
    covered: tuple[str, ...]
    signature: bytes
    signing_strings: tuple[bytes, ...]


def verify(
    request: SignedMessage,
    *,
    public_key: PublicKey,
    host: str | frozenset[str],
    now: datetime,
    caps: Caps = CAPS,
) -> Verified | Rejected:
    """Say whether the holder of `public_key` signed this request, for us and just now (see `parse`)."""
    parsed = parse(request, host=host, now=now, caps=caps)
    if isinstance(parsed, Rejected):
        return parsed
    if not check(parsed, public_key):
        return Rejected(Reason.SIGNATURE_WRONG)
    return Verified(parsed.key_id, parsed.covered)


def parse(
    request: SignedMessage, *, host: str | frozenset[str], now: datetime, caps: Caps = CAPS
) -> ParsedSignature | Rejected:
    """Apply every rule that needs no key (rows B01 to B07, B10); return the signature that is left to check.

    `host` is our host, or all hosts that mean us, in lower case and with the port if it is not the default
    one: from the configuration, never from the request. `now` is aware. `caps` gives the three figures on
    signatures.
    """
    fields = request.fields()
    parameters = _signature_of(fields)
    if isinstance(parameters, Rejected):
        return parameters
    rejected = (
        _check_claims(parameters)
        or _check_coverage(parameters, request)
        or _check_presence(parameters, fields)
        or _check_address(request, fields, frozenset({host}) if isinstance(host, str) else host)
        or _check_time(parameters, fields, now, caps)
        or _check_body(parameters, request, fields)
    )
    return rejected or ParsedSignature(
        key_id=parameters.key_id,
        algorithm=parameters.algorithm,
        covered=parameters.headers,
        signature=parameters.signature,
        signing_strings=_signing_strings(parameters, request, fields),
    )


def check(parsed: ParsedSignature, public_key: PublicKey) -> bool:
    """Say whether this key made this signature, by the algorithm of the key and with no claim of another."""
    return any(_is_signed(message, parsed, public_key) for message in parsed.signing_strings)


def is_key_id(text: str) -> bool:
    """Say whether a keyId is a URL at all: http(s), ASCII, no userinfo, at most one fragment (row B10).

    Whether it may be fetched (private addresses, plain http, our own origin) is for egress and resolver.
    """
    if len(text) > MAX_URI_LENGTH or not text.isascii() or text.count("#") > 1:
        return False
    try:
        origin(text)
    except InvalidUri:
        return False
    return True


def _signature_of(fields: Fields) -> SignatureParameters | Rejected:
    """Find the one signature of a request and read it, or say why there is none to read."""
    repeated = next((name for name in _ONLY_ONCE if len(fields.get(name, ())) > 1), None)
    if repeated:
        return Rejected(Reason.HEADER_REPEATED, repeated)
    if "signature-input" in fields:
        return Rejected(Reason.OTHER_STANDARD)
    authorization = [value for value in fields.get("authorization", ()) if value.lower().startswith(SCHEME)]
    headers = [*fields.get("signature", ()), *authorization]
    if not headers:
        return Rejected(Reason.NO_SIGNATURE)
    if len(headers) > 1:
        return Rejected(Reason.HEADER_REPEATED, "signature and authorization")
    try:
        return parse_signature(headers[0])
    except MalformedSignature as error:
        return Rejected(Reason.SIGNATURE_MALFORMED, str(error))


def _check_claims(parameters: SignatureParameters) -> Rejected | None:
    """Refuse a key that cannot be looked up, and an algorithm that is unknown or misused (row B05)."""
    if not is_key_id(parameters.key_id):
        return Rejected(Reason.KEY_ID_MALFORMED)
    if parameters.algorithm not in _RSA_ALGORITHMS | _ED25519_ALGORITHMS:
        return Rejected(Reason.ALGORITHM_REFUSED)
    # Section 2.3: an algorithm whose name begins with "rsa" must not be used with these two.
    if parameters.algorithm == "rsa-sha256" and not {CREATED, EXPIRES}.isdisjoint(parameters.headers):
        return Rejected(Reason.ALGORITHM_REFUSED)
    return None


def _check_coverage(parameters: SignatureParameters, request: SignedMessage) -> Rejected | None:
    """Refuse a signature that leaves open where, when or what is said (rows B01 and B02)."""
    covered = parameters.headers
    carries_body = bool(request.body) or request.method not in _WITHOUT_BODY
    for name in (*_ALWAYS_COVERED, "digest") if carries_body else _ALWAYS_COVERED:
        if name not in covered:
            return Rejected(Reason.NOT_COVERED, name)
    if "date" not in covered and CREATED not in covered:
        return Rejected(Reason.NOT_COVERED, "date")
    return None


def _check_presence(parameters: SignatureParameters, fields: Fields) -> Rejected | None:
    """Refuse components that are covered and not there, or there in a form in which they could be misread."""
    given = {CREATED: parameters.created is not None, EXPIRES: parameters.expires is not None}
    for name in parameters.headers:
        values = fields.get(name, ())
        if not given.get(name, bool(values) or name == REQUEST_TARGET):
            return Rejected(Reason.COVERED_MISSING, name)
        # The draft joins repeated headers by commas, which makes one message of two: none is joined here.
        if len(values) > 1:
            return Rejected(Reason.HEADER_REPEATED, name)
        if values and not _PRINTABLE.fullmatch(values[0]):
            return Rejected(Reason.HEADER_UNREADABLE, name)
    return None


def _check_address(request: SignedMessage, fields: Fields, hosts: frozenset[str]) -> Rejected | None:
    """Refuse what was signed for another server, or names one in its target (row B07)."""
    if _REQUEST_LINE.fullmatch(f"{request.method} {request.target}") is None:
        return Rejected(Reason.TARGET_REFUSED)
    if fields["host"][0].lower() not in hosts:
        return Rejected(Reason.HOST_WRONG)
    return None


def _check_time(parameters: SignatureParameters, fields: Fields, now: datetime, caps: Caps) -> Rejected | None:
    """Refuse the old, the early and the timeless (rows B03 and B04).

    Whoever copies a request can add what is not covered: that may shorten the time and never extend it.
    """
    created = [] if parameters.created is None else [float(parameters.created)]
    if "date" in parameters.headers:
        date = parse_http_date(fields["date"][0])
        if date is None:
            return Rejected(Reason.DATE_MALFORMED)
        created.append(date.timestamp())
    expires = parameters.expires
    if expires is not None and expires < max(created):
        return Rejected(Reason.EXPIRES_TOO_EARLY)
    lifetime = caps.signature_age if EXPIRES not in parameters.headers else caps.signature_ceiling
    latest = min(created) + lifetime.total_seconds()
    skew = caps.signature_skew.total_seconds()
    if now.timestamp() > (latest if expires is None else min(latest, expires)) + skew:
        return Rejected(Reason.EXPIRED)
    return Rejected(Reason.FROM_THE_FUTURE) if max(created) > now.timestamp() + skew else None


def _check_body(parameters: SignatureParameters, request: SignedMessage, fields: Fields) -> Rejected | None:
    """Refuse a body that is not the one whose digest is covered."""
    if "digest" not in parameters.headers:
        return None
    reason = verify_digest(fields["digest"], request.body)
    return Rejected(reason) if reason else None


def _signing_strings(parameters: SignatureParameters, request: SignedMessage, fields: Fields) -> tuple[bytes, ...]:
    """Build the messages that may have been signed.

    Older Mastodon, and GoToSocial on its second attempt, sign a GET without the query; a POST has none.
    """
    values = {name: fields[name][0] for name in parameters.headers if name in fields}
    values |= {CREATED: str(parameters.created), EXPIRES: str(parameters.expires)}
    path, question_mark, _ = request.target.partition("?")
    without_query = (path,) if question_mark and request.method in _WITHOUT_BODY else ()
    return tuple(
        signing_string(parameters.headers, values, request.method, target)
        for target in (request.target, *without_query)
    )


def _is_signed(message: bytes, parsed: ParsedSignature, public_key: PublicKey) -> bool:
    try:
        if isinstance(public_key, Ed25519PublicKey):
            public_key.verify(parsed.signature, message)
            return parsed.algorithm in _ED25519_ALGORITHMS
        public_key.verify(parsed.signature, message, RSA_PADDING, RSA_HASH)
        return parsed.algorithm in _RSA_ALGORITHMS
    except InvalidSignature:
        return False
