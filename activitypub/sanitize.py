"""The one sanitiser: whatever HTML, name or link comes from a stranger passes here before it is stored or shown.

`sanitize` gives `SafeHTML`, the only HTML that templates print unescaped. What it lets through is what Mastodon
lets through, because that is what the fediverse writes: text, lists, quotes, code, and links marked as mentions and
hashtags. Its output is a fixed point: read again by any HTML5 parser and cleaned again it stays as it is, so no second
parser can find in it what the first did not (row G02 of the threat catalogue).

The parser and the allow-list are nh3's (html5ever and ammonia). Ours is what depends on the fediverse: links that say
where they lead (row G09), and names that cannot pose as something else (row L06).
"""

import re
import unicodedata
from collections.abc import Callable
from html import escape, unescape
from html.parser import HTMLParser
from typing import Self

import nh3

from activitypub.caps import CAPS
from activitypub.uris import InvalidUri, host_of, validated_url
from webfinger.host import InvalidHost, canonical_host, display_host

MAX_CHARACTERS = 100_000
# html5ever takes quadratic time on nested tags and on entities: so many cost at most some 50 ms.
MAX_TAGS = 1_200
MAX_ENTITIES = 6_000


class SafeHTML(str):
    """HTML that has passed `sanitize`. Jinja prints it as it is; adding to it or slicing it gives a plain `str` again.

    It cannot be made by calling it: `sanitize` makes it, and `SafeHTML.stored` says that a text was made so before.
    """

    __slots__ = ()

    def __new__(cls, *args: object) -> Self:
        """Refuse."""
        raise TypeError("SafeHTML is made by activitypub.sanitize.sanitize, or SafeHTML.stored for our own output")

    @classmethod
    def stored(cls, text: str) -> Self:
        """Trust `text`, which must be our own earlier output as it comes back from the database, or ""."""
        return str.__new__(cls, text)

    def __html__(self) -> str:
        """Tell Jinja that there is nothing to escape."""
        return str(self)

    def __reduce__(self) -> tuple[Callable[[str], "SafeHTML"], tuple[str]]:
        return SafeHTML.stored, (str(self),)


# ------------------------------------------------------------------------------------------------------------- HTML


def sanitize(html: str, *, limit: int = MAX_CHARACTERS) -> SafeHTML:
    """Return what is harmless in `html`, of which some `limit` characters and 1,200 tags are read.

    Headings become bold paragraphs, as the page around a post has its own; links open elsewhere and give away no
    referrer. A link that shows another address than it leads to gets its real host behind it. HTML so broken that it
    would grow beyond these limits is reduced to its text.
    """
    cleaned = _with_honest_links(_clean(_cut(html, limit)))
    # Removing an element can put others where a parser would not leave them, so clean until nothing changes.
    for _ in range(3):
        if _cut(cleaned, MAX_CHARACTERS) != cleaned:
            break
        again = _clean(cleaned)
        if again == cleaned:
            return SafeHTML.stored(cleaned)
        cleaned = _with_honest_links(again)
    return _paragraphs(_text_of(cleaned))


def plain_text(html: str, *, limit: int = MAX_CHARACTERS) -> str:
    """Return the text of `html` for titles, warnings and search: one line per paragraph, entities resolved."""
    if "<" not in html and "&" not in html:
        return " ".join(_SPACES.split(_UNPRINTABLE.sub("", html[:limit]))).strip()
    return _text_of(html if isinstance(html, SafeHTML) else sanitize(html, limit=limit))


def safe_link(url: str) -> str | None:
    """Return an http(s) URL that people may follow or that we may show a picture from; None for all else (row G05).

    What browsers repair is repaired: blanks around it, and characters inside that should have been escaped.
    """
    try:
        return validated_url(url.strip(" \t\r\n").translate(_UNESCAPED), allow_http=True)
    except InvalidUri:
        return None


def _clean(html: str) -> str:
    """Return `html` cleaned once, as the serialiser writes it: `<`, `>` and `&` stand in it only as markup."""
    cleaned = _UNPRINTABLE.sub("", _CLEANER.clean(html))
    if "<h" in cleaned:
        for heading, bold in _HEADINGS:
            cleaned = cleaned.replace(heading, bold)
    return cleaned


