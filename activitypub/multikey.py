"""Public keys written as Multikey: `z6Mk…` in an actor's `assertionMethod` becomes PEM like every other key, and back.

Source: FEP-521a, https://www.w3.org/TR/cid-1.0/#Multikey, RFC 8410 section 4 (SubjectPublicKeyInfo)
"""

import base64
import binascii

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_ED25519_CODE = b"\xed\x01"
_ED25519_INFO = binascii.unhexlify("302a300506032b6570032100")
_KEY_BYTES = 32
# "z" and 34 bytes in base 58: longer texts are no Ed25519 key and are not worth the arithmetic.
_LONGEST = 48


def ed25519_pem(multibase: str) -> str | None:
    """Return the PEM of an Ed25519 public key in multibase base58btc, or None for anything else."""
    raw = base58_bytes(multibase, longest=_LONGEST)
    if raw is None:
        return None
    if len(raw) != len(_ED25519_CODE) + _KEY_BYTES or not raw.startswith(_ED25519_CODE):
        return None
    body = base64.b64encode(_ED25519_INFO + raw[len(_ED25519_CODE) :]).decode()
    return f"-----BEGIN PUBLIC KEY-----\n{body}\n-----END PUBLIC KEY-----\n"


def multikey(key: Ed25519PublicKey) -> str:
    """Return an Ed25519 public key as `publicKeyMultibase` has it, `z6Mk…`."""
    return base58_text(_ED25519_CODE + key.public_bytes_raw())


def base58_text(raw: bytes) -> str:
    """Return bytes as multibase text in base58btc ("z…")."""
    number, digits = int.from_bytes(raw, "big"), []
    while number:
        number, digit = divmod(number, 58)
        digits.append(_ALPHABET[digit])
    zeros = len(raw) - len(raw.lstrip(b"\0"))
    return "z" + "1" * zeros + "".join(reversed(digits))


def base58_bytes(multibase: str, *, longest: int) -> bytes | None:
    """Return what a multibase text in base58btc ("z…") stands for, or None for another one, or one that is longer."""
    if not multibase.startswith("z") or len(multibase) > longest:
        return None
    number = 0
    for character in multibase[1:]:
        digit = _ALPHABET.find(character)
        if digit < 0:
            return None
        number = number * 58 + digit
    zeros = len(multibase[1:]) - len(multibase[1:].lstrip("1"))
    return bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8, "big")
