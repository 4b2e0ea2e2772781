"""The rules of draft-cavage-http-signatures-12: what a signature has to cover, and with what it has to agree."""

from datetime import datetime

from activitypub.caps import Caps
from activitypub.signatures.cavage import SCHEME, MalformedSignature, SignatureParameters, parse_signature
from activitypub.signatures.digest import verify_digest
from activitypub.signatures.http_date import parse_http_date
from activitypub.signatures.message import SignedMessage
from activitypub.signatures.results import Reason, Rejected
from activitypub.signatures.rules import (
    WITHOUT_BODY,
    Fields,
    ParsedSignature,
    carries_body,
    check_address,
    check_age,
    check_header,
    is_key_id,
)
from activitypub.signatures.signing_string import CREATED, EXPIRES, REQUEST_TARGET, signing_string

# "hs2019" means: ask the key. In the fediverse that is RSASSA-PKCS1-v1_5 with SHA-256 for RSA keys.
RSA_ALGORITHMS = frozenset({None, "hs2019", "rsa-sha256"})
ED25519_ALGORITHMS = frozenset({None, "hs2019", "ed25519"})
_ALWAYS_COVERED = (REQUEST_TARGET, "host")


def parse_cavage(
    request: SignedMessage, fields: Fields, hosts: frozenset[str], now: datetime, caps: Caps
) -> ParsedSignature | Rejected:
    """Apply every rule that needs no key; see `verify.parse`, which is the way in."""
    parameters = _signature_of(fields)
    if isinstance(parameters, Rejected):
        return parameters
    rejected = (
        _check_claims(parameters)
        or _check_coverage(parameters, request)
        or _check_presence(parameters, fields)
        or check_address(request, fields, hosts)
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


def _signature_of(fields: Fields) -> SignatureParameters | Rejected:
    """Find the one signature of a request and read it, or say why there is none to read."""
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
    if parameters.algorithm not in RSA_ALGORITHMS | ED25519_ALGORITHMS:
        return Rejected(Reason.ALGORITHM_REFUSED)
    # Section 2.3: an algorithm whose name begins with "rsa" must not be used with these two.
    if parameters.algorithm == "rsa-sha256" and not {CREATED, EXPIRES}.isdisjoint(parameters.headers):
        return Rejected(Reason.ALGORITHM_REFUSED)
    return None


def _check_coverage(parameters: SignatureParameters, request: SignedMessage) -> Rejected | None:
    """Refuse a signature that leaves open where, when or what is said (rows B01 and B02)."""
    covered = parameters.headers
    for name in (*_ALWAYS_COVERED, "digest") if carries_body(request) else _ALWAYS_COVERED:
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
        if rejected := check_header(name, values):
            return rejected
    return None


def _check_time(parameters: SignatureParameters, fields: Fields, now: datetime, caps: Caps) -> Rejected | None:
    created = [] if parameters.created is None else [float(parameters.created)]
    if "date" in parameters.headers:
        date = parse_http_date(fields["date"][0])
        if date is None:
            return Rejected(Reason.DATE_MALFORMED)
        created.append(date.timestamp())
    lifetime = caps.signature_age if EXPIRES not in parameters.headers else caps.signature_ceiling
    return check_age(created, parameters.expires, lifetime, now, caps)


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
    without_query = (path,) if question_mark and request.method in WITHOUT_BODY else ()
    return tuple(
        signing_string(parameters.headers, values, request.method, target)
        for target in (request.target, *without_query)
    )
