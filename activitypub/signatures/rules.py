"""What every signature is held to, by whichever standard it is written: whose key, to whom, and when.

A request that passes leaves one thing open, `ParsedSignature`: does the key make this signature?
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from activitypub.caps import Caps
from activitypub.signatures.message import SignedMessage
from activitypub.signatures.results import Reason, Rejected
from activitypub.uris import MAX_URI_LENGTH, InvalidUri, origin

WITHOUT_BODY = frozenset({"GET", "HEAD"})
_PRINTABLE = re.compile(r"[\t -~]*")
_REQUEST_LINE = re.compile(r"[A-Z]+ /[!-~]*")

Fields = Mapping[str, Sequence[str]]


class ParsedSignature(Struct, frozen=True):
    """A signature that has passed every rule except the one that needs the key `key_id`.

    `algorithm` is a name of draft-cavage, or None where the key decides. `signing_strings` are the messages that the
    signature may be for: the request as it came and, for a GET with a query, the same without the query.
    """

    key_id: str
    algorithm: str | None
    covered: tuple[str, ...]
    signature: bytes
    signing_strings: tuple[bytes, ...]


def carries_body(request: SignedMessage) -> bool:
    """True if there is a body that a signature has to cover by its digest."""
    return bool(request.body) or request.method not in WITHOUT_BODY


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


def check_header(name: str, values: Sequence[str]) -> Rejected | None:
    """Refuse a covered header that is there in a form in which it could be misread.

    Both standards join repeated headers by commas, which makes one message of two: none is joined here.
    """
    if len(values) > 1:
        return Rejected(Reason.HEADER_REPEATED, name)
    if values and not _PRINTABLE.fullmatch(values[0]):
        return Rejected(Reason.HEADER_UNREADABLE, name)
    return None


def check_address(request: SignedMessage, fields: Fields, hosts: frozenset[str]) -> Rejected | None:
    """Refuse what was signed for another server, or names one in its target (row B07)."""
    if _REQUEST_LINE.fullmatch(f"{request.method} {request.target}") is None:
        return Rejected(Reason.TARGET_REFUSED)
    if fields["host"][0].lower() not in hosts:
        return Rejected(Reason.HOST_WRONG)
    return None


def check_age(
    created: Sequence[float], expires: int | None, lifetime: timedelta, now: datetime, caps: Caps
) -> Rejected | None:
    """Refuse the old, the early and the timeless (rows B03 and B04).

    `created` are the times at which a request says it was signed, at least one, in Unix seconds; `lifetime` is how
    long it is believed. Whoever copies a request can add what is not covered: that may shorten the time and never
    extend it.
    """
    if expires is not None and expires < max(created):
        return Rejected(Reason.EXPIRES_TOO_EARLY)
    latest = min(created) + lifetime.total_seconds()
    skew = caps.signature_skew.total_seconds()
    if now.timestamp() > (latest if expires is None else min(latest, expires)) + skew:
        return Rejected(Reason.EXPIRED)
    return Rejected(Reason.FROM_THE_FUTURE) if max(created) > now.timestamp() + skew else None
