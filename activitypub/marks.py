"""What in a text that a person types becomes a link: addresses, mentions and hashtags."""

import re
import unicodedata
from collections.abc import Iterator

from msgspec import Struct

from activitypub.hashtags import hashtag_key, hashtag_name
from activitypub.sanitize import safe_link
from webfinger.handle import InvalidHandle, parse_handle


class MentionTarget(Struct, frozen=True):
    """Where a mention leads: the profile page of the mentioned actor, and its handle without the first @."""

    url: str
    acct: str


def find_mentions(text: str, *, test_network: bool = False) -> list[str]:
    """Return the handles mentioned in a text, each once, in lower case: "anna", "anna@nord.example".

    Handles in addresses do not count. `test_network` lets domains have a port.
    """
    found: dict[str, None] = {}
    for mark in marks(text):
        if mark.kind == "mention":
            acct = mark.value if test_network else without_port(mark.value)
            if _is_handle(acct, test_network=test_network):
                found[acct] = None
    return list(found)


def find_hashtags(text: str) -> list[str]:
    """Return the hashtags in a text as written, without #, each once by its key (FEP-eb48)."""
    found = {hashtag_key(mark.value): mark.value for mark in reversed(list(marks(text))) if mark.kind == "hashtag"}
    return list(reversed(found.values()))


class Mark(Struct, frozen=True):
    """A stretch of text that becomes a link. `value`: the address, the folded handle, or the name of the hashtag."""

    start: int
    end: int
    kind: str
    value: str


_START = re.compile(r"https?://|@|[#\uff03]", re.IGNORECASE)
_ADDRESS = re.compile(r"https?://[^\s<>\"`\\]+", re.IGNORECASE)
_MENTION = re.compile(
    r"@([A-Za-z0-9_]+(?:[.-]+[A-Za-z0-9_]+)*)"  # who
    r"(@(?:[\w-]+\.)*[\w-]+(?::[0-9]{1,5})?)?"  # where
)
_PORT = re.compile(r":[0-9]{1,5}\Z")
# Before a mark of a handle or hashtag these make it part of something else: an address, an e-mail, an entity.
_INNER = frozenset("=/&#@)_")
_ENDS_NO_ADDRESS = frozenset(".,;:!?'*_~\u2026\u201c\u201d\u2018\u2019\u00bb\u00ab")


def marks(text: str) -> Iterator[Mark]:
    """Iterate over the addresses, mentions and hashtags in a text, from left to right. Takes linear time."""
    position = 0
    while start := _START.search(text, position):
        mark = _mark_at(text, start.start())
        if mark:
            yield mark
        position = mark.end if mark else start.end()


def _mark_at(text: str, start: int) -> Mark | None:
    first = text[start]
    if first not in "@#\uff03":
        return _address_at(text, start)
    if start > 0 and (text[start - 1].isalnum() or text[start - 1] in _INNER):
        return None
    return _mention_at(text, start) if first == "@" else _hashtag_at(text, start)


def _address_at(text: str, start: int) -> Mark | None:
    match = _ADDRESS.match(text, start)
    if match is None:
        return None
    end = _address_end(text, start, match.end())
    url = text[start:end]
    return Mark(start, end, "address", url) if safe_link(url) else None


def _address_end(text: str, start: int, end: int) -> int:
    """Return where an address ends, without the punctuation of the sentence and brackets opened before it."""
    unopened = text.count(")", start, end) - text.count("(", start, end)
    while end > start and (text[end - 1] in _ENDS_NO_ADDRESS or (text[end - 1] == ")" and unopened > 0)):
        unopened -= text[end - 1] == ")"
        end -= 1
    return end


def _mention_at(text: str, start: int) -> Mark | None:
    match = _MENTION.match(text, start)
    if match is None:
        return None
    return Mark(start, match.end(), "mention", match[0][1:].lower())


def _hashtag_at(text: str, start: int) -> Mark | None:
    end = start + 1
    while end < len(text) and _belongs_to_hashtag(text[end]):
        end += 1
    written = text[start + 1 : end]
    if hashtag_name(written) is None or not any(map(str.isalpha, written)):
        return None
    return Mark(start, end, "hashtag", written)


def _belongs_to_hashtag(character: str) -> bool:
    return character.isalnum() or character in "_\u00b7\u30fb\u200c" or unicodedata.category(character)[0] == "M"


def _is_handle(acct: str, *, test_network: bool) -> bool:
    try:
        parse_handle(acct, default_domain="localhost", test_network=test_network)
    except InvalidHandle:
        return False
    return True


def without_port(acct: str) -> str:
    """Return a handle without the port that its domain has in a test network."""
    return _PORT.sub("", acct)
