"""D08: nobody makes us look at a page: a link in a post is a link, and no second way leads around the one guard."""

from tests.client import app_of
from tests.fediverse import Remote
from tests.loopback import watched_connections
from tests.security.attack import follower_of, serves
from tests.town import Town

LINKS = ["http://a.inside.test/", "http://10.1.2.3/", "http://fremd.test/seite", "https://fremd.test/seite"]


async def test_links_in_posts_are_not_visited(stadt: Town, nachbar: Remote, boese: Remote) -> None:
    mallory = boese.person("mallory")
    resident = await follower_of(stadt, mallory)
    berta = await app_of(stadt, "berta")
    text = " ".join(f'<a href="{link}">x</a>' for link in LINKS)
    with watched_connections() as connections:
        await stadt.accept(mallory, mallory.create(mallory.note(text, cc=[resident.uri])))
        written = await berta.write(" ".join(LINKS))
        await berta.get(f"/api/v1/statuses/{written['id']}")
        await stadt.rest()
    assert {address[0] for address in connections} <= {"127.0.0.1"}
    assert not {"a.inside.test", "fremd.test"} & set(stadt.looked_up)
    await serves(stadt, nachbar)


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
