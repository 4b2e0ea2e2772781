"""Where files are kept: under names made from their content and from chance, so nobody can guess or choose one.

Storage is a small interface; this is the folder of one server.
"""

import hashlib
import os
import re
import secrets
import shutil
from datetime import datetime
from pathlib import Path
from typing import Protocol

# The only kinds of file there are, and as what each is served, whatever anybody called it.
TYPES = {
    "jpg": "image/jpeg",
    "png": "image/png",
    "gif": "image/gif",
    "webp": "image/webp",
    "mp4": "video/mp4",
    "mp3": "audio/mpeg",
}

_ARRIVAL = re.compile(r"arrival-[0-9a-f]{32}")
_KEY = re.compile(rf"[0-9a-f]{{64}}\.(?:{'|'.join(TYPES)})")


class MediaStore(Protocol):
    """Keeps files under keys. All of it blocks: call it in a thread."""

    def keep(self, source: Path, extension: str) -> str:
        """Take a finished file over from where it was made, and return its key."""
        ...

    def find(self, key: str) -> Path | None:
        """Return the file with this key; None for anything that is none."""
        ...

    def remove(self, key: str) -> None:
        """Remove a file, or one that waits; one that is gone already stays so."""
        ...


class LocalFolder:
    """A folder of this machine. What is being worked on lies in `incoming`, on the same file system."""

    def __init__(self, root: Path) -> None:
        self._root = root.absolute()  # children work elsewhere

    def incoming(self) -> Path:
        """Return the folder for files that are being worked on, made if it is missing."""
        folder = self._root / "incoming"
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def receive(self, source: Path) -> str:
        """Keep what arrived until somebody has the time to draw it anew; return the name under which it waits."""
        name = f"arrival-{secrets.token_hex(16)}"
        os.link(source, self.incoming() / name)
        return name

    def waiting(self, name: str) -> Path:
        """Return the file that waits under this name. Raises `ValueError` for what cannot be a name of `receive`."""
        if not _ARRIVAL.fullmatch(name):
            raise ValueError(name)
        return self._root / "incoming" / name

    def left_since(self, moment: datetime) -> list[str]:
        """Return what lies in the folder of arrivals since before this moment: names of `receive` and remains."""
        return [path.name for path in self.incoming().iterdir() if path.stat().st_mtime < moment.timestamp()]

    def clear(self, name: str) -> None:
        """Remove something that `left_since` named, with all that is in it."""
        path = self._root / "incoming" / Path(name).name
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)

    def keep(self, source: Path, extension: str) -> str:
        """See `MediaStore.keep`. The name is SHA-256 of 256 random bits and the content: unguessable (row F09)."""
        with source.open("rb") as file:
            name = hashlib.file_digest(file, lambda: hashlib.sha256(secrets.token_bytes(32))).hexdigest()
        key = f"{name}.{extension}"
        target = self._path(key)
        target.parent.mkdir(parents=True, exist_ok=True)
        source.rename(target)
        return key

    def find(self, key: str) -> Path | None:
        """See `MediaStore.find`."""
        if not _KEY.fullmatch(key):
            return None
        path = self._path(key)
        return path if path.is_file() else None

    def remove(self, key: str) -> None:
        """See `MediaStore.remove`."""
        if _KEY.fullmatch(key):
            self._path(key).unlink(missing_ok=True)
        elif _ARRIVAL.fullmatch(key):
            self.waiting(key).unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        # Folders by the first two characters, because some file systems are slow with a million files in one.
        return self._root / key[:2] / key


def media_type(key: str) -> str:
    """Return as what the file with this key is served."""
    return TYPES[key.rpartition(".")[2]]
