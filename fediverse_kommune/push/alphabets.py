"""Base64 in both alphabets: RFC 8291 says URL-safe, and half of the apps send the other, padded or not."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode

_LETTERS = re.compile(r"[A-Za-z0-9_-]*")
_URL_SAFE = str.maketrans("+/ ", "-_-")  # a form turns a plus that was not escaped into a blank


def encode(data: bytes, *, padded: bool = False) -> str:
    """Return bytes in URL-safe base64."""
    text = urlsafe_b64encode(data).decode()
    return text if padded else text.rstrip("=")


def decode(text: str) -> bytes:
    """Return what a text in either alphabet stands for. Raises ValueError for one in neither."""
    bare = text.strip("\r\n\t").translate(_URL_SAFE).rstrip("=")
    # Python itself passes over what is in no alphabet.
    if not _LETTERS.fullmatch(bare) or len(bare) % 4 == 1:
        raise ValueError("this is no base64")
    return urlsafe_b64decode(bare + "=" * (-len(bare) % 4))
