"""What a page says about itself, in the head of its HTML: OpenGraph, Twitter's cards, and plain metadata.

A scanner of our own, because a page is as long and as broken as its author likes: it looks at a bounded number of tags
of bounded length, each character a bounded number of times. It makes text of everything; nothing of a page is ever
shown as HTML (row G03).

Sources: https://ogp.me/, https://html.spec.whatwg.org/multipage/semantics.html#the-meta-element,
https://docs.joinmastodon.org/entities/PreviewCard/ (`fediverse:creator`)
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from html import unescape
from urllib.parse import urljoin

from werkzeug.http import parse_options_header

from activitypub.sanitize import safe_link, safe_name
from activitypub.uris import host_of, origin

MOST_TAGS = 3_000
TAG_CHARACTERS = 8_192
TITLE_CHARACTERS = 300
DESCRIPTION_CHARACTERS = 1_000
NAME_CHARACTERS = 200

_NAME = re.compile(r"/?[A-Za-z][A-Za-z0-9]{0,15}(?=[\s/>])")
_ATTRIBUTE = re.compile(r"""(?<![A-Za-z:_-])([A-Za-z:_-]{1,40})\s{0,9}=\s{0,9}(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
_CHARSET = re.compile(rb"""<meta[^>]{0,200}charset\s{0,9}=\s{0,9}["']?([A-Za-z0-9_.:-]{1,40})""", re.IGNORECASE)
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8}){0,3}")
_CREATOR = re.compile(r"@?[\w.-]{1,100}@[\w.:-]{1,255}")


@dataclass(frozen=True, slots=True)
class Page:
    """What a page says of itself: plain text on one line each, and URLs that have been judged."""

    title: str
    description: str
    author_name: str
    author_url: str
    provider_name: str
    provider_url: str
    language: str | None
    published: datetime | None
    image_url: str | None
    image_description: str
    # The handle that the page names as its author's (`fediverse:creator`), without @ in front.
    creator: str | None


def read_page(body: bytes, content_type: str | None, url: str) -> Page | None:
    """Return what the page at `url` says of itself; None if it has no title."""
    html = body.decode(_charset(body, content_type), errors="replace")
    found = _Head(url)
    for name, tag, rest in _tags(html):
        if name in {"body", "/head"}:
            break
        found.take(name, tag, rest)
    return found.page()


class _Head:
    """Collects what tags say; of several that say the same the first counts."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._meta: dict[str, str] = {}
        self._title = ""
        self._language: str | None = None

    def take(self, name: str, tag: str, rest: str) -> None:
        """Note one tag. `rest` is what follows it, cut off after a while."""
        if name == "title" and not self._title:
            self._title = rest.partition("</")[0]
            return
        values = {key.lower(): unescape(one or two or three) for key, one, two, three in _ATTRIBUTE.findall(tag)}
        if name == "html":
            self._language = _language(values.get("lang"))
        elif name == "meta" and "content" in values:
            key = (values.get("property") or values.get("name") or values.get("itemprop") or "").strip().lower()
            self._meta.setdefault(key, values["content"])

    def page(self) -> Page | None:
        """Return all that was collected."""
        title = self._text(TITLE_CHARACTERS, "og:title", "twitter:title") or safe_name(
            unescape(self._title), TITLE_CHARACTERS
        )
        if not title:
            return None
        creator = self._text(400, "fediverse:creator")
        author_url = self._link("article:author", "author")
        named = self._text(NAME_CHARACTERS, "author", "article:author", "twitter:creator")
        return Page(
            title=title,
            description=self._text(DESCRIPTION_CHARACTERS, "og:description", "twitter:description", "description"),
            author_name="" if safe_link(named) else named,
            author_url=author_url or "",
            provider_name=self._text(NAME_CHARACTERS, "og:site_name", "application-name") or host_of(self._url),
            provider_url=origin(self._url),
            language=_language(self._meta.get("og:locale")) or self._language,
            published=_moment(self._meta.get("article:published_time") or self._meta.get("date")),
            image_url=self._link(
                "og:image:secure_url", "og:image", "og:image:url", "twitter:image", "twitter:image:src"
            ),
            image_description=self._text(DESCRIPTION_CHARACTERS, "og:image:alt", "twitter:image:alt"),
            creator=creator.removeprefix("@") if _CREATOR.fullmatch(creator) else None,
        )

    def _text(self, limit: int, *keys: str) -> str:
        return next((text for key in keys if (text := safe_name(self._meta.get(key, ""), limit))), "")

    def _link(self, *keys: str) -> str | None:
        for key in keys:
            with suppress(ValueError):
                value = self._meta.get(key, "").strip()
                is_address = value.startswith(("http://", "https://", "/")) or "image" in key
                if value and is_address and (link := safe_link(urljoin(self._url, value))):
                    return link
        return None


def _tags(html: str) -> Iterator[tuple[str, str, str]]:
    """Yield the tags that matter: name, attributes, and the beginning of what follows."""
    position = 0
    for _ in range(MOST_TAGS):
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
        if name in {"meta", "html", "title", "body", "/head"}:
            yield name, html[match.end() : end], html[end + 1 : end + 1 + 2 * TITLE_CHARACTERS]
        position = _after(html, f"</{name}", end) if name in {"script", "style", "svg"} else end + 1


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


def _language(text: str | None) -> str | None:
    return text.replace("_", "-") if text and _LANGUAGE.fullmatch(text) else None


def _moment(text: str | None) -> datetime | None:
    with suppress(ValueError, OverflowError):
        if text:
            moment = datetime.fromisoformat(text.strip())
            return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return None
