"""What comes of a signature: a value for each outcome, because a bad signature is an everyday event.

The status tells the sender what to do: 400, the request cannot be read and will never be; 401, it is read and
not believed. `inbox/authenticate.py` adds 403, 503 and 202, which depend on more than the message.
"""

from enum import Enum

from msgspec import Struct


class Reason(Enum):
    """Every ground for refusing a signature, with its status and the sentence for the sender."""

    # The sender did not sign, or not in a way that we know.
    NO_SIGNATURE = 401, "The request has no Signature header: sign it (RFC 9421 or draft-cavage-http-signatures-12)."

    # The message cannot be read in one way only.
    HEADER_REPEATED = 400, "A header that the signature depends on was sent twice: send it once."
    HEADER_UNREADABLE = 400, "A signed header holds something else than printable ASCII on one line."
    SIGNATURE_MALFORMED = 400, "The Signature header is not as draft-cavage-http-signatures-12 defines it."
    INPUT_MALFORMED = 400, "Signature-Input and Signature are not as RFC 9421 defines them, for one signature."
    KEY_ID_MALFORMED = 400, "The keyId is not an http or https URL of at most 2,048 characters."
    DATE_MALFORMED = 400, 'The Date header is not of the form "Sun, 06 Nov 1994 08:49:37 GMT".'

    # The message can be read and must not be believed.
    ALGORITHM_REFUSED = (
        401,
        "The algorithm is not accepted: use rsa-sha256, hs2019, or by RFC 9421 rsa-v1_5-sha256.",
    )
    TARGET_REFUSED = 401, 'The request line is not a method and a path that begins with "/".'
    NOT_COVERED = 401, "Cover (request-target), host, date or (created), and digest where there is a body."
    LEFT_OPEN = 401, "Cover @method, @target-uri, and content-digest where there is a body, and say when: created."
    COVERED_MISSING = 401, "The signature covers a header that the request does not have."
    HOST_WRONG = 401, "The request is for another host: send and sign the Host of its URL."
    EXPIRED = 401, "The signature is too old: sign again, and check the clock."
    FROM_THE_FUTURE = 401, "The signature was made in the future: check the clock."
    EXPIRES_TOO_EARLY = 401, "The signature expires before it was made."
    DIGEST_NOT_ONCE = 401, "The request needs exactly one Digest header."
    DIGEST_MALFORMED = 401, "The Digest header is not a list of algorithm=base64."
    DIGEST_WITHOUT_SHA256 = 401, "The Digest header needs exactly one SHA-256 value."
    DIGEST_WRONG = 401, "The Digest header does not belong to this body."
    CONTENT_DIGEST_WRONG = 401, "The Content-Digest header has no sha-256 or sha-512 of this body, or a wrong one."
    SIGNATURE_WRONG = 401, "The signature does not belong to this request and this key."

    def __init__(self, status: int, sentence: str) -> None:
        self.status = status
        self.sentence = sentence


class Rejected(Struct, frozen=True):
    """The request counts as unsigned. `detail` names what it failed on, where there is something to name."""

    reason: Reason
    detail: str = ""

    @property
    def status(self) -> int:
        """The HTTP status to answer with: 400 or 401."""
        return self.reason.status

    @property
    def message(self) -> str:
        """A sentence for the sender: what is wrong, where, and how to mend it."""
        return f"{self.reason.sentence} ({self.detail})" if self.detail else self.reason.sentence


class Verified(Struct, frozen=True):
    """The holder of this key signed this request. Whose key it is and what they may do comes next."""

    key_id: str
    covered: tuple[str, ...]
