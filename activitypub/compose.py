"""What a person here writes, as HTML: paragraphs or a little Markdown, with links, mentions and hashtags.

The HTML has the shape that Mastodon gives it, because apps and servers look for that shape: `span.h-card` around
`a.u-url.mention`, `a.mention.hashtag`, and addresses whose dull parts are in `span.invisible`. Whatever comes out has
passed `sanitize` like everything else (row G04 of the threat catalogue: there is no second pipeline).

Source: https://docs.joinmastodon.org/spec/activitypub/#sanitization
"""

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import partial
from html import escape
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

import markdown as python_markdown
from bleach.linkifier import LinkifyFilter
from bleach.sanitizer import Cleaner
from markdown.inlinepatterns import InlineProcessor
from msgspec import Struct

from activitypub.hashtags import hashtag_key, hashtag_name
from activitypub.sanitize import SafeHTML, safe_link, sanitize
from webfinger.handle import InvalidHandle, parse_handle

SHOWN_OF_A_LINK = 30  # characters, as in Mastodon
MOST_BRACKETS = 500  # Markdown needs quadratic time for them: so many cost at most some 20 ms


class MentionTarget(Struct, frozen=True):
    """Where a mention leads: the profile page of the mentioned actor, and its handle without the first @."""

    url: str
    acct: str


NOBODY: Mapping[str, MentionTarget] = MappingProxyType({})


def compose(
    text: str,
    *,
    tag_url: Callable[[str], str],
    mentions: Mapping[str, MentionTarget] = NOBODY,
    markdown: bool = False,
    unusable: Collection[str] = (),
) -> SafeHTML:
    """Return what a person here wrote as HTML.

    `mentions` maps what `find_mentions` returned to the actors found; whoever is not in it stays plain text. `tag_url`
    gets a hashtag's key, ready for a URL; keys in `unusable` stay plain text. `markdown` allows emphasis, lists,
    quotes, code and named links; HTML stays visible as it was typed in either case.
    """
    html = _from_markdown(text) if markdown and text.count("[") <= MOST_BRACKETS else _from_text(text)
    linker = Cleaner(
        tags=_TAGS,
        attributes={"a": ["href"], "ol": ["start"]},
        filters=[partial(_Linker, mentions=mentions, tag_url=tag_url, unusable=unusable)],
    )
    return sanitize(linker.clean(html))


def find_mentions(text: str, *, test_network: bool = False) -> list[str]:
    """Return the handles mentioned in a text, each once, in lower case: "anna", "anna@nord.example".

    Handles in addresses do not count. `test_network` lets domains have a port.
    """
    found: dict[str, None] = {}
    for mark in _marks(text):
        if mark.kind == "mention":
            acct = mark.value if test_network else _without_port(mark.value)
            if _is_handle(acct, test_network=test_network):
                found[acct] = None
    return list(found)


def find_hashtags(text: str) -> list[str]:
    """Return the hashtags in a text as written, without #, each once by its key (FEP-eb48)."""
    found = {hashtag_key(mark.value): mark.value for mark in reversed(list(_marks(text))) if mark.kind == "hashtag"}
    return list(reversed(found.values()))


# ------------------------------------------------------------------------------------------------- marks in a text


class _Mark(Struct, frozen=True):
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
_DULL_BEGINNING = re.compile(r"https?://(?:www\.)?", re.IGNORECASE)
_ENDS_NO_ADDRESS = frozenset(".,;:!?'*_~\u2026\u201c\u201d\u2018\u2019\u00bb\u00ab")


def _marks(text: str) -> Iterator[_Mark]:
    """Iterate over the addresses, mentions and hashtags in a text, from left to right. Takes linear time."""
    position = 0
    while start := _START.search(text, position):
        mark = _mark_at(text, start.start())
        if mark:
            yield mark
        position = mark.end if mark else start.end()


