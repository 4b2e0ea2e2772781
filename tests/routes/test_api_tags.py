"""Hashtags that are followed and shown. https://docs.joinmastodon.org/methods/tags/ and …/featured_tags/"""

from typing import Any

import pytest

from activitypub.models import Actor, FeaturedTag
from activitypub.unit import Unit
from fediverse_kommune.models import FeedEntry
from tests.client import anonymous, app_of
from tests.fediverse import Remote
from tests.town import Town

HOME = "/api/v1/timelines/home"


def ids(items: list[dict[str, Any]]) -> list[str]:
    return [item["id"] for item in items]


async def test_a_hashtag_with_its_week_and_what_one_does_with_it(stadt: Town) -> None:
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert")
    for who in (anna, anna, bert):
        await who.write("#Straßenfest")
    await bert.write("#strassenfest", visibility="unlisted")
    tag = await anna.get("/api/v1/tags/STRASSENFEST")
    assert (tag["id"], tag["name"], len(tag["history"])) == ("strassenfest", "strassenfest", 7)
    assert (tag["history"][0]["uses"], tag["history"][0]["accounts"]) == ("3", "2")
    assert {day["uses"] for day in tag["history"][1:]} == {"0"}
    assert (tag["following"], tag["featuring"]) == (False, False)
    assert (await anonymous(stadt).get("/api/v1/tags/niegehört"))["name"] == "niegehört"
    for name in ("%23", "a%20b", "%27--"):
        assert (await anna.ask("GET", f"/api/v1/tags/{name}")).status == 404
        assert (await anna.ask("POST", f"/api/v1/tags/{name}/follow")).status == 404


async def test_following_a_hashtag_brings_public_posts_home_once(stadt: Town) -> None:
    anna, bert, carla = [await app_of(stadt, name) for name in ("anna", "bert", "carla")]
    await anna.follow(bert)
    for name in ("Fest", "markt"):
        assert (await anna.post(f"/api/v1/tags/{name}/follow"))["following"] is True
    assert (await anna.post("/api/v1/tags/FEST/follow"))["following"] is True, "a second time does no harm"
    mine, his = await anna.write("#fest"), await bert.write("#fest #markt")
    hers = await carla.write("#FEST #Markt")
    await carla.write("#fest", visibility="unlisted")
    await carla.write("#fest", visibility="private")
    await carla.write("#anderes")
    answer = await carla.write("#markt", in_reply_to_id=hers["id"])
    assert ids(await anna.get(HOME)) == [answer["id"], hers["id"], his["id"], mine["id"]]
    assert [tag["name"] for tag in await anna.get("/api/v1/followed_tags")] == ["markt", "Fest"]
    assert await bert.get("/api/v1/followed_tags") == []
    assert (await anna.post("/api/v1/tags/markt/unfollow"))["following"] is False
    assert ids(await anna.get(HOME)) == [hers["id"], his["id"], mine["id"]], "what #fest brings as well stays"
    await anna.post("/api/v1/tags/fest/unfollow")
    assert ids(await anna.get(HOME)) == [his["id"], mine["id"]]
    await anna.post("/api/v1/tags/fest/unfollow")
    await carla.write("#fest")
    assert await stadt.count(FeedEntry, FeedEntry.actor_id == int(anna.id)) == 2


async def test_a_followed_hashtag_brings_nobody_whom_one_does_not_want_to_see(stadt: Town) -> None:
    anna, bert, carla = [await app_of(stadt, name) for name in ("anna", "bert", "carla")]
    await anna.post("/api/v1/tags/fest/follow")
    await anna.post(f"/api/v1/accounts/{bert.id}/mute")
    await carla.post(f"/api/v1/accounts/{anna.id}/block")
    dora = await app_of(stadt, "dora")

    def silence(unit: Unit) -> None:
        unit.get_one(Actor, int(dora.id)).silenced_at = unit.now

    await stadt.write(silence)
    for who in (bert, carla, dora):
        await who.write("#fest")
    assert await anna.get(HOME) == []


