"""Which texts are emoji, and what they are called, from Unicode's own lists. Loaded when it is needed.

The package `emoji` holds Unicode's emoji-test.txt and the names of CLDR: 12 MB and 0.1 s, so only `emojis.py` imports
this (decision 29).

https://www.unicode.org/reports/tr51/
"""

from functools import cache

import emoji

emoji.config.load_language(["en", "de"])  # what the pages speak; any other is read when it is asked for

# Of the forms of an emoji the one that shows a picture everywhere: with the variation selector where it has one.
_FULL = {
    text.replace("\ufe0f", ""): text
    for text, data in emoji.EMOJI_DATA.items()
    if data["status"] == emoji.STATUS["fully_qualified"]
}


def full_form(text: str) -> str | None:
    """Return the emoji that a text is, with its variation selectors; None for any other text."""
    return _FULL.get(text.replace("\ufe0f", ""))


@cache
def learn(language: str) -> str:
    """Load the names of emoji in a language, or in English where nobody has written them down; return in which."""
    spoken = language if language in emoji.LANGUAGES else "en"
    emoji.config.load_language(spoken)
    return spoken


@cache
def called(name: str, language: str) -> str:
    """Return what an emoji is called in a language, or in English."""
    spoken = learn(language)
    data = emoji.EMOJI_DATA[name]
    words = str(data.get(spoken, data["en"])).strip(":").replace("_", " ")
    return words[:1].upper() + words[1:]
