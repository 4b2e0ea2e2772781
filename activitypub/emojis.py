"""One emoji, and its name for people who hear a page.

What is known of them takes 5 MB and a tenth of a second to load: that is done when the first is asked for, and where
an event loop would wait, in a thread before (`load`; decision 29).
"""

from importlib import import_module

_DATA = "activitypub.emoji_data"
_LONGEST = 40  # code points; a family with four shades of skin has eleven


def load(*languages: str) -> None:
    """Load what is known of emoji, with their names in these languages, unless that is done."""
    data = import_module(_DATA)
    for language in languages:
        data.learn(language)


def emoji_in(text: str) -> str | None:
    """Return the one emoji that a text is, in the form that shows everywhere; None if it is anything else."""
    if not text or len(text) > _LONGEST:
        return None
    found: str | None = import_module(_DATA).full_form(text)
    return found


def emoji_name(text: str, language: str) -> str:
    """Return what `text`, an emoji or the shortcode of a picture, is called."""
    if emoji_in(text) is None:
        return text.partition("@")[0]
    name: str = import_module(_DATA).called(text, language)
    return name
