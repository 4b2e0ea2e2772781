"""Which posts match whose filters, and what becomes of them.

Filters are compiled once per actor and kept until one of them changes: `Preference.filters_version` counts the
changes, comes with every request that carries a token, and so is right in every process without a statement more.
Keywords are searched for as plain strings and never read as regular expressions, so no keyword is slow.

https://docs.joinmastodon.org/entities/FilterResult/
"""

import unicodedata
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from datetime import datetime
from threading import Lock
from typing import Generic, TypeVar

from msgspec import Struct, field
from sqlalchemy.orm import Session

from activitypub.models import Status
from activitypub.sanitize import plain_text
from fediverse_kommune.models import Filter, FilterAction
from fediverse_kommune.services.filters import filters_of

ACTORS = 4_096  # whose filters are kept compiled
TEXTS = 8_192  # posts whose text is kept ready to be searched

# What is not seen when it is read, and would hide a word: soft hyphens, zero-width blanks and joiners.
_UNSEEN = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Word(Struct, frozen=True):
    """A keyword as it was typed, and as it is compared."""

    keyword: str
    folded: str
    whole: bool

    def stands_in(self, text: str) -> bool:
        """True if the word is in a folded text: as a word of its own if it is to be whole."""
        at = text.find(self.folded)
        if not self.whole:
            return at >= 0
        while at >= 0:
            if self._is_alone(text, at):
                return True
            at = text.find(self.folded, at + 1)
        return False

    def _is_alone(self, text: str, at: int) -> bool:
        """True if no letter touches an end of the word that is one itself: "@" or "#" need no border."""
        end = at + len(self.folded)
        before = at > 0 and _is_letter(self.folded[0]) and _is_letter(text[at - 1])
        after = end < len(text) and _is_letter(self.folded[-1]) and _is_letter(text[end])
        return not before and not after


class Rule(Struct, frozen=True):
    """A filter, ready to be applied."""

    id: int
    title: str
    contexts: tuple[str, ...]
    action: FilterAction
    expires_at: datetime | None
    words: tuple[Word, ...]
    status_ids: frozenset[int]


class Match(Struct, frozen=True):
    """What of a filter a post matches."""

    rule: Rule
    keywords: tuple[str, ...]
    status_id: int | None


class Filtered(Struct, frozen=True):
    """What filters say of a page of posts: the matches of each, by its id, and which are not shown at all."""

    matches: Mapping[int, Sequence[Match]] = field(default_factory=dict)
    hidden: frozenset[int] = frozenset()


NOTHING_FILTERED = Filtered()


class Kept(Generic[Key, Value]):
    """The values asked for last, for readers in several threads."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._values: OrderedDict[Key, Value] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Key) -> Value | None:
        """Return the value of `key`, if it is kept."""
        with self._lock:
            value = self._values.get(key)
            if value is not None:
                self._values.move_to_end(key)
            return value

    def put(self, key: Key, value: Value) -> None:
        """Keep a value; the one that nobody asked for the longest time goes."""
        with self._lock:
            self._values[key] = value
            self._values.move_to_end(key)
            if len(self._values) > self._most:
                self._values.popitem(last=False)


class FilterCache:
    """The compiled filters of a server's actors."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._rules: Kept[int, tuple[int, tuple[Rule, ...]]] = Kept(ACTORS)
        self._texts: Kept[tuple[int, datetime | None], str] = Kept(TEXTS)

    def rules_of(self, session: Session, actor_id: int, version: int) -> tuple[Rule, ...]:
        """Return the filters of an actor at a version (`Preference.filters_version`); 0 means it never had any."""
        if version == 0:
            return ()
        kept = self._rules.get(actor_id)
        if kept is not None and kept[0] == version:
            return kept[1]
        rules = compile_filters(filters_of(session, actor_id))
        self._rules.put(actor_id, (version, rules))
        return rules

    def apply(self, rules: Sequence[Rule], statuses: Sequence[Status], reader_id: int, context: str | None) -> Filtered:
        """Return what these filters say of some posts, of which the reader's own are never filtered.

        A post in `context` that matches a filter with the action `hide` is hidden; with no context nothing is.
        """
        now = self._clock()
        active = [rule for rule in rules if rule.expires_at is None or rule.expires_at > now]
        if not active:
            return NOTHING_FILTERED
        found = {
            status.id: matches
            for status in statuses
            if status.actor_id != reader_id and (matches := self._matches(active, status))
        }
        hidden = (status_id for status_id, matches in found.items() if any(_hides(it.rule, context) for it in matches))
        return Filtered(found, frozenset(hidden))

    def _matches(self, rules: Sequence[Rule], status: Status) -> list[Match]:
        text = self._text_of(status)
        matches = (
            Match(
                rule,
                tuple(word.keyword for word in rule.words if word.stands_in(text)),
                status.id if status.id in rule.status_ids else None,
            )
            for rule in rules
        )
        return [match for match in matches if match.keywords or match.status_id is not None]

    def _text_of(self, status: Status) -> str:
        key = (status.id, status.edited_at)
        text = self._texts.get(key)
        if text is None:
            text = searchable_text(status)
            self._texts.put(key, text)
        return text


class ActorFilters(Struct, frozen=True):
    """The filters of one reader, of which `version` is the latest; looked up when they are needed."""

    cache: FilterCache
    actor_id: int
    version: int

    def apply(self, session: Session, statuses: Sequence[Status], context: str | None) -> Filtered:
        """Return what the reader's filters say of some posts. A statement or three only after they changed."""
        rules = self.cache.rules_of(session, self.actor_id, self.version)
        return self.cache.apply(rules, statuses, self.actor_id, context) if rules else NOTHING_FILTERED


def compile_filters(rows: Sequence[Filter]) -> tuple[Rule, ...]:
    """Return filters ready to be applied."""
    return tuple(
        Rule(
            id=row.id,
            title=row.title,
            contexts=tuple(row.contexts),
            action=row.action,
            expires_at=row.expires_at,
            words=tuple(
                Word(word.keyword, folded, word.whole_word) for word in row.keywords if (folded := fold(word.keyword))
            ),
            status_ids=frozenset(entry.status_id for entry in row.statuses),
        )
        for row in rows
    )


def searchable_text(status: Status) -> str:
    """Return all that people read of a post, folded: title, warning, text, descriptions of files, options of a poll."""
    parts = [status.title or "", status.summary, plain_text(status.content)]
    parts.extend(media.description for media in status.media)
    if status.poll is not None:
        parts.extend(str(option["title"]) for option in status.poll.options)
    return fold("\n".join(parts))


def fold(text: str) -> str:
    """Return a text as words are compared: without regard to case, width, and how accents are put together."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text.translate(_UNSEEN)).casefold())


def _is_letter(character: str) -> bool:
    """True for what words are made of in any script: letters, digits, marks upon them, and the underscore."""
    return character.isalnum() or character == "_" or unicodedata.category(character) in {"Mn", "Mc"}


def _hides(rule: Rule, context: str | None) -> bool:
    return rule.action is FilterAction.HIDE and context in rule.contexts
