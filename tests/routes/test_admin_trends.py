"""Moderators decide what may be a trend, and how hashtags may be used. https://docs.joinmastodon.org/methods/admin/trends/"""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from activitypub.unit import Unit
from fediverse_kommune.models import AuditEntry, PreviewCard, TrendKind, TrendReview
from fediverse_kommune.services.trend_reviews import sweep
from tests.client import Client, anonymous, app_of, officer_of, statements
from tests.fediverse import Remote
from tests.routes.test_previews import serve
from tests.town import Town, town

TRENDS, TAGS = "/api/v1/admin/trends", "/api/v1/admin/tags"


@pytest.fixture
async def strict(database_url: str, tmp_path: Path) -> AsyncIterator[Town]:
    """A town in which nothing is a trend before a moderator has allowed it."""
    async with town(database_url, tmp_path, host="streng.test", review_trends=True) as running:
        yield running


async def talk(stadt: Town, nachbar: Remote) -> tuple[Client, dict[str, str]]:
    """Let two people talk of a hashtag, a page and a post; return a moderator and the ids that these have for her."""
    vera = await officer_of(stadt, "vera")
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert")
    url = serve(nachbar, "/fest", "<title>Fest</title>")
    posts = [await client.write(f"#Straßenfest {url}") for client in (anna, bert)]
    await bert.post(f"/api/v1/statuses/{posts[0]['id']}/favourite")
    await stadt.until(PreviewCard, PreviewCard.fetched_at.is_not(None))
    (card,) = await vera.get(f"{TRENDS}/links")
    return vera, {"tags": "straßenfest", "links": card["id"], "statuses": posts[0]["id"]}


async def seen(stadt: Town) -> dict[str, int]:
    """Return how many trends of each kind everybody sees."""
    client = anonymous(stadt)
    return {kind: len(await client.get(f"/api/v1/trends/{kind}")) for kind in ("tags", "links", "statuses")}


ALL = {"tags": 1, "links": 1, "statuses": 1}


@pytest.mark.parametrize("kind", ["tags", "links", "statuses"])
async def test_what_is_taken_out_is_no_trend_and_can_come_back(stadt: Town, nachbar: Remote, kind: str) -> None:
    vera, ids = await talk(stadt, nachbar)
    assert await seen(stadt) == ALL
    rejected = await vera.post(f"{TRENDS}/{kind}/{ids[kind]}/reject")
    assert await seen(stadt) == ALL | {kind: 0}
    assert rejected["requires_review"] is False
    (shown,) = await vera.get(f"{TRENDS}/{kind}")
    assert shown == rejected, "moderators go on seeing it"
    approved = await vera.post(f"{TRENDS}/{kind}/{ids[kind]}/approve")
    assert await seen(stadt) == ALL
    if kind == "tags":
        assert (rejected["trendable"], approved["trendable"]) == (False, True)
    assert await stadt.count(TrendReview) == 1


@pytest.mark.parametrize("kind", ["tags", "links", "statuses"])
async def test_where_trends_are_reviewed_nothing_is_one_before(strict: Town, nachbar: Remote, kind: str) -> None:
    vera, ids = await talk(strict, nachbar)
    nothing = dict.fromkeys(ALL, 0)
    assert await seen(strict) == nothing
    (shown,) = await vera.get(f"{TRENDS}/{kind}")
    assert shown["requires_review"] is True
    approved = await vera.post(f"{TRENDS}/{kind}/{ids[kind]}/approve")
    assert approved["requires_review"] is False
    assert await seen(strict) == nothing | {kind: 1}
    await vera.post(f"{TRENDS}/{kind}/{ids[kind]}/reject")
    assert await seen(strict) == nothing


async def test_a_site_speaks_for_its_pages_unless_one_was_decided_about(strict: Town, nachbar: Remote) -> None:
    vera, ids = await talk(strict, nachbar)
    (publisher,) = await vera.get(f"{TRENDS}/links/publishers")
    assert publisher == {
        "id": nachbar.domain,
        "domain": nachbar.domain,
        "trendable": None,
        "reviewed_at": None,
        "requested_review_at": None,
        "requires_review": True,
    }
    allowed = await vera.post(f"{TRENDS}/links/publishers/{publisher['id']}/approve")
    assert allowed == publisher | {
        "trendable": True,
        "requires_review": False,
        "reviewed_at": allowed["reviewed_at"],
    }
    assert allowed["reviewed_at"] is not None
    assert (await seen(strict))["links"] == 1
    assert (await vera.get(f"{TRENDS}/links"))[0]["requires_review"] is False
    await vera.post(f"{TRENDS}/links/{ids['links']}/reject")
    assert (await seen(strict))["links"] == 0
    await vera.post(f"{TRENDS}/links/{ids['links']}/approve")
    await vera.post(f"{TRENDS}/links/publishers/{publisher['id']}/reject")
    assert (await seen(strict))["links"] == 1
    assert (await vera.get(f"{TRENDS}/links/publishers"))[0]["trendable"] is False


