"""G04: there is no way to a page around the sanitiser: not for what people here write, not for translations."""

import ast
from pathlib import Path

from sqlalchemy import update

from activitypub.models import Status
from activitypub.sanitize import sanitize
from activitypub.unit import Unit
from fediverse_kommune.services import statuses
from fediverse_kommune.services.accounts import Field, ProfileForm, update_profile
from fediverse_kommune.services.statuses import StatusForm
from tests import acts
from tests.security.hostile_pages import VECTORS, printable, trapped
from tests.town import Town

ROOT = Path(__file__).parents[2]
PACKAGES = ("fediverse_kommune", "inbox", "outbox", "activitypub", "webfinger")


async def test_g04_what_people_here_type_stays_text(stadt: Town) -> None:
    anna = await stadt.resident("anna")
    typed = [printable(vector) for vector in VECTORS]

    def write(unit: Unit) -> None:
        for start in range(0, len(typed), 10):
            text = "\n\n".join(typed[start : start + 10]) + " #fest @anna"
            statuses.create_status(unit, anna, StatusForm(text=text, spoiler_text=typed[start]))
        fields = [Field(vector[:250], vector[:250]) for vector in typed[:8]]
        update_profile(unit, anna.id, ProfileForm(name=typed[0][:100], note="\n".join(typed)[:2_000], fields=fields))

    await stadt.write(write)
    async with trapped(stadt) as trap:
        await trap.assert_harmless("/@anna")
        await trap.assert_harmless("/tags/fest")


async def test_g04_a_translation_is_sanitised_like_its_original(stadt: Town) -> None:
    anna = await stadt.resident("anna")
    everything = printable("".join(VECTORS))
    post = await stadt.write(acts.write, anna, "<p>Guten Tag</p>", language="de")

    def translate(unit: Unit) -> None:
        unit.execute(update(Status).where(Status.id == post.id).values(content_map={"de": everything}))

    await stadt.write(translate)
    async with trapped(stadt) as trap:
        await trap.assert_harmless(f"/@anna/{post.id}")
        assert await trap.page.locator(".status-content").inner_html() != ""


def test_g04_only_the_sanitiser_says_that_html_is_safe() -> None:
    """`Markup` makes a text safe by saying so; nobody may. `SafeHTML.stored` is for what was sanitised before."""
    trusting = {}
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            names = {ast.unparse(node) for node in ast.walk(ast.parse(path.read_text("utf-8"))) if _trusts(node)}
            if names:
                trusting[path.relative_to(ROOT).as_posix()] = names
    assert trusting == {
        "activitypub/graph/actors.py": {"SafeHTML.stored"},
        "activitypub/graph/moderation.py": {"SafeHTML.stored"},
        "activitypub/models/actor.py": {"SafeHTML.stored"},
        "activitypub/models/base.py": {"SafeHTML.stored"},
        "activitypub/sanitize.py": {"SafeHTML.stored"},
    }


def _trusts(node: ast.AST) -> bool:
    match node:
        case ast.Name(id="Markup") | ast.Attribute(attr="Markup"):
            return True
        case ast.Attribute(value=ast.Name(id="SafeHTML"), attr="stored"):
            return True
        case ast.alias(name="markupsafe" | "Markup"):
            return True
    return False


def test_g04_a_text_that_joins_safe_html_is_safe_no_more() -> None:
    safe = sanitize("<p>x</p>")
    for text in (safe + "<script>", "<script>" + safe, safe[1:], safe.replace("x", "<script>"), f"{safe}"):
        assert not hasattr(text, "__html__")
