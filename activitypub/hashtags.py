"""Hashtags: how one is shown, and when two are the same.

`Straßenfest`, `STRASSENFEST` and the full-width spelling are one hashtag. What the author wrote is kept for
showing (`hashtag_name`), and everything that compares, stores or searches uses the folded key
(`hashtag_key`).

Source: FEP-eb48 and https://www.unicode.org/reports/tr15/ (NFKC)
"""

import unicodedata

HASHTAG_CHARACTERS = 255
# Beside letters, digits and their accents: what joins words and letters in the scripts that have such
# characters.
_JOINERS = frozenset("_\u00b7\u30fb\u200c\u200d\u0f0b")


def hashtag_name(written: str) -> str | None:
    """Return a hashtag as it is shown: NFKC, without '#'; None if it is not one word of 255 characters.

    The length is judged after normalising, because one character can become eighteen (row L06).
    """
    word = written[: HASHTAG_CHARACTERS + 1].strip().lstrip("#\uff03")
    name = word if word.isascii() else unicodedata.normalize("NFKC", word)
    if not name or len(name) > HASHTAG_CHARACTERS or not any(map(str.isalnum, name)):
        return None
    return name if all(_belongs(character) for character in name) else None


def hashtag_key(name: str) -> str:
    """Return the form under which equal hashtags are equal: NFKC, case folded, at most 255 characters."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    return folded[:HASHTAG_CHARACTERS]


def _belongs(character: str) -> bool:
    return character.isalnum() or character in _JOINERS or unicodedata.category(character).startswith("M")
