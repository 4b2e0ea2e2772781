"""One emoji, and its name for people who hear a page. What is known of them is loaded when one is asked for."""

from importlib import import_module

_LONGEST = 40  # code points; a family with four shades of skin has eleven


def emoji_in(text: str) -> str | None:
    """Return the one emoji that a text is, in the form that shows everywhere; None if it is anything else."""
    if not text or len(text) > _LONGEST:
        return None
    found: str | None = import_module("activitypub.emoji_data").full_form(text)
    return found


def emoji_name(text: str, language: str) -> str:
    """Return what `text`, an emoji or the shortcode of a picture, is called."""
    if emoji_in(text) is None:
        return text.partition("@")[0]
    name: str = import_module("activitypub.emoji_data").called(text, language)
    return name
