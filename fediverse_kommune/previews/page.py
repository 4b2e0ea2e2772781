"""What a page says about itself, in the head of its HTML: OpenGraph, Twitter's cards, and plain metadata.

It makes text of everything; nothing of a page is ever shown as HTML (row G03). How pages are scanned is in `tags`.

Sources: https://ogp.me/, https://html.spec.whatwg.org/multipage/semantics.html#the-meta-element,
https://docs.joinmastodon.org/entities/PreviewCard/ (`fediverse:creator`)
"""

import re
from contextlib import suppress
from datetime import UTC, datetime
from html import unescape
from urllib.parse import urljoin

from msgspec import Struct

from activitypub.sanitize import safe_link, safe_name
from activitypub.uris import host_of, origin
from fediverse_kommune.previews.tags import Tag, decoded, tags_of

MOST_TAGS = 3_000
TITLE_CHARACTERS = 300
DESCRIPTION_CHARACTERS = 1_000
NAME_CHARACTERS = 200
WANTED = frozenset({"meta", "html", "title", "body", "/head"})

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8}){0,3}")
_CREATOR = re.compile(r"@?[\w.-]{1,100}@[\w.:-]{1,255}")


class Page(Struct, frozen=True):
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
    found = _Head(url)
    for tag in tags_of(decoded(body, content_type), WANTED, MOST_TAGS):
        if tag.name in {"body", "/head"}:
            break
        found.take(tag)
    return found.page()


class _Head:
    """Collects what tags say; of several that say the same the first counts."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._meta: dict[str, str] = {}
        self._title = ""
        self._language: str | None = None

    def take(self, tag: Tag) -> None:
        """Note one tag."""
        if tag.name == "title" and not self._title:
            self._title = tag.rest.partition("</")[0]
            return
        values = tag.attributes()
        if tag.name == "html":
            self._language = _language(values.get("lang"))
        elif tag.name == "meta" and "content" in values:
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


def _language(text: str | None) -> str | None:
    return text.replace("_", "-") if text and _LANGUAGE.fullmatch(text) else None


def _moment(text: str | None) -> datetime | None:
    with suppress(ValueError, OverflowError):
        if text:
            moment = datetime.fromisoformat(text.strip())
            return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return None
