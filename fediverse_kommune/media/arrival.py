"""A file while it arrives: written to the disk piece by piece, judged by its first bytes, and cut when it is too long.

So a film needs no memory, and a picture of 90 MB is refused after its 16th, not after the last (row E14).
"""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from werkzeug.exceptions import RequestEntityTooLarge

from fediverse_kommune.media.kinds import HEAD_BYTES, Kind, Medium, kind_of


class Arriving:
    """A file that somebody is sending: what Quart's form parser writes into and what handlers then read."""

    def __init__(self, folder: Path, limits: "Limits") -> None:
        self._file = tempfile.NamedTemporaryFile(dir=folder, prefix="sent-")  # noqa: SIM115 (closed by whoever reads it)
        self._limits = limits
        self._head = b""
        self._size = 0

    @property
    def path(self) -> Path:
        """Where it lies until it is closed."""
        return Path(self._file.name)

    @property
    def kind(self) -> Kind | None:
        """What it is; None for what is not taken."""
        return kind_of(self._head)

    def write(self, data: bytes) -> int:
        """Add a piece. Raises `RequestEntityTooLarge` once it is longer than its kind may be."""
        self._size += len(data)
        if len(self._head) < HEAD_BYTES:
            self._head += data[: HEAD_BYTES - len(self._head)]
        if self._size > self._limits.of(self.kind):
            self._file.close()
            raise RequestEntityTooLarge
        return self._file.write(data)

    def seek(self, offset: int, whence: int = 0) -> int:
        """Move in the file. The parser goes back to the start when all has arrived: then it can be read by its path."""
        self._file.flush()
        return self._file.seek(offset, whence)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


class Limits:
    """How many bytes a file may have."""

    def __init__(self, picture_bytes: int, film_bytes: int) -> None:
        self.picture_bytes = picture_bytes
        self.film_bytes = film_bytes

    def of(self, kind: Kind | None) -> int:
        """Return the limit of a kind; what is no sound and no film has that of pictures."""
        return self.picture_bytes if kind is None or kind.medium is Medium.PICTURE else self.film_bytes


def stream_factory(folder: Callable[[], Path], limits: Limits) -> Callable[..., Arriving]:
    """Return what the form parser calls for each file of a form."""

    def make(*_what_the_client_says: object) -> Arriving:
        return Arriving(folder(), limits)

    return make
