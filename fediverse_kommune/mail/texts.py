"""Mails in words: a template and its details become a subject and a plain text in the reader's language.

The first line of a template is the subject. Plain text is read by everybody and every program, and loads nothing.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from msgspec import Struct

from fediverse_kommune.catalogues import CATALOGUES, LANGUAGES, read_language


class Words(Struct, frozen=True):
    """What a mail says."""

    subject: str
    body: str


class MailTexts:
    """Puts mails into words, in the languages of the pages."""

    def __init__(self, folder: Path) -> None:
        self._speakers = {code: _speaker(folder, code) for code in LANGUAGES}

    def words(self, template: str, locale: str, details: Mapping[str, Any]) -> Words:
        """Return a mail in a language, or in the first of the pages' languages if that is none of them."""
        speaker = self._speakers.get(locale.partition("-")[0]) or self._speakers[LANGUAGES[0]]
        text = speaker.get_template(f"mail/{template}.txt").render(details)
        subject, _, body = text.lstrip().partition("\n")
        return Words(" ".join(subject.split()), body.strip() + "\n")


def _speaker(folder: Path, code: str) -> Environment:
    environment = Environment(  # noqa: S701 (plain text: there is nothing to escape)
        loader=FileSystemLoader(folder),
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        keep_trailing_newline=True,
    )
    catalogue = read_language(CATALOGUES, code).catalogue
    environment.install_gettext_callables(  # type: ignore[attr-defined]  # the extension adds it
        catalogue.gettext, catalogue.ngettext, newstyle=True
    )
    return environment
