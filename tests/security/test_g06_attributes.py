"""G06: no text ends the attribute that it stands in, on any page."""

import re
from pathlib import Path

import pytest
from jinja2 import Environment, nodes
from jinja2.filters import FILTERS

from activitypub.models import Media, MediaState, Status, new_id
from activitypub.unit import Unit
from fediverse_kommune.app import template_folder
from fediverse_kommune.services.accounts import Field, ProfileForm, update_profile
from tests import acts
from tests.security.hostile_pages import trapped
from tests.town import Town

BREAKOUTS = [
    '"onmouseover="alert(1)',
    "'onmouseover='alert(1)",
    "`onmouseover=`alert(1)",
    '"><img src=x onerror=alert(1)>',
    '" \n\r\t onfocus=alert(1) autofocus x="',
    "&quot;onmouseover=&quot;alert(1)",
    '\u2028"onclick=alert(1)//\u2029',
    "{{ 7 * 7 }}{% raw %}",
    '\\"onclick=alert(1)',
    'x" style="position:fixed;inset:0',
]


async def test_g06_texts_stand_in_attributes_as_they_are(stadt: Town) -> None:
    anna = await stadt.resident("anna")

    def write(unit: Unit, text: str) -> Status:
        common = {"actor_id": anna.id, "state": MediaState.READY, "media_type": "image/png", "created_at": unit.now}
        media = Media(id=new_id(unit.now), storage_key="ab.png", description=text, **common)
        return acts.write(unit, anna, f"<p lang='{text}'>x</p>", media=[media], summary=text, title=text)

    async with trapped(stadt) as trap:
        for text in BREAKOUTS:
            post = await stadt.write(write, text)
            await trap.assert_harmless(f"/@anna/{post.id}")
            shown = await trap.page.locator("main img").get_attribute("alt")
            assert shown == text.replace("\r", "\n")
            described = await trap.page.locator('meta[property="og:description"]').get_attribute("content")
            assert described == " ".join(text.split())


async def test_g06_names_and_fields_stand_in_attributes_as_they_are(stadt: Town) -> None:
    anna = await stadt.resident("anna")
    async with trapped(stadt) as trap:
        for text in BREAKOUTS:
            form = ProfileForm(name=text, note=text, fields=[Field(text, f"https://nord.example/{text}")])
            await stadt.write(update_profile, anna.id, form)
            await trap.assert_harmless("/@anna")
            await trap.assert_harmless("/")


# ------------------------------------------------------------------------------------------ the templates

TEMPLATES = sorted(template_folder().rglob("*.html"))
LINKED_DATA = re.compile(r'<script type="application/ld\+json">\{\{ [\w.]+\|event_data\|tojson \}\}</script>')
UNQUOTED = re.compile(r"""<[^>"']*(?:"[^"]*"[^>"']*|'[^']*'[^>"']*)*=\s*\{\{""")


async def test_g06_everything_is_escaped_whatever_a_template_is_called(stadt: Town) -> None:
    assert stadt.app.jinja_env.autoescape is True


async def test_g06_what_search_engines_read_ends_no_script(stadt: Town) -> None:
    """Jinja's `tojson` writes what could end the element, or a comment in it, as numbers of characters."""
    tojson = stadt.app.jinja_env.filters["tojson"]
    written = str(stadt.app.jinja_env.call_filter("tojson", {"name": "</script><!-- & '"}))
    assert tojson is FILTERS["tojson"]
    assert not set(written) & set("<>&'")


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_g06_no_template_switches_escaping_off(path: Path) -> None:
    text = LINKED_DATA.sub("", path.read_text("utf-8"))
    tree = Environment(extensions=["jinja2.ext.i18n"]).parse(text)
    filters = {node.name for node in tree.find_all(nodes.Filter)}
    assert not filters & {"safe", "forceescape", "xmlattr", "tojson", "urlize"}
    names = {node.name for node in tree.find_all(nodes.Name)}
    assert "Markup" not in names
    assert not list(tree.find_all((nodes.EvalContextModifier, nodes.ScopedEvalContextModifier)))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_g06_no_template_fills_in_an_attribute_without_quotes(path: Path) -> None:
    assert UNQUOTED.search(path.read_text("utf-8")) is None


def test_g06_the_rules_see_what_they_forbid() -> None:
    assert UNQUOTED.search('<a class="x" href={{ y }}>')
    assert not UNQUOTED.search('<a class="x" href="{{ y }}">')
    tree = Environment(autoescape=True).parse("{% autoescape false %}{{ x|safe }}{% endautoescape %}")
    assert list(tree.find_all((nodes.EvalContextModifier, nodes.ScopedEvalContextModifier)))
