"""Messages that only the app can read: RFC 8291 (aes128gcm), or the draft before it (aesgcm) that older apps speak.

There salt and key travel in headers: https://datatracker.ietf.org/doc/html/draft-ietf-webpush-encryption-04
"""

import os
from collections.abc import Mapping

import http_ece
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from msgspec import Struct

from fediverse_kommune.push.alphabets import decode, encode

POINT_BYTES = 65
SECRET_BYTES = 16


class Keys(Struct, frozen=True):
    """What an app gave us to encrypt for it: its public key and a secret that both know, in base64."""

    p256dh: str
    auth: str


class Sealed(Struct, frozen=True):
    """An encrypted message with the headers that say how."""

    body: bytes
    headers: Mapping[str, str]


def checked_keys(p256dh: str, auth: str) -> Keys:
    """Return keys that can be encrypted for, in URL-safe base64. Raises ValueError and says which one is wrong."""
    try:
        point = decode(p256dh)
        if len(point) != POINT_BYTES:
            raise ValueError
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    except ValueError as error:
        raise ValueError("p256dh is no public key: an uncompressed point on P-256 in base64.") from error
    try:
        secret = decode(auth)
        if len(secret) != SECRET_BYTES:
            raise ValueError
    except ValueError as error:
        raise ValueError(f"auth is no secret: {SECRET_BYTES} bytes in base64.") from error
    return Keys(encode(point), encode(secret))


def seal(message: bytes, keys: Keys, *, standard: bool) -> Sealed:
    """Encrypt a message. The key that we agree on with the app is made for this message alone."""
    salt = os.urandom(16)
    passing_key = ec.generate_private_key(ec.SECP256R1())
    encoding = "aes128gcm" if standard else "aesgcm"
    body = http_ece.encrypt(
        message,
        salt=salt,
        private_key=passing_key,
        dh=decode(keys.p256dh),
        auth_secret=decode(keys.auth),
        version=encoding,
    )
    headers = {"Content-Encoding": encoding}
    if not standard:
        point = passing_key.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )
        headers |= {"Encryption": f"salt={encode(salt)}", "Crypto-Key": f"dh={encode(point)}"}
    return Sealed(body, headers)
