"""Who we are, to push services (RFC 8292): one key for the whole instance, made at its first start."""

from collections.abc import Mapping
from datetime import timedelta
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from py_vapid import Vapid01, Vapid02
from sqlalchemy import select

from activitypub.context import Clock
from activitypub.unit import Unit, UnitsOfWork
from fediverse_kommune.inserts import insert_new_row
from fediverse_kommune.models import ServerKey
from fediverse_kommune.push.alphabets import encode

NAME = "vapid"
LIFETIME = timedelta(hours=12)  # of what we say; RFC 8292 section 2 allows a day

# A test fediverse has addresses that py_vapid would not take; what is checked there is ours, not a client's.
_CONFIG = {"no-strict": True}


class Vapid:
    """Signs for the instance, once `load` has been awaited. `contact` is a mail address, or the address of a page."""

    def __init__(self, clock: Clock, contact: str) -> None:
        self._clock = clock
        self._contact = contact
        self._key: ec.EllipticCurvePrivateKey | None = None

    async def load(self, db: UnitsOfWork) -> None:
        """Read the key of the instance, making it at the very first start."""
        self._key = private_key(await db.write(ensure_key))

    @property
    def public_key(self) -> str:
        """The public half as apps expect it: the uncompressed point in URL-safe base64, padded as Mastodon pads it."""
        point = (
            self._loaded()
            .public_key()
            .public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
        )
        return encode(point, padded=True)

    def headers(self, url: str, *, crypto_key: str | None = None) -> Mapping[str, str]:
        """Return the headers that introduce us to the push service at `url`.

        With `crypto_key`, the header of that name of a message in the old encoding, by the draft of that time.
        """
        parts = urlsplit(url)
        claims = {
            "aud": f"{parts.scheme}://{parts.netloc}",
            "exp": int((self._clock() + LIFETIME).timestamp()),
            "sub": self._contact,
        }
        speaker = Vapid01 if crypto_key else Vapid02
        headers: Mapping[str, str] = speaker(self._loaded(), conf=_CONFIG).sign(claims, crypto_key)
        return headers

    def _loaded(self) -> ec.EllipticCurvePrivateKey:
        if self._key is None:
            raise RuntimeError("the key for push services is not loaded yet: await load() at start")
        return self._key


def ensure_key(unit: Unit) -> str:
    """Return the private key in PEM; the first process of an instance makes it."""
    query = select(ServerKey.private_pem).where(ServerKey.name == NAME)
    pem = unit.scalar(query)
    if pem is None:
        made = ec.generate_private_key(ec.SECP256R1()).private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        insert_new_row(unit, ServerKey, name=NAME, private_pem=made.decode(), created_at=unit.now)
        pem = unit.scalar(query)
    if pem is None:
        raise RuntimeError("the key for push services could not be stored")
    return pem


def private_key(pem: str) -> ec.EllipticCurvePrivateKey:
    """Read a key. Raises `TypeError` if it is none on an elliptic curve."""
    key = serialization.load_pem_private_key(pem.encode(), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError("the key for push services is of another kind")
    return key
