"""The rules of RFC 9421 in the fediverse: what a signature has to cover, and with what it has to agree.

They ask for the same as those of draft-cavage (`cavage_rules.py`), under other names.
"""

from datetime import datetime

from activitypub.caps import Caps
from activitypub.signatures.cavage import MalformedSignature
from activitypub.signatures.message import SignedMessage
from activitypub.signatures.results import Reason, Rejected
from activitypub.signatures.rfc9421 import (
    MessageSignature,
    derived_values,
    is_digest_of,
    read_message_signature,
    signature_base,
)
from activitypub.signatures.rules import (
    Fields,
    ParsedSignature,
    carries_body,
    check_address,
    check_age,
    check_header,
    is_key_id,
)

# From the names of RFC 9421 to those of draft-cavage; without one the key decides.
_ALGORITHMS = {None: None, "rsa-v1_5-sha256": "rsa-sha256", "ed25519": "ed25519"}


def parse_rfc9421(
    request: SignedMessage, fields: Fields, hosts: frozenset[str], scheme: str, now: datetime, caps: Caps
) -> ParsedSignature | Rejected:
    """Apply every rule that needs no key; see `verify.parse`, which is the way in."""
    if not fields.get("signature"):
        return Rejected(Reason.INPUT_MALFORMED, "there is no Signature")
    try:
        signature = read_message_signature(fields["signature-input"][0], fields["signature"][0])
        rejected = (
            _check_claims(signature)
            or _check_coverage(signature, request)
            or _check_presence(signature, fields)
            or check_address(request, fields, hosts)
            or _check_time(signature, now, caps)
            or _check_body(signature, request, fields)
        )
    except MalformedSignature as error:
        return Rejected(Reason.INPUT_MALFORMED, str(error))
    return rejected or ParsedSignature(
        key_id=signature.key_id,
        algorithm=_ALGORITHMS[signature.algorithm],
        covered=signature.components,
        signature=signature.signature,
        signing_strings=(_base(signature, request, fields, scheme),),
    )


def _check_claims(signature: MessageSignature) -> Rejected | None:
    """Refuse a key that cannot be looked up, and an algorithm that is unknown (row B05)."""
    if not is_key_id(signature.key_id):
        return Rejected(Reason.KEY_ID_MALFORMED)
    return None if signature.algorithm in _ALGORITHMS else Rejected(Reason.ALGORITHM_REFUSED)


def _check_coverage(signature: MessageSignature, request: SignedMessage) -> Rejected | None:
    """Refuse a signature that leaves open where, when or what is said (rows B01 and B02)."""
    covered = frozenset(signature.components)
    if signature.created < 0:
        return Rejected(Reason.LEFT_OPEN, "created")
    for name in ("@method", "content-digest") if carries_body(request) else ("@method",):
        if name not in covered:
            return Rejected(Reason.LEFT_OPEN, name)
    path = {"@path", "@query"} if "?" in request.target else {"@path"}
    to_us = not covered.isdisjoint({"@authority", "host"})
    if "@target-uri" in covered or (to_us and ("@request-target" in covered or path <= covered)):
        return None
    return Rejected(Reason.LEFT_OPEN, "@target-uri")


def _check_presence(signature: MessageSignature, fields: Fields) -> Rejected | None:
    """Refuse components that are covered and not there, or there in a form in which they could be misread."""
    for name in ("host", *signature.components):
        values = fields.get(name, ())
        if not values and not name.startswith("@"):
            return Rejected(Reason.COVERED_MISSING, name)
        if rejected := check_header(name, values):
            return rejected
    return None


def _check_time(signature: MessageSignature, now: datetime, caps: Caps) -> Rejected | None:
    # Both times stand in the line that is signed, so a sender may ask for more time than we give by ourselves.
    lifetime = caps.signature_age if signature.expires is None else caps.signature_ceiling
    return check_age([float(signature.created)], signature.expires, lifetime, now, caps)


def _check_body(signature: MessageSignature, request: SignedMessage, fields: Fields) -> Rejected | None:
    """Refuse a body that is not the one whose digest is covered."""
    if "content-digest" in signature.components and not is_digest_of(fields["content-digest"][0], request.body):
        return Rejected(Reason.CONTENT_DIGEST_WRONG)
    return None


def _base(signature: MessageSignature, request: SignedMessage, fields: Fields, scheme: str) -> bytes:
    host = fields["host"][0].lower()
    values = {name: fields[name][0] for name in signature.components if name in fields}
    values |= derived_values(request.method, scheme, host, request.target)
    return signature_base(signature.components, values, signature.parameters)
