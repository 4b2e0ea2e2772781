"""Texts as words that can be compared: without regard to case and word form, the same on both databases.

The stemmer is Snowball's for German (https://snowballstem.org/algorithms/german/stemmer.html). What it makes of other
languages is the same when a text is stored and when it is searched for, so their words are found as well.
"""

import re
from functools import lru_cache
from threading import Lock

import Stemmer

from fediverse_kommune.services.filtering import fold

WORDS = 2_000  # of one text; more than any post of ours has
WORD_CHARACTERS = 64
_WORD = re.compile(r"\w+")
_stemmer = Stemmer.Stemmer("german", 0)  # no memory of its own: `stem` has one
_lock = Lock()


def stems(text: str) -> list[str]:
    """Return the words of a text by their stems, in order: letters, digits and underscores only."""
    words = (match[0] for match in _WORD.finditer(fold(text)))
    return [stem(word[:WORD_CHARACTERS]) for word, _ in zip(words, range(WORDS), strict=False)]


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """Return the stem of a folded word. The stemmer keeps its place in itself, so one thread uses it at a time."""
    with _lock:
        return str(_stemmer.stemWord(word))
