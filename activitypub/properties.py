"""Readers for single properties of an untrusted ActivityStreams document.

Any property may hold any JSON type: a string, an embedded object, a list of both, null, a number. Each reader
here knows what it wants and gives it, shortened to its cap, or says "not there" (None, an empty string, an
empty tuple). None of them raises (row C08); what must be there is decided by `parse.py` and its neighbours,
which raise `Unreadable`.

Source: https://www.w3.org/TR/activitystreams-core/#model, https://www.w3.org/TR/activitystreams-vocabulary/
"""

import html
import math
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, TypeAlias

from activitypub.caps import CAPS
from activitypub.uris import InvalidUri, origin, validated_url
from activitypub.vocabulary import PUBLIC, PUBLIC_SPELLINGS, Reference

Document: TypeAlias = Mapping[str, Any]

LANGUAGES = 16

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,4}")
_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,62}/[a-z0-9*][a-z0-9!#$&^_.+-]{0,62}")
_DURATION = re.compile(r"P(?:(\d{1,6})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,9}(?:\.\d{1,9})?)S)?)?", re.ASCII)
_LINK = re.compile(r"(https?://[^\s<>\"']+)")
_ACCENTS = "\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
_PILED_UP_ACCENTS = re.compile(f"([{_ACCENTS}]{{4}})[{_ACCENTS}]+")
# Control characters, marks that turn the direction of the text, and invisible ones; but not the joiners that
# emoji, Persian and the scripts of India need (row L06).
_DECEPTIVE = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff]+")
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)


class Unreadable(ValueError):
    """A document that cannot be understood; the message is one sentence that says why."""


def items(document: Document, key: str, limit: int = CAPS.tags) -> list[Any]:
    """Return the values of a property, at most `limit`: JSON-LD makes no difference between x and [x]."""
    value = document.get(key)
    if value is None:
        return []
    if isinstance(value, list):
        return value[:limit]
    if isinstance(value, dict) and ("0" in value or "1" in value):
        return _numbered(value)[:limit]
    return [value]


def _numbered(value: dict[str, Any]) -> list[Any]:
    """Return the entries of an object that was a list: PHP so writes one with gaps or with named entries.

    Pixelfed's tags of a reply come as {"type": "Mention", "href": …, "0": {…}, "1": {…}}.
    """
    named = {key: each for key, each in value.items() if not key.isdigit()}
    listed = [each for key, each in value.items() if key.isdigit()]
    return [named, *listed] if named else listed


def objects(document: Document, key: str, limit: int = CAPS.tags) -> Iterator[dict[str, Any]]:
    """Iterate over those values of a property that are embedded objects."""
    return (value for value in items(document, key, limit) if isinstance(value, dict))


def embedded(document: Document, key: str) -> dict[str, Any]:
    """Return the first embedded object of a property, or an empty one."""
    return next(objects(document, key), {})


@lru_cache(maxsize=8192)
def web_url(value: str, *, allow_http: bool) -> str | None:
    """Return a URL that may be linked to or fetched, as `uris.validated_url` judges it, or None (row G05)."""
    try:
        return validated_url(value, allow_http=allow_http)
    except InvalidUri:
        return None


def uri_of(value: object) -> str | None:
    """Return the URI a value stands for: itself, the `id` of an object, the `href` of a Link.

    An id is compared, not fetched, so http and a test network's hosts pass; `http.py` judges what is fetched.
    """
    if isinstance(value, dict):
        value = value.get("id") or value.get("href")
    return web_url(value, allow_http=True) if isinstance(value, str) else None


def is_on_origin_of(url: str, owner: str) -> bool:
    """Say whether two URLs, both in the canonical spelling of `web_url`, have one origin (FEP-fe34).

    The same answer as `uris.same_origin` at a tenth of the price, for only the owner's origin is worked out.
    """
    home = origin(owner)
    return url.startswith(home) and url[len(home) : len(home) + 1] in {"", "/", "?", "#"}


def one_uri(document: Document, key: str) -> str | None:
    """Return the first URI of a property, in any of its shapes."""
    value = document.get(key)
    if isinstance(value, list):
        return next((uri for each in value[: CAPS.tags] if (uri := uri_of(each))), None)
    return uri_of(value)


def uris(document: Document, key: str, limit: int) -> tuple[str, ...]:
    """Return the URIs of a property, each once, at most `limit`."""
    found = (uri_of(value) for value in items(document, key, limit))
    return tuple(dict.fromkeys(uri for uri in found if uri))


def recipients(document: Document, key: str) -> tuple[str, ...]:
    """Return the URIs of `to` or `cc`. The public collection always comes out as `PUBLIC` (row C09)."""
    found: dict[str, None] = {}
    for value in items(document, key):
        named = value.get("id") if isinstance(value, dict) else value
        uri = PUBLIC if isinstance(named, str) and named in PUBLIC_SPELLINGS else uri_of(value)
        if uri is not None:
            found[uri] = None
    return tuple(found)