async def test_a_page_that_names_no_site_is_listed_without_one(stadt: Town, nachbar: Remote) -> None:
    vera, ids = await talk(stadt, nachbar)

    def nameless(unit: Unit) -> None:
        unit.execute(update(PreviewCard).values(provider_url=""))

    await stadt.write(nameless)
    assert await vera.get(f"{TRENDS}/links/publishers") == []
    assert [link["id"] for link in await vera.get(f"{TRENDS}/links")] == [ids["links"]]


async def test_entities_whole(stadt: Town, nachbar: Remote) -> None:
    vera, ids = await talk(stadt, nachbar)
    client = anonymous(stadt)
    (tag,) = await client.get("/api/v1/trends/tags")
    expected = tag | {"trendable": True, "usable": True, "listable": True, "requires_review": False}
    assert await vera.get(f"{TRENDS}/tags") == [expected]
    assert await vera.get(f"{TAGS}/straßenfest") == expected
    (link,) = await client.get("/api/v1/trends/links")
    assert await vera.get(f"{TRENDS}/links") == [{"id": ids["links"], **link, "requires_review": False}]
    (status,) = await vera.get("/api/v1/trends/statuses")
    assert await vera.get(f"{TRENDS}/statuses") == [status | {"requires_review": False}]


async def test_a_hashtag_is_changed(stadt: Town) -> None:
    vera, anna = await officer_of(stadt, "vera"), await app_of(stadt, "anna")
    before = await anna.write("#fußballfest #markt")
    said = {"usable": False, "listable": False, "trendable": False}
    changed = await vera.put(f"{TAGS}/fußballfest", json={"display_name": "FußballFest", **said})
    wanted = {"name": "FußballFest", **said}
    assert {name: changed[name] for name in wanted} == wanted
    assert await vera.get(f"{TAGS}/fußballfest") == changed
    assert (await anonymous(stadt).get("/api/v1/tags/fußballfest"))["name"] == "FußballFest"

    post = await anna.write("#Fußballfest und #markt")
    assert [tag["name"] for tag in post["tags"]] == ["markt"]
    assert "#Fußballfest und <a" in post["content"]
    assert [tag["name"] for tag in before["tags"]] == ["fußballfest", "markt"]
    found = await anna.get("/api/v2/search?q=fußball&type=hashtags")
    assert [tag["name"] for tag in found["hashtags"]] == ["fußball"]

    again = await vera.put(f"{TAGS}/fußballfest", json={"usable": True})
    assert again == changed | {"usable": True}
    post = await anna.write("#Fußballfest")
    assert [tag["name"] for tag in post["tags"]] == ["Fußballfest"]
    await vera.put(f"{TAGS}/fußballfest", json={"listable": True})
    found = await anna.get("/api/v2/search?q=fußball&type=hashtags")
    assert len(found["hashtags"]) == 2


async def test_a_hashtag_that_may_be_no_trend(stadt: Town, nachbar: Remote) -> None:
    vera, _ = await talk(stadt, nachbar)
    await vera.put(f"{TAGS}/straßenfest", json={"trendable": False})
    assert (await seen(stadt))["tags"] == 0
    await vera.put(f"{TAGS}/straßenfest", json={"display_name": "StraßenFest", "trendable": True})
    (tag,) = await anonymous(stadt).get("/api/v1/trends/tags")
    assert tag["name"] == "StraßenFest"


async def test_what_cannot_be_decided(stadt: Town, nachbar: Remote, subtests: pytest.Subtests) -> None:
    vera, _ = await talk(stadt, nachbar)
    anna = await app_of(stadt, "anna")
    hidden = await anna.write("Nur für wenige", visibility="private")
    for kind, name, status in [
        ("tags", "1", 404),
        ("tags", "a b", 404),
        ("links", "1", 404),
        ("links/publishers", "nirgends.example", 404),
        ("statuses", "1", 404),
        ("statuses", hidden["id"], 404),
    ]:
        for verb in ("approve", "reject"):
            with subtests.test(kind=kind, name=name, verb=verb):
                assert (await vera.ask("POST", f"{TRENDS}/{kind}/{name}/{verb}")).status == status
    for body in ({"display_name": "Wochenmarkt"}, {"display_name": "#"}, {"usable": "vielleicht"}):
        with subtests.test(body=body):
            assert (await vera.ask("PUT", f"{TAGS}/straßenfest", json=body)).status == 422
    assert (await vera.ask("PUT", f"{TAGS}/1", json={"usable": False})).status == 404
    assert await seen(stadt) == ALL
    assert await stadt.count(AuditEntry) == 0


