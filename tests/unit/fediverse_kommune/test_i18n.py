"""Every sentence of the pages is in every catalogue, and no template says anything past them."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from jinja2 import Environment

from fediverse_kommune.catalogues import CATALOGUES, LANGUAGES, read_language, translated

TEMPLATES = Path(__file__).parents[3] / "templates"
PACKAGE = Path(__file__).parents[3] / "fediverse_kommune"
PLACES = re.compile(r"%\((\w+)\)s")
WORD = re.compile(r"[^\W\d_]{2,}")
SPOKEN = frozenset({"alt", "title", "placeholder", "aria-label", "aria-description", "label", "summary"})


def catalogue(language: str) -> Catalog:
    with (CATALOGUES / language / "LC_MESSAGES" / "messages.po").open("rb") as source:
        return read_po(source, locale=language, abort_invalid=True)


def said_in_templates() -> set[str | tuple[str, ...]]:
    """Every message of the templates; one with a plural is a pair."""
    found = extract_from_dir(
        TEMPLATES, method_map=[("**.html", "jinja2"), ("**.txt", "jinja2")], options_map={"**.*": {"silent": "false"}}
    )
    return {message for _, _, message, _, _ in found}


def said_in_code() -> set[str | tuple[str, ...]]:
    """Every message that code marks with `sentence("…")`."""
    found = extract_from_dir(PACKAGE, method_map=[("**.py", "python")], keywords={"sentence": None})
    return {message for _, _, message, _, _ in found}


def forms(text: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)


def messages(language: str) -> Iterator[Message]:
    yield from (message for message in catalogue(language) if message.id)


def test_templates_and_code_say_something() -> None:
    assert len(said_in_templates()) > 50
    assert len(said_in_code()) > 10


def test_who_understands_no_catalogue_is_spoken_to_in_german() -> None:
    said = [translated("Log in", locale) for locale in ("de", "de-AT", "en-GB", "fr")]
    assert said == ["Anmelden", "Anmelden", "Log in", "Anmelden"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_has_every_message_and_no_other(language: str) -> None:
    assert {message.id for message in messages(language)} == said_in_templates() | said_in_code()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_translates_every_form_and_keeps_what_is_filled_in(language: str) -> None:
    for message in messages(language):
        assert not message.fuzzy, message.id
        assert all(form.strip() for form in forms(message.string)), message.id
        assert len(forms(message.string)) == len(forms(message.id)), message.id
        # "Einmal geteilt" may leave the number out, but nothing may be filled in that is not there.
        known = {name for form in forms(message.id) for name in PLACES.findall(form)}
        for form in forms(message.string):
            assert set(PLACES.findall(form)) <= known, message.id
        assert set(PLACES.findall(forms(message.string)[-1])) == known, message.id


def test_the_keys_are_the_english_sentences() -> None:
    for message in messages("en"):
        assert forms(message.string) == forms(message.id)


def test_german_is_german() -> None:
    same = {message.id for message in messages("de") if forms(message.string) == forms(message.id)}
    assert same == {"Person", "Feed (RSS)", "Server", "Relays"}


def test_a_catalogue_speaks_without_being_compiled() -> None:
    german = read_language(CATALOGUES, "de").catalogue
    assert german.gettext("Log in") == "Anmelden"
    counted = [german.ngettext("%(count)s answer", "%(count)s answers", count) for count in (0, 1, 2)]
    assert counted == ["%(count)s Antworten", "%(count)s Antwort", "%(count)s Antworten"]
    assert not list(CATALOGUES.rglob("*.mo"))


class _Speaking(HTMLParser):
    """Collects what a template says to people by itself: text, and attributes that are read out."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []

    def handle_data(self, data: str) -> None:
        self.said += WORD.findall(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in SPOKEN:
                self.said += WORD.findall(value or "")


def bare_words(source: str) -> list[str]:
    """The words of a template that no catalogue knows: what stands outside of its expressions."""
    reader = _Speaking()
    html = "".join(value for _, kind, value in Environment().lex(source) if kind == "data")
    reader.feed(html)
    reader.close()
    return reader.said


@pytest.mark.parametrize("template", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: path.name)
def test_a_template_says_nothing_past_the_catalogues(template: Path) -> None:
    assert bare_words(template.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "source",
    [
        "<p>Hallo</p>",
        '<img alt="Bild">',
        "{% if x %}Grüße{% endif %}",
        '<a aria-label="{{ x }} lesen">{{ _("y") }}</a>',
    ],
)
def test_the_rule_sees_what_is_bare(source: str) -> None:
    assert bare_words(source)
