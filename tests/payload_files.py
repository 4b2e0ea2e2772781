"""The documents under tests/payloads, as fifteen programs send them, and what each amounts to (expectations.toml)."""

import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "payloads"

# Documents that are read and not sent: collections, a thread that is opened, and what stands in them.
SHOWN = frozenset({"outbox", "featured", "thread", "served"})
# What has an effect only where something is different: a Follow of the relay.
ELSEWHERE = frozenset({"relay"})


@dataclass(frozen=True)
class Payload:
    """One file: its name ("mastodon/like.json"), its document, and its table in expectations.toml."""

    name: str
    document: dict[str, Any]
    expected: Mapping[str, Any]

    @property
    def effect(self) -> str:
        return str(self.expected["effect"])


def payload(name: str) -> dict[str, Any]:
    """Return a fresh copy of one document."""
    document: dict[str, Any] = json.loads((FOLDER / name).read_text(encoding="utf-8"))
    return document


def signed_gets() -> dict[str, dict[str, Any]]:
    """Return how each program signs a GET."""
    return tomllib.loads((FOLDER / "signed_gets.toml").read_text(encoding="utf-8"))


def payloads() -> Iterator[Payload]:
    """Iterate over all documents, in the order of their names."""
    table = tomllib.loads((FOLDER / "expectations.toml").read_text(encoding="utf-8"))
    for name, expected in sorted(table.items()):
        yield Payload(name, payload(name), expected)
