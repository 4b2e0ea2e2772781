"""D08: pages and their pictures are looked at through the one guard: nothing inside is reached by a link in a post."""

from aiohttp import web
from sqlalchemy import select, update

from activitypub.unit import Unit
from fediverse_kommune.models import LinkCheck, PreviewCard
from tests.client import app_of
from tests.fediverse import Remote, redirect
from tests.loopback import watched_connections
from tests.security.attack import follower_of, serves
from tests.town import Town

LINKS = ["http://a.inside.test/", "http://10.1.2.3/", "http://[::ffff:10.1.2.3]/", "file:///etc/passwd"]
INSIDE = "http://a.inside.test/x"


async def test_links_in_posts_do_not_lead_inside(stadt: Town, nachbar: Remote, boese: Remote) -> None:
    mallory = boese.person("mallory")
    resident = await follower_of(stadt, mallory)
    berta = await app_of(stadt, "berta")
    with watched_connections() as connections:
        for link in LINKS:
            note = mallory.note(f'<a href="{link}">x</a>', cc=[resident.uri])
            await stadt.accept(mallory, mallory.create(note))
            await berta.write(link)
        await read_out(stadt)
        await stadt.rest()
    assert {address[0] for address in connections} <= {"127.0.0.1"}
    assert await stadt.count(PreviewCard, PreviewCard.fetched_at.is_not(None)) == 0
    await serves(stadt, nachbar)


async def test_links_that_are_for_few_are_not_looked_at(stadt: Town, nachbar: Remote, boese: Remote) -> None:
    """What stands in a direct post may be a key, such as a link that works once; and who looked would be seen."""
    mallory = boese.person("mallory")
    resident = await follower_of(stadt, mallory)
    berta = await app_of(stadt, "berta")
    link = f'<p><a href="{boese.origin}/einmal">x</a></p>'
    await stadt.accept(mallory, mallory.create(mallory.note(link, to=[resident.uri], cc=[])))
    await berta.write(f"@anna {boese.origin}/einmal", visibility="direct")
    await read_out(stadt)
    assert "/einmal" not in boese.requested
    assert await stadt.count(PreviewCard) == 0
    await serves(stadt, nachbar)


async def test_pages_do_not_lead_inside(stadt: Town, nachbar: Remote, boese: Remote) -> None:
    """Not by a redirect, nor by the picture they name, the redirect of that, or their author."""
    berta = await app_of(stadt, "berta")
    head = "<title>{}</title><meta property='og:image' content='{}'><meta name='fediverse:creator' content='a@{}'>"
    boese.documents["/weiter"] = redirect(INSIDE)
    boese.documents["/bild.png"] = redirect(INSIDE)
    for name, image in (("direkt", INSIDE), ("umgeleitet", f"{boese.origin}/bild.png")):
        html = head.format(name, image, "a.inside.test")
        boese.documents[f"/{name}"] = lambda html=html: web.Response(text=html, content_type="text/html")
    with watched_connections() as connections:
        for path in ("/weiter", "/direkt", "/umgeleitet"):
            await berta.write(boese.origin + path)
        await read_out(stadt)
    assert {address[0] for address in connections} <= {"127.0.0.1"}
    cards = await stadt.read(
        lambda session: sorted(
            (card.title, card.image_key, card.author_id)
            for card in session.scalars(select(PreviewCard).where(PreviewCard.fetched_at.is_not(None)))
        )
    )
    assert cards == [("direkt", None, None), ("umgeleitet", None, None)]
    await serves(stadt, nachbar)


async def test_fields_of_profiles_do_not_lead_inside(stadt: Town, nachbar: Remote, boese: Remote) -> None:
    """Not by themselves, nor by a redirect; and nobody can tell from the answer what is there (row D13)."""
    berta = await app_of(stadt, "berta")
    boese.documents["/weiter"] = redirect(INSIDE)
    values = [LINKS[0], LINKS[1], LINKS[2], f"{boese.origin}/weiter"]
    fields = [{"name": "Seite", "value": value} for value in values]
    with watched_connections() as connections:
        await berta.patch("/api/v1/accounts/update_credentials", json={"fields_attributes": fields})
        await stadt.until(LinkCheck, LinkCheck.checked_at.is_not(None), seconds=40)
    assert {address[0] for address in connections} <= {"127.0.0.1"}
    account = await berta.get("/api/v1/accounts/verify_credentials")
    assert [field["verified_at"] for field in account["fields"]] == [None] * 4
    await serves(stadt, nachbar)


async def read_out(stadt: Town) -> None:
    """Have all pages read now, and wait until they are."""

    def hurry(unit: Unit) -> None:
        unit.execute(update(PreviewCard).where(PreviewCard.due_at.is_not(None)).values(due_at=unit.now))

    await stadt.write(hurry)
    await stadt.until(PreviewCard, PreviewCard.due_at.is_not(None), count=0, seconds=40)


async def test_no_route_takes_the_address_of_a_page(stadt: Town, nachbar: Remote) -> None:
    """Every GET route, asked with an address in each parameter that proxies and previews are known to take."""
    names = ("url", "uri", "href", "src", "target", "proxy", "image", "file_type", "q", "resource", "id", "domain")
    query = "&".join(f"{name}=http://a.inside.test/x" for name in names)
    rules = [rule for rule in stadt.app.url_map.iter_rules() if "GET" in (rule.methods or ()) and not rule.arguments]
    with watched_connections() as connections:
        for rule in rules:
            status, _ = await stadt.get(f"{rule.rule}?{query}", accept="*/*")
            assert status < 500, rule.rule
    assert {address[0] for address in connections} <= {"127.0.0.1"}
    assert "a.inside.test" not in stadt.looked_up
    await serves(stadt, nachbar)
