"""G01: whatever strangers write, and wherever it is shown, no script runs, and only what posts may have appears."""

import msgspec
from msgspec.structs import replace
from sqlalchemy import update

from activitypub.models import Actor, Media, MediaState, new_id
from activitypub.sanitize import sanitize
from activitypub.unit import Unit
from tests import acts
from tests.security.hostile_pages import VECTORS, post_all, printable, trapped
from tests.town import Town

PER_PAGE = 20


async def test_g01_the_trap_catches_what_is_not_sanitised(stadt: Town) -> None:
    """The control: the same browser runs the same texts when nobody cleans them."""
    async with trapped(stadt) as trap:
        await trap.page.goto(f"{stadt.origin}/about")
        for vector in VECTORS:
            await trap.page.evaluate(
                "html => { document.createElement('div'); document.body.innerHTML = html }", vector
            )
        await trap.page.wait_for_function("(top.executions ?? []).length > 20")
        assert len(trap.strayed) > 0


async def test_g01_no_post_runs_a_script(stadt: Town) -> None:
    anna = await stadt.resident("anna")
    await post_all(stadt, anna, VECTORS)
    async with trapped(stadt) as trap:
        path, pages = "/@anna", 0
        while path:
            await trap.assert_harmless(path)
            pages += 1
            older = trap.page.locator(".pages a[rel=next]")
            path = "/@anna" + str(await older.get_attribute("href")) if await older.count() else ""
        assert pages == -(-len(VECTORS) // PER_PAGE)


async def test_g01_no_title_warning_name_or_description_becomes_html(stadt: Town) -> None:
    """Texts that are no HTML are stored raw here: what protects the page is the template alone."""
    anna = await stadt.resident("anna")
    everything = printable("\n".join(VECTORS))

    def deface(unit: Unit) -> str:
        fields = [
            {"name": printable(vector), "value": printable(vector), "source": printable(vector)} for vector in VECTORS
        ]
        values = {"name": everything[:1_000], "summary": sanitize(everything), "fields": fields, "emojis": EMOJIS}
        unit.execute(update(Actor).where(Actor.id == anna.id).values(**values))
        author = unit.get_one(Actor, anna.id)
        media = [
            Media(
                id=new_id(unit.now),
                actor_id=anna.id,
                state=MediaState.READY,
                storage_key=key,
                remote_url=None if key else "https://nord.example/x.png",
                media_type=kind,
                description=everything[:5_000],
                created_at=unit.now,
            )
            for key, kind in (("ab.png", "image/png"), ("ab.mp4", "video/mp4"), ("ab.ogg", "audio/ogg"), (None, "x/y"))
        ]
        status = acts.write(
            unit,
            author,
            "<p>:schlecht:</p>",
            title=everything[:2_000],
            summary=everything[:2_000],
            media=media,
            language='de" onclick="alert(1)',
            emojis=EMOJIS,
            hashtags={"x": "<script>alert(1)</script>"},
        )
        return f"/@anna/{status.id}"

    path = await stadt.write(deface)
    async with trapped(stadt) as trap:
        for address in ("/", "/@anna", path, "/about"):
            await trap.assert_harmless(address)


async def test_g01_no_text_about_the_instance_becomes_html(stadt: Town) -> None:
    everything = printable("\n".join(VECTORS))
    environment = stadt.app.jinja_env
    about = environment.globals["about_instance"]
    environment.globals["about_instance"] = msgspec.structs.replace(
        about, description=everything, contact_email='"><script>alert(1)</script>@x'
    )
    environment.globals["instance"] = replace(stadt.app.server.instance, name=everything)
    async with trapped(stadt) as trap:
        for address in ("/", "/about", "/login", "/nichts", "/tags/%3Cscript%3Ealert(1)%3C", "/authorize_interaction"):
            await trap.assert_harmless(address)


async def test_g01_no_address_becomes_html(stadt: Town) -> None:
    async with trapped(stadt) as trap:
        for address in (
            "/%22%3E%3Cscript%3Ealert(1)%3C/script%3E",
            "/?lang=%22%3E%3Cscript%3Ealert(1)%3C/script%3E&x=%22%3E%3Cimg%20src=x%20onerror=alert(1)%3E",
            "/about?%22%3E%3Csvg%20onload=alert(1)%3E=1",
            "/authorize_interaction?uri=%22%3E%3Cscript%3Ealert(1)%3C/script%3E",
            "/authorize_interaction?uri=javascript:alert(1)",
            "/login?next=javascript:alert(1)",
            "/@%3Cscript%3E@boese.test",
            "/tags/%22onclick=alert(1)",
        ):
            await trap.assert_harmless(address)


EMOJIS = [{"shortcode": 'x" onerror="alert(1)', "url": "javascript:alert(1)"}, {"shortcode": "schlecht", "url": "x"}]
