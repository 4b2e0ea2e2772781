"""The tags of a page, as it came from elsewhere.

A scanner of our own, because a page is as long and as broken as its author likes: it looks at a bounded number of tags
of bounded length, each character a bounded number of times.
"""

import re
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import suppress
from html import unescape

from msgspec import Struct
from werkzeug.http import parse_options_header

TAG_CHARACTERS = 8_192
REST_CHARACTERS = 600
UNREAD = frozenset({"script", "style", "svg"})

_NAME = re.compile(r"/?[A-Za-z][A-Za-z0-9]{0,15}(?=[\s/>])")
_ATTRIBUTE = re.compile(r"""(?<![A-Za-z:_-])([A-Za-z:_-]{1,40})\s{0,9}=\s{0,9}(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
_CHARSET = re.compile(rb"""<meta[^>]{0,200}charset\s{0,9}=\s{0,9}["']?([A-Za-z0-9_.:-]{1,40})""", re.IGNORECASE)


class Tag(Struct, frozen=True):
    """A tag: its name, what stands in it as it was written, and what follows, cut off after a while."""

    name: str
    text: str
    rest: str

    def attributes(self) -> Mapping[str, str]:
        """Return the attributes by name; of two with one name the first counts, as in browsers."""
        found: dict[str, str] = {}
        for key, one, two, three in _ATTRIBUTE.findall(self.text):
            found.setdefault(key.lower(), unescape(one or two or three))
        return found


def decoded(body: bytes, content_type: str | None) -> str:
    """Return a page as text, in the encoding that it or its answer names."""
    return body.decode(_charset(body, content_type), errors="replace")


def tags_of(html: str, wanted: AbstractSet[str], most: int, without: AbstractSet[str] = UNREAD) -> Iterator[Tag]:
    """Yield the tags with these names among the first so many. Inside of `without` nothing is a tag."""
    position = 0
    for _ in range(most):
        position = html.find("<", position)
        if position < 0:
            return
        if html.startswith("<!--", position):
            position = _after(html, "-->", position)
            continue
        match = _NAME.match(html, position + 1, position + 20)
        end = _end_of_tag(html, position)
        if match is None or end < 0:
            position += 1
            continue
        name = match[0].lower()
        if name in wanted:
            yield Tag(name, html[match.end() : end], html[end + 1 : end + 1 + REST_CHARACTERS])
        position = _after(html, f"</{name}", end) if name in without else end + 1


def _end_of_tag(html: str, begin: int) -> int:
    """Return where a tag ends; a ">" in quotes does not end it. -1 if it has no end within reach."""
    reach, position, quote = begin + TAG_CHARACTERS, begin, ""
    while True:
        end = html.find(">", position, reach)
        if end < 0:
            return -1
        for mark in html[position:end]:
            if mark == quote:
                quote = ""
            elif mark in "\"'" and not quote:
                quote = mark
        if not quote:
            return end
        position = end + 1


def _after(html: str, mark: str, position: int) -> int:
    """Return where to go on behind the next `mark`; at the very end if it does not come."""
    found = html.find(mark, position)
    return found + len(mark) if found >= 0 else len(html)


def _charset(body: bytes, content_type: str | None) -> str:
    declared = parse_options_header(content_type)[1].get("charset")
    if not declared and (match := _CHARSET.search(body[:2_048])):
        declared = match[1].decode("ascii")
    with suppress(LookupError, UnicodeError, ValueError):
        b"-".decode(declared or "utf-8")  # raises for what is no charset, or none for text; b"" would not
        return declared or "utf-8"
    return "utf-8"
