"""The gettext catalogues that translators edit: `locales/<language>/LC_MESSAGES/messages.po`.

They are read once, so no compiled file can be older than its source. Templates say `_("…")` with the English sentence;
code that says something outside of a page marks it with `sentence("…")` and has it `translated`.
"""

from functools import cache
from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path

from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from msgspec import Struct

CATALOGUES = Path(__file__).parent / "locales"
LANGUAGES = ("de", "en")
"""The languages there are catalogues for; the first speaks to those who understand none of them."""

REGIONS = {"en": "en_GB"}  # English as Europe writes it: the day before the month, 24 hours


class Language(Struct, frozen=True):
    """One language: its catalogue, and how it writes dates and numbers. `code` is the value of `lang` attributes."""

    code: str
    locale: Locale
    catalogue: GNUTranslations


@cache
def read_language(folder: Path, code: str) -> Language:
    """Read the catalogue of a language, once. Raises OSError if there is none, ValueError if it is broken."""
    with (folder / code / "LC_MESSAGES" / "messages.po").open("rb") as source:
        catalogue = read_po(source, locale=code, abort_invalid=True)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Language(code, Locale.parse(REGIONS.get(code, code)), GNUTranslations(compiled))


def sentence(text: str) -> str:
    """Mark a sentence for the translators."""
    return text


def translated(message: str, locale: str) -> str:
    """Return a marked sentence in the language of somebody's locale ("de-AT")."""
    code = locale.partition("-")[0]
    return _catalogue(code if code in LANGUAGES else LANGUAGES[0]).gettext(message)


@cache
def _catalogue(code: str) -> GNUTranslations:
    return read_language(CATALOGUES, code).catalogue
