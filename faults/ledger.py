"""A ledger: lines of JSON in a file that is none of the server's, each on disk when `note` returns."""

import json
import os
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

Entry = dict[str, Any]


class Ledger:
    """Appends to the file at `path`, which other processes may read meanwhile."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("ab", buffering=0)

    def note(self, entry: Mapping[str, Any]) -> None:
        """Write an entry down; it is on disk when this returns."""
        self._file.write(json.dumps({"at": time.time(), **entry}).encode() + b"\n")
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def read_ledger(path: Path) -> Iterator[Entry]:
    """Yield the entries in the order in which they were noted."""
    with path.open("rb") as file:
        yield from map(json.loads, file)