def _mark_at(text: str, start: int) -> _Mark | None:
    first = text[start]
    if first not in "@#\uff03":
        return _address_at(text, start)
    if start > 0 and (text[start - 1].isalnum() or text[start - 1] in _INNER):
        return None
    return _mention_at(text, start) if first == "@" else _hashtag_at(text, start)


def _address_at(text: str, start: int) -> _Mark | None:
    match = _ADDRESS.match(text, start)
    if match is None:
        return None
    end = _address_end(text, start, match.end())
    url = text[start:end]
    return _Mark(start, end, "address", url) if safe_link(url) else None


def _address_end(text: str, start: int, end: int) -> int:
    """Return where an address ends, without the punctuation of the sentence and brackets opened before it."""
    unopened = text.count(")", start, end) - text.count("(", start, end)
    while end > start and (text[end - 1] in _ENDS_NO_ADDRESS or (text[end - 1] == ")" and unopened > 0)):
        unopened -= text[end - 1] == ")"
        end -= 1
    return end


def _mention_at(text: str, start: int) -> _Mark | None:
    match = _MENTION.match(text, start)
    if match is None:
        return None
    return _Mark(start, match.end(), "mention", match[0][1:].lower())


def _hashtag_at(text: str, start: int) -> _Mark | None:
    end = start + 1
    while end < len(text) and _belongs_to_hashtag(text[end]):
        end += 1
    written = text[start + 1 : end]
    if hashtag_name(written) is None or not any(map(str.isalpha, written)):
        return None
    return _Mark(start, end, "hashtag", written)


def _belongs_to_hashtag(character: str) -> bool:
    return character.isalnum() or character in "_\u00b7\u30fb\u200c" or unicodedata.category(character)[0] == "M"


def _is_handle(acct: str, *, test_network: bool) -> bool:
    try:
        parse_handle(acct, default_domain="localhost", test_network=test_network)
    except InvalidHandle:
        return False
    return True


def _without_port(acct: str) -> str:
    return _PORT.sub("", acct)


# ------------------------------------------------------------------------------------------------------ marks → links

Token = dict[str, Any]


class _Linker(LinkifyFilter):
    """Turns the marks in the text of parsed HTML into links, but not inside links and code."""

    def __init__(
        self,
        source: Any,
        *,
        mentions: Mapping[str, MentionTarget],
        tag_url: Callable[[str], str],
        unusable: Collection[str],
    ) -> None:
        super().__init__(source, callbacks=[], skip_tags={"pre", "code"})
        self._mentions = mentions
        self._tag_url = tag_url
        self._unusable = unusable

    def handle_links(self, src_iter: Iterable[Token]) -> Iterator[Token]:
        """Replace bleach's own search for links."""
        for token in src_iter:
            if token["type"] == "Characters":
                yield from self._linked(token["data"])
            else:
                yield token

    def _linked(self, text: str) -> Iterator[Token]:
        end = 0
        for mark in _marks(text):
            link = self._link(mark)
            if link:
                yield from _text(text[end : mark.start])
                yield from link[1]
                end = link[0]
        yield from _text(text[end:])

    def _link(self, mark: _Mark) -> tuple[int, list[Token]] | None:
        """Return where the link ends in the text, and the link; None if the mark stays text."""
        match mark.kind:
            case "address":
                return mark.end, _address_link(mark.value)
            case "hashtag":
                key = hashtag_key(mark.value)
                if key in self._unusable:
                    return None
                return mark.end, _hashtag_link(mark.value, self._tag_url(quote(key)))
            case _:
                return self._mention(mark)

    def _mention(self, mark: _Mark) -> tuple[int, list[Token]] | None:
        # "@anna@nord.example:8001" is a handle in a test network, and elsewhere one before a colon.
        for acct in (mark.value, _without_port(mark.value)):
            target = self._mentions.get(acct)
            if target:
                return mark.end - len(mark.value) + len(acct), _mention_link(target)
        return None


