"""The rules by which a signed request is believed, in three steps, so that a bad one never costs a key fetch:

1. `parse`: everything that needs no key: form, coverage, host, time, digest. Its result names the key;
2. the caller finds that key (`activitypub/resolver.py`), and asks whose it is;
3. `check`: does this key verify this signature? Once more with a fresh key, if the caller wishes.

`verify` is all of it, for callers who hold the key. A refusal is a value with a reason (`results.py`). Two standards
are read, with the same rules (`rules.py`) over other names: draft-cavage, and RFC 9421 if there is a Signature-Input.
"""

from datetime import datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from activitypub.caps import CAPS, Caps
from activitypub.signatures.cavage_rules import ED25519_ALGORITHMS, RSA_ALGORITHMS, parse_cavage
from activitypub.signatures.keys import RSA_HASH, RSA_PADDING, PublicKey
from activitypub.signatures.message import SignedMessage
from activitypub.signatures.results import Reason, Rejected, Verified
from activitypub.signatures.rfc9421_rules import parse_rfc9421
from activitypub.signatures.rules import ParsedSignature

_ONLY_ONCE = ("host", "date", "digest", "content-digest", "signature", "signature-input", "authorization")


def verify(
    request: SignedMessage,
    *,
    public_key: PublicKey,
    host: str | frozenset[str],
    now: datetime,
    scheme: str = "https",
    caps: Caps = CAPS,
) -> Verified | Rejected:
    """Say whether the holder of `public_key` signed this request, for us and just now (see `parse`)."""
    parsed = parse(request, host=host, now=now, scheme=scheme, caps=caps)
    if isinstance(parsed, Rejected):
        return parsed
    if not check(parsed, public_key):
        return Rejected(Reason.SIGNATURE_WRONG)
    return Verified(parsed.key_id, parsed.covered)


def parse(
    request: SignedMessage, *, host: str | frozenset[str], now: datetime, scheme: str = "https", caps: Caps = CAPS
) -> ParsedSignature | Rejected:
    """Apply every rule that needs no key (rows B01 to B07, B10); return the signature that is left to check.

    `host` is our host, or all hosts that mean us, in lower case and with the port if it is not the default
    one, and `scheme` how we are reached: from the configuration, never from the request. `now` is aware. `caps` gives
    the three figures on signatures.
    """
    fields = request.fields()
    repeated = next((name for name in _ONLY_ONCE if len(fields.get(name, ())) > 1), None)
    if repeated:
        return Rejected(Reason.HEADER_REPEATED, repeated)
    hosts = frozenset({host}) if isinstance(host, str) else host
    if "signature-input" in fields:
        return parse_rfc9421(request, fields, hosts, scheme, now, caps)
    return parse_cavage(request, fields, hosts, now, caps)


def check(parsed: ParsedSignature, public_key: PublicKey) -> bool:
    """Say whether this key made this signature, by the algorithm of the key and with no claim of another."""
    return any(_is_signed(message, parsed, public_key) for message in parsed.signing_strings)


def _is_signed(message: bytes, parsed: ParsedSignature, public_key: PublicKey) -> bool:
    try:
        if isinstance(public_key, Ed25519PublicKey):
            public_key.verify(parsed.signature, message)
            return parsed.algorithm in ED25519_ALGORITHMS
        public_key.verify(parsed.signature, message, RSA_PADDING, RSA_HASH)
        return parsed.algorithm in RSA_ALGORITHMS
    except InvalidSignature:
        return False
