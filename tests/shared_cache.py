"""A cache between readers and a town that keeps as much as RFC 9111 allows, and for as long as it allows.

What it gives to the wrong reader, the town has not marked well. Tests let no time pass, so what is fresh stays fresh.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.client import Client, Reply

# Statuses that may be kept although nobody says so (RFC 9110 section 15.1), for as long as a cache thinks best.
KEPT_UNASKED = frozenset({200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501})


@dataclass(frozen=True, slots=True)
class _Stored:
    chosen_by: Mapping[str, str | None]
    reply: Reply


@dataclass(slots=True)
class SharedCache:
    """Keeps answers by address, and by the request headers that their `Vary` names."""

    hits: int = 0
    _stored: dict[str, list[_Stored]] = field(default_factory=dict)

    async def get(self, reader: Client, path: str, headers: Mapping[str, str] | None = None) -> Reply:
        """Answer a reader's GET: from what is kept if that is allowed, else by asking the town."""
        sent = {name.lower(): value for name, value in (headers or {}).items()}
        if reader.token:
            sent.setdefault("authorization", f"Bearer {reader.token}")
        for stored in self._stored.get(path, ()):
            if all(sent.get(name) == value for name, value in stored.chosen_by.items()):
                self.hits += 1
                return stored.reply
        reply = await reader.ask("GET", path, headers=sent)
        vary = {name.strip().lower() for name in reply.headers.get("Vary", "").split(",")} - {""}
        if _may_keep(reply, authorized="authorization" in sent) and "*" not in vary:
            self._stored.setdefault(path, []).append(_Stored({name: sent.get(name) for name in vary}, reply))
        return reply


def _may_keep(reply: Reply, *, authorized: bool) -> bool:
    """RFC 9111 sections 3, 3.5 and 4.2: whether a shared cache may store it and give it again without asking."""
    words = dict(_directives(reply.headers.get("Cache-Control", "")))
    if not {"no-store", "private", "no-cache"}.isdisjoint(words):
        return False
    if authorized and {"public", "s-maxage", "must-revalidate"}.isdisjoint(words):
        return False
    for name in ("s-maxage", "max-age"):
        if name in words:
            return int(words[name]) > 0
    return "Expires" in reply.headers or "public" in words or reply.status in KEPT_UNASKED


def _directives(text: str) -> list[tuple[str, str]]:
    parts = (part.strip().partition("=") for part in text.lower().split(",") if part.strip())
    return [(name, value.strip('"')) for name, _, value in parts]