async def test_each_decision_stands_in_the_log(stadt: Town, nachbar: Remote) -> None:
    vera, ids = await talk(stadt, nachbar)
    for path in (f"tags/{ids['tags']}", f"links/{ids['links']}", f"links/publishers/{nachbar.domain}"):
        await vera.post(f"{TRENDS}/{path}/reject")
    await vera.post(f"{TRENDS}/statuses/{ids['statuses']}/approve")
    await vera.put(f"{TAGS}/straßenfest", json={"usable": False})
    rows = await stadt.read(lambda session: session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all())
    assert [(row.action, row.target, dict(row.details)) for row in rows] == [
        ("trend.reject", "#Straßenfest", {"kind": "tag"}),
        ("trend.reject", f"{nachbar.origin}/fest", {"kind": "link"}),
        ("trend.reject", nachbar.domain, {"kind": "publisher"}),
        ("trend.approve", rows[3].target, {"kind": "status"}),
        ("tag.update", "#Straßenfest", {"usable": False}),
    ]
    assert rows[3].target.endswith(ids["statuses"])


async def test_all_hashtags_are_listed_in_parts(stadt: Town) -> None:
    vera, anna = await officer_of(stadt, "vera"), await app_of(stadt, "anna")
    for text in ("#eins", "#zwei #drei", "#vier"):
        await anna.write(text)
    await anna.write("@vera #geheim", visibility="direct")
    await anna.write("#eins")
    first = await vera.ask("GET", f"{TAGS}?limit=2")
    assert [tag["name"] for tag in first.json] == ["eins", "vier"]
    assert {"usable", "trendable", "listable", "requires_review"} <= first.json[0].keys()
    second = await vera.ask("GET", str(first.link("next")))
    assert [tag["name"] for tag in second.json] == ["drei", "zwei"]
    assert (second.link("next"), second.link("prev")) == (None, f"{TAGS}?limit=2&offset=0")


async def test_lists_cost_as_many_statements_however_long(stadt: Town, nachbar: Remote) -> None:
    vera, _ = await talk(stadt, nachbar)
    paths = [f"{TRENDS}/tags", f"{TRENDS}/links", f"{TRENDS}/statuses", f"{TRENDS}/links/publishers", TAGS]

    async def costs() -> list[int]:
        found = []
        for path in paths:
            stadt.app.server.trends.forget()
            with statements(stadt) as asked:
                await vera.get(path)
            found.append(len(asked))
        return found

    few = await costs()
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert")
    for number in range(4):
        url = serve(nachbar, f"/fest{number}", "<title>Fest</title>")
        post = await anna.write(f"#Fest{number} {url}")
        await bert.write(f"#Fest{number} {url}")
        await bert.post(f"/api/v1/statuses/{post['id']}/favourite")
    await stadt.until(PreviewCard, PreviewCard.fetched_at.is_not(None), count=5)
    many = await costs()
    # Tokens are looked up once in some seconds, so any request may cost one more.
    assert all(after <= before + 1 for before, after in zip(few, many, strict=True)), (few, many)


async def test_decisions_about_what_is_no_news_any_more_are_forgotten(stadt: Town, nachbar: Remote) -> None:
    vera, ids = await talk(stadt, nachbar)
    for path in (f"tags/{ids['tags']}", f"links/{ids['links']}", f"links/publishers/{nachbar.domain}"):
        await vera.post(f"{TRENDS}/{path}/reject")
    await vera.post(f"{TRENDS}/statuses/{ids['statuses']}/reject")
    await stadt.write(sweep)
    assert await stadt.count(TrendReview) == 4

    def age(unit: Unit) -> None:
        unit.execute(update(TrendReview).values(reviewed_at=unit.now - timedelta(days=181)))

    await stadt.write(age)
    await stadt.write(sweep)
    kept = await stadt.read(lambda session: session.scalars(select(TrendReview.kind).order_by(TrendReview.kind)).all())
    assert kept == [TrendKind.PUBLISHER, TrendKind.TAG]