def _cut(html: str, limit: int) -> str:
    """Return the beginning of HTML that is too long or has too many tags.

    The limits bend by half: what is sanitised is longer than what it was made of, and must pass a second time uncut.
    """
    if len(html) > limit * 3 // 2:
        html = html[:limit]
    for mark, most in (("<", MAX_TAGS), ("&", MAX_ENTITIES)):
        if html.count(mark) > most * 3 // 2:
            html = mark.join(html.split(mark, most + 1)[: most + 1])
    return html


def _kept_attribute(tag: str, name: str, value: str) -> str | None:
    """Judge an attribute that the allow-list lets through: return its value as it is kept, or None."""
    match name:
        case "href":
            return value if _MAILTO.fullmatch(value) else safe_link(value)
        case "lang":
            return value if _LANGUAGE.fullmatch(value) else None
        case "start" | "value":
            return value if _SMALL_NUMBER.fullmatch(value) else None
        case _:
            return value


_UNESCAPED = str.maketrans({" ": "%20", '"': "%22", "<": "%3C", ">": "%3E", "`": "%60"})
_MAILTO = re.compile(r"mailto:[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,253}")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,4}")
_SMALL_NUMBER = re.compile(r"-?[0-9]{1,6}")
# What XML cannot hold (feeds), and the marks that turn the direction of all text behind them. Isolates may stay.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\ufffe\uffff]")
_HEADINGS = tuple(
    pair for level in "123456" for pair in ((f"<h{level}>", "<p><strong>"), (f"</h{level}>", "</strong></p>"))
)
_TEXT_TAGS = {"p", "br", "span", "a", "del", "s", "pre", "code", "em", "strong", "b", "i", "u", "blockquote"}
_LIST_TAGS = {"ul", "ol", "li"}
_RUBY_TAGS = {"ruby", "rt", "rp"}
_HEADING_TAGS = {f"h{level}" for level in "123456"}

_CLEANER = nh3.Cleaner(
    tags=_TEXT_TAGS | _LIST_TAGS | _RUBY_TAGS | _HEADING_TAGS,
    # Elements whose content is no text for people, or text only where the element itself is understood.
    clean_content_tags={"script", "style", "svg", "math", "template", "title", "textarea", "select"}
    | {"noscript", "noembed", "noframes", "iframe", "object", "audio", "video", "canvas", "xmp"},
    # Without the empty set for every element, nh3 would let `title` through.
    attributes={
        "*": set(),
        "a": {"href", "lang"},
        "p": {"lang"},
        "span": {"lang"},
        "ol": {"start"},
        "li": {"value"},
    },
    attribute_filter=_kept_attribute,
    tag_attribute_values={"ol": {"reversed": {""}}, "a": {"translate": {"no"}}, "span": {"translate": {"no"}}},
    set_tag_attribute_values={"a": {"target": "_blank"}},
    link_rel="nofollow noopener noreferrer",
    # The classes by which the fediverse marks mentions, hashtags, shortened links and the text form of a quote.
    allowed_classes={
        "a": {"mention", "hashtag", "u-url"},
        "span": {"h-card", "mention", "invisible", "ellipsis", "quote-inline"},
        "p": {"quote-inline"},
    },
    url_schemes={"http", "https", "mailto"},
    url_relative="deny",
    strip_comments=True,
)


# ------------------------------------------------------------------------------------------------------------ links


def _with_honest_links(html: str) -> str:
    """Return cleaned HTML in which no link hides where it leads (row G09), and no class is empty."""
    if "<a " not in html and "class=" not in html:
        return html
    pieces = _TAG.split(html)  # text, tag, text, tag, …, text
    opened: int | None = None
    for index in range(1, len(pieces), 2):
        tag = pieces[index] = pieces[index].replace(' class=""', "")
        if tag.startswith("<a "):
            opened = index
        elif tag == "</a>" and opened is not None:
            _make_honest(pieces, opened, index)
            opened = None
        elif opened is None and _HIDING.search(tag):
            pieces[index] = "<span>"
    return "".join(pieces)


def _make_honest(pieces: list[str], opened: int, closed: int) -> None:
    """Judge the link between these two tags, and mend it in place."""
    href = _HREF.search(pieces[opened])
    target = unescape(href[1]) if href else ""
    text = unescape("".join(pieces[opened + 1 : closed : 2])).strip()
    if not target or safe_link(text) != target:
        # Only the parts of the very address may be hidden: the browser shows the rest of it in its own place.
        for index in range(opened + 2, closed, 2):
            if _HIDING.search(pieces[index]):
                pieces[index] = "<span>"
    label = _misnamed_host(text, target)
    if label:
        pieces[closed] = f" [{label}]</a>"