def _address_link(url: str) -> list[Token]:
    dull = _DULL_BEGINNING.match(url)
    begin = dull.end() if dull else 0
    end = begin + SHOWN_OF_A_LINK
    hidden = _element("span", {"class": "invisible"}, *_text(url[end:])) if url[end:] else []
    return _element(
        "a",
        # bleach leaves "&copy;" in an attribute as it is, where it means a sign and not these six characters.
        {"href": url.replace(";", "%3B") if "&" in url else url, "translate": "no"},
        *_element("span", {"class": "invisible"}, *_text(url[:begin])),
        *_element("span", {"class": "ellipsis"} if hidden else {}, *_text(url[begin:end])),
        *hidden,
    )


def _mention_link(target: MentionTarget) -> list[Token]:
    name = _element("span", {}, *_text(target.acct.partition("@")[0]))
    link = _element("a", {"href": target.url, "class": "u-url mention"}, *_text("@"), *name)
    return _element("span", {"class": "h-card", "translate": "no"}, *link)


def _hashtag_link(name: str, url: str) -> list[Token]:
    return _element("a", {"href": url, "class": "mention hashtag"}, *_text("#"), *_element("span", {}, *_text(name)))


def _element(name: str, attributes: Mapping[str, str], *content: Token) -> list[Token]:
    data = {(None, key): value for key, value in attributes.items()}
    return [{"type": "StartTag", "name": name, "data": data}, *content, {"type": "EndTag", "name": name, "data": {}}]


def _text(text: str) -> list[Token]:
    """Return the tokens of a text. Its ampersands go as entities, or bleach would take "&lt;" in it for one."""
    tokens: list[Token] = []
    for index, part in enumerate(text.split("&")):
        if index:
            tokens.append({"type": "Entity", "name": "amp"})
        if part:
            tokens.append({"type": "Characters", "data": part})
    return tokens


# -------------------------------------------------------------------------------------------------------- text → HTML

_TAGS = frozenset({"p", "br", "a", "strong", "em", "code", "pre", "blockquote", "ul", "ol", "li"})
_BLANK_LINE = re.compile(r"\n[ \t]*\n")
# What Markdown offers beyond the little that is promised: raw HTML, pictures, headings, references, rules, e-mail.
_NO_PREPROCESSORS = ("html_block",)
_NO_BLOCKS = ("hashheader", "setextheader", "hr", "code", "reference")
_NO_INLINES = (
    ("html", "entity", "image_link", "image_reference", "short_image_ref", "reference", "short_reference", "automail")
)  # fmt: skip


class _Verbatim(InlineProcessor):
    """Keeps addresses, mentions and hashtags from being read as emphasis (@_anna_, #a_b_c)."""

    def handleMatch(self, m: re.Match[str], data: str) -> tuple[str, int, int]:  # type: ignore[override] # noqa: N802
        """Return the stretch as it is."""
        return m[0], m.start(0), m.end(0)


def _from_text(text: str) -> str:
    """Return paragraphs, divided by blank lines, with line breaks."""
    paragraphs = (part.strip("\n") for part in _BLANK_LINE.split(text.replace("\r\n", "\n").strip()))
    return "".join(f"<p>{escape(part, quote=False).replace(chr(10), '<br>')}</p>" for part in paragraphs if part)


def _from_markdown(text: str) -> str:
    converter = python_markdown.Markdown(extensions=["fenced_code", "sane_lists", "nl2br"])
    for registry, names in (
        (converter.preprocessors, _NO_PREPROCESSORS),
        (converter.parser.blockprocessors, _NO_BLOCKS),
        (converter.inlinePatterns, _NO_INLINES),
    ):
        for name in names:
            registry.deregister(name)
    converter.inlinePatterns.register(_Verbatim(_VERBATIM, converter), "verbatim", 185)
    try:
        return converter.convert(text)
    except RecursionError:  # brackets or quotes nested by the thousand are no Markdown that anyone meant
        return _from_text(text)


# Behind `code` (priority 190), before everything else: an address, a handle, a hashtag.
_VERBATIM = r"https?://[^\s<>()\[\]\"`\\]+|(?<![\w=/@.])@[\w.@-]+|(?<![\w&=/#])#\w+"
