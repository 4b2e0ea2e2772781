"""The Digest header: it binds the body to the signed headers (RFC 3230; SHA-256 by RFC 5843).

A signature covers headers only. The body is authentic if and only if the covered Digest is recomputed over
the very bytes that are processed: this module does that, `verify.py` sees that Digest is covered (row B01).
"""

import base64
import hashlib
import re
from collections.abc import Sequence

from activitypub.signatures.results import Reason

_ALGORITHM = "sha-256"
_ONE_DIGEST = r"[A-Za-z0-9-]+=[A-Za-z0-9+/_=-]+"
_DIGEST_HEADER = re.compile(rf"{_ONE_DIGEST}(?:[ \t]*,[ \t]*{_ONE_DIGEST})*")


def digest_header(body: bytes) -> str:
    """Return the value of the Digest header for a body: "SHA-256=" and the hash in base64."""
    return f"SHA-256={_sha256(body)}"


def verify_digest(header_values: Sequence[str], body: bytes) -> Reason | None:
    """Return what is wrong with the Digest of a message, or None if it belongs to this body.

    `header_values` holds one value for each Digest header of the message; exactly one is accepted. It may
    list several algorithms (names in any case), of which SHA-256 must be one, once, and is the only one
    looked at. Base64 is compared as text with the one correct spelling, so that no other decoding of it can
    pass.
    """
    if len(header_values) != 1:
        return Reason.DIGEST_NOT_ONCE
    if _DIGEST_HEADER.fullmatch(header_values[0]) is None:
        return Reason.DIGEST_MALFORMED
    pairs = [part.strip(" \t").partition("=") for part in header_values[0].split(",")]
    ours = [value for algorithm, _, value in pairs if algorithm.lower() == _ALGORITHM]
    if len(ours) != 1:
        return Reason.DIGEST_WITHOUT_SHA256
    return None if ours[0] == _sha256(body) else Reason.DIGEST_WRONG


def _sha256(body: bytes) -> str:
    return base64.b64encode(hashlib.sha256(body).digest()).decode("ascii")
