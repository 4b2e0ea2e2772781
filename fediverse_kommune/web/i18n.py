"""What the pages say, in each language, and how each writes dates and numbers: catalogues in templates."""

from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from babel import Locale
from babel.dates import format_date, format_time
from babel.numbers import format_decimal
from jinja2 import Environment
from msgspec import Struct
from quart import g, request

from fediverse_kommune.catalogues import CATALOGUES, LANGUAGES, Language, read_language
from fediverse_kommune.event_words import TOWN_TIME
from fediverse_kommune.web.language import PARAMETER, page_language


class Choice(Struct, frozen=True):
    """A language that the reader of a page may choose: its own name for itself, and where the page speaks it."""

    code: str
    name: str
    url: str
    is_current: bool


class Speech:
    """Speaks to the reader of the request at hand. One object serves all requests."""

    def __init__(self, folder: Path = CATALOGUES) -> None:
        self._folder = folder

    def install(self, environment: Environment) -> None:
        """Let every template say `_("…")` and `ngettext(…)`, write dates and numbers, and ask who is listening."""
        environment.add_extension("jinja2.ext.i18n")
        environment.install_gettext_callables(  # type: ignore[attr-defined]  # the extension adds it
            self.gettext, self.ngettext, newstyle=True
        )
        environment.globals["speech"] = self
        environment.filters |= {"day": self.day, "moment": self.moment, "number": self.number}

    @property
    def language(self) -> Language:
        """The language of the page that is being made."""
        if "language" not in g:
            g.language = read_language(self._folder, page_language(request))
        language: Language = g.language
        return language

    def gettext(self, message: str) -> str:
        """Return a message in the reader's language."""
        return self.language.catalogue.gettext(message)

    def ngettext(self, one: str, many: str, count: int) -> str:
        """Return a message in the form that goes with a number."""
        return self.language.catalogue.ngettext(one, many, count)

    def day(self, moment: datetime) -> str:
        """Return a day in words: "23. November 2026"."""
        return format_date(moment.astimezone(TOWN_TIME), "long", locale=self.language.locale)

    def moment(self, moment: datetime) -> str:
        """Return a day and the time of day in the town: "23. November 2026, 14:05"."""
        time = format_time(moment, "short", tzinfo=TOWN_TIME, locale=self.language.locale)
        return f"{self.day(moment)}, {time}"

    def number(self, number: int) -> str:
        """Return a number with its groups of digits: "12.345"."""
        return format_decimal(number, locale=self.language.locale)

    def choices(self) -> list[Choice]:
        """Return the languages to choose from, each with the address of this page in it."""
        return [Choice(code, _own_name(code), _this_page_in(code), code == self.language.code) for code in LANGUAGES]


def _own_name(code: str) -> str:
    return str(Locale.parse(code).get_language_name(code)).title()


def _this_page_in(code: str) -> str:
    query: list[tuple[str, Any]] = [item for item in request.args.items(multi=True) if item[0] != PARAMETER]
    return f"{request.path}?{urlencode([*query, (PARAMETER, code)])}"
