"""Finding what is here, and what is elsewhere. https://docs.joinmastodon.org/methods/search/"""

from activitypub.models import DomainBlock, Severity
from activitypub.unit import Unit
from tests.client import anonymous, app_of, officer_of
from tests.fediverse import Remote
from tests.town import Town

SEARCH = "/api/v2/search"


async def test_people_and_hashtags_by_their_beginning(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    await anna.write("#Annaberg")
    found = await anna.get(f"{SEARCH}?q=anna")
    assert [account["acct"] for account in found["accounts"]] == ["anna"]
    assert [tag["name"] for tag in found["hashtags"]] == ["anna", "Annaberg"]
    assert found["statuses"] == []
    assert (await anna.get(f"{SEARCH}?q=anna&type=accounts"))["hashtags"] == []
    assert (await anna.ask("GET", f"{SEARCH}?q=anna&type=groups")).status == 422
    assert (await anna.ask("GET", SEARCH)).status == 422


async def test_a_handle_elsewhere_is_found_with_resolve(stadt: Town, nachbar: Remote) -> None:
    anna = await app_of(stadt, "anna")
    emil = nachbar.person("emil")
    for query in (f"emil@{nachbar.domain}", f"@emil@{nachbar.domain}", emil.uri):
        found = await anna.get(f"{SEARCH}?resolve=true&q={query}")
        assert [account["uri"] for account in found["accounts"]] == [emil.uri]


async def test_a_post_elsewhere_is_found_by_its_address_with_resolve(stadt: Town, nachbar: Remote) -> None:
    anna = await app_of(stadt, "anna")
    note = nachbar.person("emil").note("<p>von <em>drüben</em></p>")
    assert (await anna.get(f"{SEARCH}?q={note['id']}"))["statuses"] == []
    found = await anna.get(f"{SEARCH}?q={note['id']}&resolve=true")
    assert [status["uri"] for status in found["statuses"]] == [note["id"]]
    assert found["statuses"][0]["account"]["acct"] == f"emil@{nachbar.domain}"
    assert (await anna.get(f"{SEARCH}?q={note['id']}&type=accounts"))["statuses"] == []


async def test_our_own_addresses_are_found_and_never_fetched(stadt: Town) -> None:
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert")
    status = await anna.write("leise", visibility="private")
    for url in (status["uri"], status["url"]):
        assert [one["id"] for one in (await anna.get(f"{SEARCH}?resolve=1&q={url}"))["statuses"]] == [status["id"]]
        assert (await bert.get(f"{SEARCH}?resolve=1&q={url}"))["statuses"] == []
    found = await bert.get(f"{SEARCH}?resolve=1&q={stadt.origin}/@anna")
    assert [account["id"] for account in found["accounts"]] == [anna.id]
    assert (await bert.get(f"{SEARCH}?resolve=1&q={stadt.origin}/users/niemand"))["accounts"] == []


async def test_a_domain_that_is_shut_out_is_not_asked(stadt: Town, nachbar: Remote) -> None:
    anna = await app_of(stadt, "anna")
    emil = nachbar.person("emil")

    def suspend(unit: Unit) -> None:
        unit.add(DomainBlock(domain="nachbar.test", severity=Severity.SUSPEND, created_at=unit.now))

    await stadt.write(suspend)
    stadt.app.server.blocks.forget()
    for query in (emil.uri, f"emil@{nachbar.domain}"):
        assert (await anna.get(f"{SEARCH}?resolve=1&q={query}"))["accounts"] == []
    assert nachbar.requested == []


async def test_visitors_search_here_only(stadt: Town, nachbar: Remote) -> None:
    await app_of(stadt, "anna")
    nobody = anonymous(stadt)
    assert len((await nobody.get(f"{SEARCH}?q=anna"))["accounts"]) == 1
    reply = await nobody.ask("GET", f"{SEARCH}?resolve=true&q=emil@{nachbar.domain}")
    assert reply.status == 422
    assert nachbar.requested == []


async def test_what_is_longer_than_any_name_finds_nobody(stadt: Town) -> None:
    """SQLite refuses patterns of 50,000 bytes, and that is no fault of the database."""
    vera, text = await officer_of(stadt, "vera"), "v" * 60_000
    assert await vera.get("/api/v1/accounts/search", json={"q": text}) == []
    assert await vera.get("/api/v1/peers/search", json={"q": text}) == []
    assert (await vera.get("/api/v2/search", json={"q": text}))["accounts"] == []
    for name in ("username", "display_name", "email"):
        assert await vera.get("/api/v1/admin/accounts", json={name: text}) == [], name


async def test_wildcards_and_operators_are_only_text(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    for query in ("%25", "_nna", "'", "a' OR '1'='1", "anna*", '"', "NEAR(a b)", "\\"):
        found = await anna.ask("GET", SEARCH, params={"q": query})
        assert found.status == 200
        assert found.json["accounts"] == []
