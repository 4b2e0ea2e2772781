"""In which language a page speaks: what its reader's browser prefers among those there are, German first."""

from quart import Request

LANGUAGES = ("de", "en")


def page_language(request: Request) -> str:
    """Return "de" or "en"."""
    return request.accept_languages.best_match(LANGUAGES, default=LANGUAGES[0]) or LANGUAGES[0]