def _misnamed_host(text: str, target: str) -> str | None:
    """Return the host that a link leads to if its text looks like the address of another one."""
    if not target.startswith("http"):
        return None
    claimed = _claimed_host(text)
    if claimed is None:
        return None
    actual = host_of(target)
    shown = display_host(actual)
    looks_like_another = "xn--" in shown and not text.isascii()
    if text.endswith(f"[{shown}]") or (_belongs_to(actual, claimed) and not looks_like_another):
        return None
    return shown


def _belongs_to(actual: str, claimed: str) -> bool:
    """Return True if a host is the claimed one or below it, "www." left aside."""
    named = claimed.removeprefix("www.")
    return actual == claimed or ("." in named and f".{actual}".endswith(f".{named}"))


def _claimed_host(text: str) -> str | None:
    """Return the host that a text seems to name; "-" if it looks like an address but names no host at all."""
    address = _ADDRESS.search(text[:2048])
    try:
        if address:
            return canonical_host(address[1], test_network=True)
        return canonical_host(text[:256].partition("/")[0]) if "." in text else None
    except InvalidHost:
        return "-" if address else None


_TAG = re.compile(r"(<[^<>]*>)")
_HREF = re.compile(r' href="([^"]*)"')
_HIDING = re.compile(r' class="[^"]*\b(?:invisible|ellipsis)\b')
_ADDRESS = re.compile(r"(?:https?:)?//([^\s/?#]+)", re.IGNORECASE)


# ------------------------------------------------------------------------------------------------------------- text


class _TextReader(HTMLParser):
    """Collects the text of HTML that has been cleaned."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _BREAKING_TAGS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _BREAKING_TAGS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        self.parts.append(" ".join(_SPACES.split(data)))


_BREAKING_TAGS = frozenset({"p", "br", "pre", "blockquote", "ul", "ol", "li"})
_SPACES = re.compile(r"[ \t\r\n]+")


def _text_of(cleaned: str) -> str:
    reader = _TextReader()
    reader.feed(cleaned)
    reader.close()
    lines = (line.strip() for line in "".join(reader.parts).split("\n"))
    return "\n".join(line for line in lines if line)


def _paragraphs(text: str) -> SafeHTML:
    """Return what is left of HTML that no cleaning makes ordinary: its text, no longer than sanitised HTML may be."""
    lines = text[: MAX_CHARACTERS // 8].split("\n", MAX_TAGS // 2 - 1)
    return SafeHTML.stored("".join(f"<p>{escape(line, quote=False)}</p>" for line in lines))


# --------------------------------------------------------------------------------------------------------- names


def safe_name(text: str, limit: int = CAPS.name_characters) -> str:
    """Return a name that stands on one line, in one direction, and shows all it holds (row L06).

    Line breaks become blanks; marks of direction, invisible characters and check marks (which pose as a badge)
    go; accents pile up at most four high. `limit` counts characters after normalising (NFC).
    """
    normal = unicodedata.normalize("NFC", text[: limit * 4])
    if not (normal.isascii() and normal.isprintable()):
        visible = _NO_NAME.sub("", " ".join(normal.split()))
        normal = _PILED_UP.sub(r"\1", _LONE_JOINER.sub("", visible))
    return " ".join(normal[:limit].split())


# Controls, marks of direction, and characters that nobody sees.
_INVISIBLE = (
    "\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u206f\u2800\u3164\ufeff\uffa0\ufff0-\uffff\U000e0000-\U000e0fff"
)
_CHECK_MARKS = "\u2611\u2705\u2713\u2714\U0001f5f8\U0001f5f9"
_NO_NAME = re.compile(f"[{_INVISIBLE}]|[{_CHECK_MARKS}]\ufe0f?")
# Joiners are part of emoji and of the scripts from Arabic to Khmer; anywhere else they only make names differ.
_JOINED = "\u0600-\u0dff\u1000-\u109f\u1780-\u17ff\u2190-\u2bff\ufe0f\U0001f000-\U0001faff"
_LONE_JOINER = re.compile(f"(?<![{_JOINED}])[\u200c\u200d]|[\u200c\u200d](?![{_JOINED}])")
_ACCENTS = "\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
_PILED_UP = re.compile(f"([{_ACCENTS}]{{4}})[{_ACCENTS}]+")
