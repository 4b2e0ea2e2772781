"""Markdown to HTML, and the marks in HTML to links: the part of `compose.py` that the libraries do.

It is loaded when the first text is composed: bleach and Markdown are a thirtieth of a start.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import partial
from typing import Any
from urllib.parse import quote

import markdown as python_markdown
from bleach.linkifier import LinkifyFilter
from bleach.sanitizer import Cleaner
from markdown.inlinepatterns import InlineProcessor

from activitypub.hashtags import hashtag_key
from activitypub.marks import Mark, MentionTarget, marks, without_port

SHOWN_OF_A_LINK = 30  # characters, as in Mastodon
_TAGS = frozenset({"p", "br", "a", "strong", "em", "code", "pre", "blockquote", "ul", "ol", "li"})
_DULL_BEGINNING = re.compile(r"https?://(?:www\.)?", re.IGNORECASE)
# What Markdown offers beyond the little that is promised: raw HTML, pictures, headings, references, rules, e-mail.
_NO_PREPROCESSORS = ("html_block",)
_NO_BLOCKS = ("hashheader", "setextheader", "hr", "code", "reference")
_NO_INLINES = (
    ("html", "entity", "image_link", "image_reference", "short_image_ref", "reference", "short_reference", "automail")
)  # fmt: skip
# Behind `code` (priority 190), before everything else: an address, a handle, a hashtag.
_VERBATIM = r"https?://[^\s<>()\[\]\"`\\]+|(?<![\w=/@.])@[\w.@-]+|(?<![\w&=/#])#\w+"

Token = dict[str, Any]


def linked(
    html: str, *, mentions: Mapping[str, MentionTarget], tag_url: Callable[[str], str], unusable: Collection[str]
) -> str:
    """Return HTML of ours in which every mark is a link; the arguments are those of `compose`."""
    linker = Cleaner(
        tags=_TAGS,
        attributes={"a": ["href"], "ol": ["start"]},
        filters=[partial(_Linker, mentions=mentions, tag_url=tag_url, unusable=unusable)],
    )
    return linker.clean(html)


def from_markdown(text: str) -> str:
    """Return the HTML of a text in the little Markdown that is promised. Raises RecursionError if it nests too deep."""
    converter = python_markdown.Markdown(extensions=["fenced_code", "sane_lists", "nl2br"])
    for registry, names in (
        (converter.preprocessors, _NO_PREPROCESSORS),
        (converter.parser.blockprocessors, _NO_BLOCKS),
        (converter.inlinePatterns, _NO_INLINES),
    ):
        for name in names:
            registry.deregister(name)
    converter.inlinePatterns.register(_Verbatim(_VERBATIM, converter), "verbatim", 185)
    return converter.convert(text)


class _Verbatim(InlineProcessor):
    """Keeps addresses, mentions and hashtags from being read as emphasis (@_anna_, #a_b_c)."""

    def handleMatch(self, m: re.Match[str], data: str) -> tuple[str, int, int]:  # type: ignore[override] # noqa: N802
        """Return the stretch as it is."""
        return m[0], m.start(0), m.end(0)


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
        for mark in marks(text):
            link = self._link(mark)
            if link:
                yield from _text(text[end : mark.start])
                yield from link[1]
                end = link[0]
        yield from _text(text[end:])

    def _link(self, mark: Mark) -> tuple[int, list[Token]] | None:
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

    def _mention(self, mark: Mark) -> tuple[int, list[Token]] | None:
        # "@anna@nord.example:8001" is a handle in a test network, and elsewhere one before a colon.
        for acct in (mark.value, without_port(mark.value)):
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
