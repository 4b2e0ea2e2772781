"""RSA and Ed25519 keys: make, write, read, and refuse what is too weak to prove anything (row B05).

    KeyRefused
    ├── MalformedKey   not one key in PEM, of a kind that we use
    └── WeakKey        a key that others could forge for, or one made to cost us time

RSA-2048 is what the whole fediverse can verify; Ed25519 is read and written for those who sign with it.
"""

from functools import lru_cache

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

PrivateKey = RSAPrivateKey | Ed25519PrivateKey
PublicKey = RSAPublicKey | Ed25519PublicKey

# The one way in which RSA signs in the fediverse: RSASSA-PKCS1-v1_5 with SHA-256.
RSA_PADDING = PKCS1v15()
RSA_HASH = SHA256()

_MIN_RSA_BITS = 2048
_MAX_RSA_BITS = 8192  # a check costs 16 times as much as at 2,048 bits
_USUAL_EXPONENT = 65537
_MAX_EXPONENT_BITS = 32  # a check takes time in proportion to the exponent's length
_MAX_PEM_CHARACTERS = 8_192  # RSA-8192 takes about 1,500 for the public half and 6,400 for both


class KeyRefused(ValueError):
    """The text gives no key to rely on. The message says why, without the text, which may be secret."""


class MalformedKey(KeyRefused):
    """The text is not exactly one PEM block with an RSA or Ed25519 key of the expected half."""


class WeakKey(KeyRefused):
    """The key can be read, but its size or exponent makes it forgeable or dear to use."""


def generate_rsa_key() -> RSAPrivateKey:
    """Make a fresh RSA-2048 key. Takes about 50 ms on average, so it is not for the event loop."""
    return generate_private_key(public_exponent=_USUAL_EXPONENT, key_size=_MIN_RSA_BITS)


def generate_ed25519_key() -> Ed25519PrivateKey:
    """Make a fresh Ed25519 key (RFC 8032). Takes microseconds."""
    return Ed25519PrivateKey.generate()


def private_pem(key: PrivateKey) -> str:
    """Write a private key as unencrypted PKCS #8 PEM: a secret, for our own database only."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode("ascii")


def public_pem(key: PrivateKey | PublicKey) -> str:
    """Write the public half of a key as SubjectPublicKeyInfo PEM, the form of `publicKeyPem` in actors."""
    public = key.public_key() if isinstance(key, RSAPrivateKey | Ed25519PrivateKey) else key
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode("ascii")


@lru_cache(maxsize=1024)
def load_private_key(pem: str) -> PrivateKey:
    """Read one of our own private keys, as `private_pem` wrote it. Raises `MalformedKey` or `WeakKey`.

    The last 1,024 keys stay loaded, so that a delivery costs one signature and no parsing.
    """
    try:
        # Proving the primes takes 37 ms a key: needless for a key that we made and stored ourselves.
        key = load_pem_private_key(_single_block(pem), password=None, unsafe_skip_rsa_key_validation=True)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise MalformedKey("This is no unencrypted private key in PEM.") from error
    if not isinstance(key, RSAPrivateKey | Ed25519PrivateKey):
        raise MalformedKey("A private key has to be of the kind RSA or Ed25519.")
    _refuse_weak(key.public_key())
    return key


@lru_cache(maxsize=1024)
def load_public_key(pem: str) -> PublicKey:
    """Read a public key from an actor document: SubjectPublicKeyInfo or, for RSA, PKCS #1, in PEM.

    The last 1,024 keys stay loaded. Raises `MalformedKey` for anything else, a private key that somebody
    published and even exponents among it, and `WeakKey` for RSA below 2,048 or above 8,192 bits or with an
    exponent below 65,537 or longer than 32 bits.
    """
    if "PRIVATE KEY" in pem:
        raise MalformedKey("This is a private key, and no longer a secret one: publish another key.")
    try:
        key = load_pem_public_key(_single_block(pem))
    except (ValueError, UnsupportedAlgorithm) as error:
        raise MalformedKey("This is no public key in PEM.") from error
    if not isinstance(key, RSAPublicKey | Ed25519PublicKey):
        raise MalformedKey("A public key has to be of the kind RSA or Ed25519.")
    _refuse_weak(key)
    return key


def sign_bytes(key: PrivateKey, message: bytes) -> bytes:
    """Return the signature of a message, in the way of the key's kind."""
    return key.sign(message) if isinstance(key, Ed25519PrivateKey) else key.sign(message, RSA_PADDING, RSA_HASH)


def _single_block(pem: str) -> bytes:
    """Return a PEM text as bytes. Raises `ValueError` unless it is ASCII, of sane length and one block."""
    if len(pem) > _MAX_PEM_CHARACTERS or pem.count("-----BEGIN ") != 1:
        raise ValueError("not one PEM block of a key")
    return pem.encode("ascii")


def _refuse_weak(key: PublicKey) -> None:
    if isinstance(key, Ed25519PublicKey):
        return
    if not _MIN_RSA_BITS <= key.key_size <= _MAX_RSA_BITS:
        raise WeakKey(f"An RSA key has to have {_MIN_RSA_BITS} to {_MAX_RSA_BITS} bits, not {key.key_size}.")
    exponent = key.public_numbers().e
    if exponent < _USUAL_EXPONENT or exponent.bit_length() > _MAX_EXPONENT_BITS:
        raise WeakKey(f"The exponent of an RSA key has to be {_USUAL_EXPONENT} or a little larger.")