async def test_hashtags_on_a_profile(stadt: Town) -> None:
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert")
    await anna.write("#Garten #Chor")
    await anna.write("#garten", visibility="private")
    suggested = await anna.get("/api/v1/featured_tags/suggestions")
    assert [tag["id"] for tag in suggested] == ["chor", "garten"]
    row = await anna.post("/api/v1/featured_tags", data={"name": "Garten"})
    assert (row["name"], row["statuses_count"], row["url"]) == ("Garten", "1", f"{stadt.origin}/tags/garten")
    assert row["last_status_at"] == suggested[0]["history"][0]["day"] or len(row["last_status_at"]) == 10
    assert await anna.post("/api/v1/featured_tags", json={"name": "garten"}) == row
    assert (await anna.post("/api/v1/tags/leer/feature"))["featuring"] is True
    shown = await anonymous(stadt).get(f"/api/v1/accounts/{anna.id}/featured_tags")
    assert shown == await anna.get("/api/v1/featured_tags")
    assert [(tag["name"], tag["statuses_count"]) for tag in shown] == [("Garten", "1"), ("leer", "0")]
    assert shown[1]["last_status_at"] is None
    assert [tag["id"] for tag in await anna.get("/api/v1/featured_tags/suggestions")] == ["chor"]
    assert (await bert.ask("DELETE", f"/api/v1/featured_tags/{row['id']}")).status == 404
    assert await anna.delete(f"/api/v1/featured_tags/{row['id']}") == {}
    assert (await anna.post("/api/v1/tags/leer/unfeature"))["featuring"] is False
    assert (await anna.post("/api/v1/tags/leer/unfeature"))["featuring"] is False
    assert await anna.get("/api/v1/featured_tags") == []
    assert (await anna.ask("GET", "/api/v1/accounts/9/featured_tags")).status == 404


async def test_what_is_no_hashtag_cannot_be_shown(stadt: Town, subtests: pytest.Subtests) -> None:
    anna = await app_of(stadt, "anna")
    for name in ["", "zwei worte", "#", "x" * 300]:
        with subtests.test(name=name):
            assert (await anna.ask("POST", "/api/v1/featured_tags", json={"name": name})).status == 422


async def test_a_profile_shows_ten_hashtags(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    for number in range(10):
        await anna.post("/api/v1/featured_tags", json={"name": f"tag{number}"})
    assert (await anna.ask("POST", "/api/v1/featured_tags", json={"name": "tag10"})).status == 422
    assert (await anna.ask("POST", "/api/v1/tags/tag10/feature")).status == 422


async def test_others_are_told_and_can_read_it(stadt: Town, nachbar: Remote) -> None:
    anna, emil = await app_of(stadt, "anna"), nachbar.person("emil")
    await stadt.accept(emil, emil.activity("Follow", f"{stadt.origin}/users/anna"))
    row = await anna.post("/api/v1/featured_tags", json={"name": "Garten"})
    hashtag = {"type": "Hashtag", "href": f"{stadt.origin}/tags/garten", "name": "#Garten"}
    (added,) = await nachbar.until_received("Add")
    assert (added.activity["object"], added.activity["target"]) == (hashtag, f"{stadt.origin}/users/anna/featured")
    _, actor = await stadt.get("/users/anna")
    status, document = await stadt.get(actor["featuredTags"].removeprefix(stadt.origin))
    assert (status, document["totalItems"], document["orderedItems"]) == (200, 1, [hashtag])
    assert (await stadt.get("/users/niemand/featured_tags"))[0] == 404
    await anna.delete(f"/api/v1/featured_tags/{row['id']}")
    (removed,) = await nachbar.until_received("Remove")
    assert removed.activity["object"] == hashtag


async def test_what_others_show_is_kept_if_they_say_it_of_themselves(stadt: Town, nachbar: Remote) -> None:
    anna, emil = await app_of(stadt, "anna"), nachbar.person("emil")
    known = await stadt.meet(emil)
    hashtag = {"type": "Hashtag", "href": f"{nachbar.origin}/tags/boot", "name": "#Boot"}
    path = f"/api/v1/accounts/{known.id}/featured_tags"
    other = nachbar.person("frieda")
    for target in (f"{other.uri}/featured", f"{emil.uri}/followers"):
        await stadt.accept(emil, emil.activity("Add", hashtag, target=target))
    await stadt.accept(emil, emil.activity("Add", {**hashtag, "name": "#"}, target=f"{emil.uri}/featured"))
    assert await anna.get(path) == []
    for _ in range(2):
        await stadt.accept(emil, emil.activity("Add", hashtag, target=f"{emil.uri}/featured"))
    assert [tag["name"] for tag in await anna.get(path)] == ["Boot"]
    await stadt.accept(emil, emil.activity("Remove", hashtag, target=f"{emil.uri}/featured"))
    assert await anna.get(path) == []
    for number in range(12):
        many = {**hashtag, "name": f"#n{number}"}
        await stadt.accept(emil, emil.activity("Add", many, target=f"{emil.uri}/featured"))
    assert await stadt.count(FeaturedTag) == 10
