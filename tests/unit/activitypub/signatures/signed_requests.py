"""Signed requests for the tests, with any coverage and any lie, made without the code that is under test."""

import base64
import hashlib
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import cache

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from msgspec.structs import replace

from activitypub.caps import CAPS, Caps
from activitypub.signatures.keys import PublicKey
from activitypub.signatures.message import SignedMessage
from activitypub.signatures.results import Reason, Rejected
from activitypub.signatures.verify import verify

NOW = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)
UNIX_NOW = int(NOW.timestamp())
HOST = "social.musterstadt.example"
KEY_ID = "https://nord.example/users/anna#main-key"
BODY = b'{"type":"Like"}'
FOR_POST = ("(request-target)", "host", "date", "digest")
FOR_GET = ("(request-target)", "host", "date")
CREATED_POST = ("(request-target)", "host", "(created)", "digest")
WITH_EXPIRES = (*CREATED_POST, "(expires)")


@cache
def rsa_key() -> RSAPrivateKey:
    """One RSA-2048 key for all tests: making one takes a while."""
    return generate_private_key(65537, 2048)


@cache
def ed25519_key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.generate()


def http_date(moment: datetime) -> str:
    return format_datetime(moment, usegmt=True)


def digest_of(body: bytes) -> str:
    return "SHA-256=" + base64.b64encode(hashlib.sha256(body).digest()).decode()


def post(body: bytes = BODY, /, **headers: str) -> SignedMessage:
    """An unsigned POST to the shared inbox with the usual headers; `headers` changes or adds to them."""
    usual = {
        "host": HOST,
        "date": http_date(NOW),
        "digest": digest_of(body),
        "content-type": "application/activity+json",
    }
    return SignedMessage("POST", "/inbox", tuple((usual | headers).items()), body)


def get(target: str = "/users/rathaus", /, **headers: str) -> SignedMessage:
    """An unsigned GET with the usual headers."""
    return SignedMessage("GET", target, tuple(({"host": HOST, "date": http_date(NOW)} | headers).items()))


def signed(
    request: SignedMessage,
    covered: tuple[str, ...] | None = None,
    *,
    key: RSAPrivateKey | Ed25519PrivateKey | None = None,
    target: str | None = None,
    **parameters: str,
) -> SignedMessage:
    """Sign a request over what `covered` names; with `target`, for another target than it is sent to.

    `parameters` are further parameters of the Signature header, or other values for the usual ones.
    """
    covered = covered or (FOR_POST if request.body else FOR_GET)
    key = key or rsa_key()
    known = dict(request.headers) | {
        "(request-target)": f"{request.method.lower()} {target or request.target}",
        "(created)": parameters.get("created", ""),
        "(expires)": parameters.get("expires", ""),
    }
    message = "\n".join(f"{name}: {known.get(name, '')}" for name in covered).encode()
    usual = {
        "keyId": KEY_ID,
        "algorithm": "hs2019",
        "headers": " ".join(covered),
        "signature": _signature(key, message),
    }
    header = ",".join(f'{name}="{value}"' for name, value in (usual | parameters).items() if value)
    return replace(request, headers=(*request.headers, ("signature", header)))


def with_header(request: SignedMessage, name: str, value: str | None) -> SignedMessage:
    """Put another value in the place of a header, or drop it."""
    kept = tuple((key, value if key == name else old) for key, old in request.headers)
    return replace(request, headers=tuple((key, text) for key, text in kept if text is not None))


def with_more(request: SignedMessage, *headers: tuple[str, str]) -> SignedMessage:
    """Add headers at the end."""
    return replace(request, headers=(*request.headers, *headers))


def outcome(
    request: SignedMessage,
    *,
    key: PublicKey | None = None,
    now: datetime = NOW,
    host: str | frozenset[str] = HOST,
    caps: Caps = CAPS,
) -> Reason | None:
    """The reason of the refusal, or None if the request is verified."""
    result = verify(request, public_key=key or rsa_key().public_key(), host=host, now=now, caps=caps)
    return result.reason if isinstance(result, Rejected) else None


def _signature(key: RSAPrivateKey | Ed25519PrivateKey, message: bytes) -> str:
    made = key.sign(message) if isinstance(key, Ed25519PrivateKey) else key.sign(message, PKCS1v15(), SHA256())
    return base64.b64encode(made).decode()