def searchable_by(document: Document, owner: str) -> tuple[str, ...]:
    """Return who may find a post, or those of an actor, by their words (FEP-268d); nothing where nothing is said.

    What is said and not understood, such as Fedibird's "as:Limited", means the `owner` alone and not everybody.
    """
    said = items(document, "searchableBy", CAPS.policy_actors)
    return (recipients({"to": said}, "to") or (owner,)) if said else ()


def reference(value: object) -> Reference | None:
    """Return what `object` or its like points to: a URI, an embedded object, or both; None for neither."""
    uri = uri_of(value)
    document = value if isinstance(value, dict) else None
    return None if uri is None and document is None else Reference(uri, document)


def text(document: Document, key: str, limit: int) -> str:
    """Return a text, at most `limit` characters of it; of a language map alone, the first language's.

    NUL is left out because PostgreSQL cannot store it.
    """
    value = document.get(key)
    if isinstance(value, list) and value:
        value = value[0]
    if not isinstance(value, str):
        value = next(iter(language_map(document, f"{key}Map", limit).values()), "")
    return value[:limit].replace("\0", "")


def one_line(document: Document, key: str, limit: int) -> str:
    """Return a text that stands on one line and hides nothing: a name, a label, a title (row L06)."""
    value = text(document, key, limit)
    if value.isascii() and value.isprintable():
        return value.strip()
    visible = _DECEPTIVE.sub("", " ".join(value.split()))
    return _PILED_UP_ACCENTS.sub(r"\1", visible).strip()


def language(value: object) -> str | None:
    """Return a BCP 47 language tag, or None for anything else and for "und" (undetermined)."""
    if isinstance(value, str) and len(value) <= 35 and _LANGUAGE.fullmatch(value) and value.lower() != "und":
        return value
    return None


def language_map(document: Document, key: str, limit: int) -> dict[str, str]:
    """Return a map such as `contentMap`: language → text of at most `limit` characters."""
    value = document.get(key)
    if not isinstance(value, dict):
        return {}
    return {
        tag: content[:limit].replace("\0", "")
        for tag, content in list(value.items())[:LANGUAGES]
        if language(tag) and isinstance(content, str)
    }


def flag(document: Document, key: str) -> bool:
    """Return True only for a JSON `true`."""
    return document.get(key) is True


def number(value: object, low: float, high: float) -> float | None:
    """Return a finite number, clamped to low … high; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != value:  # noqa: PLR0124 (NaN)
        return None
    return float(min(max(value, low), high))


def count(value: object, high: int = CAPS.untrusted_count) -> int:
    """Return somebody else's counter, clamped to 0 … high (row E19); 0 for anything that is no number."""
    return math.floor(number(value, 0, high) or 0)


def size(value: object) -> int | None:
    """Return a width or height in pixels, or None if it is none."""
    pixels = number(value, 0, 100_000)
    return int(pixels) if pixels and pixels >= 1 else None


def seconds(value: object) -> float | None:
    """Return a duration, given in seconds or as xsd:duration ("PT1M5S")."""
    if not isinstance(value, str):
        return number(value, 0, 1e9)
    match = _DURATION.fullmatch(value[:64])
    if match is None:
        return None
    days, hours, minutes, rest = (float(part or 0) for part in match.groups())
    return days * 86_400 + hours * 3_600 + minutes * 60 + rest


def instant(document: Document, key: str) -> datetime | None:
    """Return a time in UTC, or None for none and for an absurd one (row L07).

    A time without a zone is taken as UTC, a leap second as the second before it. Before 1990 there was
    nothing to publish on the web; after 2200 nobody checks.
    """
    value = document.get(key)
    if not isinstance(value, str) or len(value) > 64:
        return None
    try:
        moment = datetime.fromisoformat(value.replace(":60", ":59"))
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return moment if EARLIEST <= moment <= LATEST else None


def media_type(document: Document) -> str:
    """Return the `mediaType` without its parameters, in lower case; "" if it is none."""
    value = document.get("mediaType")
    if not isinstance(value, str):
        return ""
    essence = value[:256].partition(";")[0].strip().lower()
    return essence if _MEDIA_TYPE.fullmatch(essence) else ""


def html_from_text(plain: str) -> str:
    """Turn plain text or Markdown into HTML: paragraphs, line breaks and links, the rest as it stands."""
    paragraphs = (part.strip() for part in re.split(r"\n[ \t]*\n", plain.replace("\r\n", "\n")))
    return "".join(f"<p>{_with_links(part)}</p>" for part in paragraphs if part)


def _with_links(plain: str) -> str:
    pieces = _LINK.split(plain)
    for index, piece in enumerate(pieces):
        safe = html.escape(piece)
        pieces[index] = f'<a href="{safe}">{safe}</a>' if index % 2 else safe.replace("\n", "<br>")
    return "".join(pieces)
