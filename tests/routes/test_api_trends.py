"""What is talked about. https://docs.joinmastodon.org/methods/trends/ and https://docs.joinmastodon.org/methods/timelines/#link"""

from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from sqlalchemy import update

from activitypub.models import Actor, Status, StatusHashtag, first_id_at
from activitypub.unit import Unit
from fediverse_kommune.models import PreviewCard
from fediverse_kommune.services.trends import listen
from tests.client import anonymous, app_of, statements
from tests.fediverse import Remote
from tests.routes.test_previews import serve
from tests.town import Town


async def test_hashtags_that_several_people_use(stadt: Town) -> None:
    anna, bert, carla = [await app_of(stadt, name) for name in ("anna", "bert", "carla")]
    for _ in range(3):
        await anna.write("#Alleine")
    for client in (anna, bert, carla, carla):
        await client.write("#Straßenfest")
    for client in (anna, bert):
        await client.write("#Markt")
        await client.write("#leise", visibility="private")
        await client.write("#hier", local_only=True)
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    for path in ("/api/v1/trends/tags", "/api/v1/trends"):
        found = await anonymous(stadt).get(path)
        assert [tag["name"] for tag in found] == ["Straßenfest", "Markt"]
        assert len(found[0]["history"]) == 7
        assert found[0]["history"][0] == {"day": str(int(today.timestamp())), "accounts": "3", "uses": "4"}
        assert found[0]["history"][1]["uses"] == "0"
    await anna.post("/api/v1/tags/markt/follow")
    assert [tag["following"] for tag in await anna.get("/api/v1/trends/tags")] == [False, True]


async def test_parts_of_the_list(stadt: Town) -> None:
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert")
    for client in (anna, bert):
        await client.write("#a #b #c")
    first = await anna.ask("GET", "/api/v1/trends/tags?limit=2")
    assert [tag["name"] for tag in first.json] == ["a", "b"]
    second = await anna.ask("GET", str(first.link("next")))
    assert [tag["name"] for tag in second.json] == ["c"]
    assert (second.link("next"), second.link("prev")) == (None, "/api/v1/trends/tags?limit=2&offset=0")
    assert await anna.get("/api/v1/trends/tags?offset=9") == []
    assert (await anna.ask("GET", "/api/v1/trends/tags?limit=x")).status == 422


async def test_posts_that_people_like_by_authors_who_want_to_be_found(stadt: Town) -> None:
    anna, bert, shy = [await app_of(stadt, name) for name in ("anna", "bert", "shy")]
    await shy.patch("/api/v1/accounts/update_credentials", data={"discoverable": "0"})
    liked, passed = await anna.write("gut"), await anna.write("besser")
    hidden = [
        await shy.write("scheu"),
        await anna.write("heikel", sensitive=True),
        await anna.write("Warnung", spoiler_text="Vorsicht"),
        await anna.write("leise", visibility="unlisted"),
    ]
    await anna.write("egal")
    for status in (liked, passed, *hidden):
        await bert.post(f"/api/v1/statuses/{status['id']}/favourite")
    await bert.post(f"/api/v1/statuses/{passed['id']}/reblog")
    found = await anonymous(stadt).get("/api/v1/trends/statuses")
    assert [status["id"] for status in found] == [passed["id"], liked["id"]]
    assert (await bert.get("/api/v1/trends/statuses"))[0]["favourited"] is True
    await anna.delete(f"/api/v1/statuses/{passed['id']}")
    assert [status["id"] for status in await bert.get("/api/v1/trends/statuses")] == [liked["id"]]


async def test_pages_that_several_people_link_to(stadt: Town, nachbar: Remote) -> None:
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert")
    url, lonely = serve(nachbar, "/fest", "<title>Fest</title>"), serve(nachbar, "/allein", "<title>Allein</title>")
    first, second = await anna.write(f"Seht: {url}"), await bert.write(url)
    hidden = await bert.write(f"leise {url}", visibility="private")
    await anna.write(lonely)
    await stadt.until(PreviewCard, PreviewCard.fetched_at.is_not(None), count=2)
    (trend,) = await anonymous(stadt).get("/api/v1/trends/links")
    assert (trend["url"], trend["title"], trend["history"][0]["accounts"]) == (url, "Fest", "2")
    path = f"/api/v1/timelines/link?url={quote(url)}"
    reply = await anonymous(stadt).ask("GET", path)
    assert [status["id"] for status in reply.json] == [second["id"], first["id"]]
    assert hidden["id"] not in reply.text
    assert [
        status["id"] for status in await anna.get(str((await anna.ask("GET", f"{path}&limit=1")).link("next")))
    ] == [first["id"]]


async def test_pages_that_nobody_knows_have_no_timeline(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    assert (await anna.ask("GET", "/api/v1/timelines/link?url=https://fremd.example/")).status == 404
    assert (await anna.ask("GET", "/api/v1/timelines/link")).status == 422


async def test_what_is_old_or_by_the_silenced_is_no_trend(stadt: Town) -> None:
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert")
    for client in (anna, bert):
        await client.write("#Markt")
    assert (await stadt.read(listen, datetime.now(UTC))).tags
    assert not (await stadt.read(listen, datetime.now(UTC) + timedelta(days=3))).tags

    def silence(unit: Unit) -> None:
        unit.execute(update(Actor).where(Actor.id == int(bert.id)).values(silenced_at=unit.now))

    await stadt.write(silence)
    assert not (await stadt.read(listen, datetime.now(UTC))).tags
    assert await stadt.count(StatusHashtag, StatusHashtag.status_id >= first_id_at(datetime.now(UTC))) == 0
    assert await stadt.count(Status) == 2


async def test_counting_costs_the_same_however_many_ask(stadt: Town) -> None:
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert")
    for client in (anna, bert):
        await client.write("#a #b #c #d")
    with statements(stadt) as seen:
        await anonymous(stadt).get("/api/v1/trends/tags")
    assert len(seen) <= 5
    with statements(stadt) as seen:
        for _ in range(3):
            await anonymous(stadt).get("/api/v1/trends/tags")
    assert seen == []
