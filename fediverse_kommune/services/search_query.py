"""What somebody types into the search: words, "phrases", what not, and operators. Anything else is only text.

https://docs.joinmastodon.org/methods/search/ and https://docs.joinmastodon.org/user/discoverability/#search
"""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from msgspec import Struct, field

from fediverse_kommune.services.search_words import stems

TERMS = 20  # words and operators that are looked at
_TOKEN = re.compile(r'(-?)(?:([a-z]+):("[^"]*"|\S+)|"([^"]*)"|(\S+))', re.IGNORECASE)
_MEDIA, _EMBED = frozenset({"media", "image", "video", "audio"}), frozenset({"embed", "link"})
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,4}")


class Query(Struct):
    """A search for posts. Each operator comes with whether it has to hold (True) or must not (False)."""

    terms: list[Sequence[str]] = field(default_factory=list)
    without: list[Sequence[str]] = field(default_factory=list)
    authors: list[tuple[str, bool]] = field(default_factory=list)
    properties: list[tuple[str, bool]] = field(default_factory=list)
    languages: list[tuple[str, bool]] = field(default_factory=list)
    # Times in UTC: from the first on, up to and without the second.
    since: datetime | None = None
    until: datetime | None = None
    library_only: bool = False
    public_only: bool = False

    @property
    def is_empty(self) -> bool:
        """True if nothing is asked for."""
        asked = (self.terms, self.without, self.authors, self.properties, self.languages)
        return not any(asked) and self.since is None and self.until is None


def parse_query(typed: str) -> Query:
    """Return what is searched for."""
    query = Query()
    for match, _ in zip(_TOKEN.finditer(typed), range(TERMS), strict=False):
        minus, operator, argument, phrase, word = match.groups()
        holds = not minus
        if operator and _apply(query, operator.lower(), argument.strip('"'), holds=holds):
            continue
        term = stems(phrase if phrase is not None else word if word is not None else match[0])
        if term:
            (query.terms if holds else query.without).append(term)
    return query


def _apply(query: Query, operator: str, argument: str, *, holds: bool) -> bool:
    """Take over an operator; False if it is none, or its argument means nothing: then it is a word."""
    value = argument.lower()
    match operator:
        case "from":
            query.authors.append((argument, holds))
        case "before" | "after" | "during":
            return holds and _limit(query, operator, argument)
        case "has" if value in _MEDIA | _EMBED | {"poll"}:
            query.properties.append(("media" if value in _MEDIA else "embed" if value in _EMBED else "poll", holds))
        case "is" if value in {"reply", "sensitive"}:
            query.properties.append((value, holds))
        case "language" if _LANGUAGE.fullmatch(argument):
            query.languages.append((value, holds))
        case "in" if value in {"library", "public", "all"}:
            query.library_only = (value == "library") is holds and value != "all"
            query.public_only = value == "public" and holds
        case _:
            return False
    return True


def _limit(query: Query, operator: str, argument: str) -> bool:
    try:
        day = datetime.combine(date.fromisoformat(argument), datetime.min.time(), UTC)
        following = day + timedelta(days=1)
    except (ValueError, OverflowError):
        return False
    if operator in {"after", "during"}:
        start = day if operator == "during" else following
        query.since = max(query.since, start) if query.since else start
    if operator in {"before", "during"}:
        end = following if operator == "during" else day
        query.until = min(query.until, end) if query.until else end
    return True
