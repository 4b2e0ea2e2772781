"""Whom one shows, may like to follow, finds. https://docs.joinmastodon.org/methods/endorsements/, …/suggestions/"""

from typing import Any

from activitypub.models import Actor, DomainBlock, Endorsement, Severity
from activitypub.unit import Unit
from tests.client import Client, anonymous, app_of
from tests.fediverse import Remote
from tests.town import Town


def names(accounts: list[dict[str, Any]]) -> list[str]:
    return [account["acct"] for account in accounts]


async def town_of(stadt: Town, *names: str) -> list[Client]:
    return [await app_of(stadt, name) for name in names]


async def change(stadt: Town, who: Client, **columns: Any) -> None:
    def work(unit: Unit) -> None:
        for name, value in columns.items():
            setattr(unit.get_one(Actor, int(who.id)), name, value)

    await stadt.write(work)


async def test_endorse_under_both_names(stadt: Town) -> None:
    anna, bert, carla = await town_of(stadt, "anna", "bert", "carla")
    path = f"/api/v1/accounts/{bert.id}"
    refused = await anna.ask("POST", f"{path}/endorse")
    assert (refused.status, set(refused.json)) == (422, {"error", "details"})
    for who in (bert, carla):
        await anna.follow(who)
    assert (await anna.post(f"{path}/endorse"))["endorsed"] is True
    assert (await anna.post(f"{path}/pin"))["endorsed"] is True, "a second time does no harm"
    await anna.post(f"/api/v1/accounts/{carla.id}/pin")
    mine = await anna.get("/api/v1/endorsements")
    assert names(mine) == ["carla", "bert"]
    assert await anonymous(stadt).get(f"/api/v1/accounts/{anna.id}/endorsements") == mine
    first = await anna.ask("GET", "/api/v1/endorsements?limit=1")
    assert names((await anna.ask("GET", first.link("next") or "")).json) == ["bert"]
    assert (await anna.post(f"{path}/unpin"))["endorsed"] is False
    assert (await anna.post(f"{path}/unendorse"))["endorsed"] is False
    await anna.post(f"/api/v1/accounts/{carla.id}/unfollow")
    assert await stadt.count(Endorsement) == 0, "nobody shows whom they do not follow"
    for method, address in (("POST", "endorse"), ("POST", "unendorse"), ("GET", "endorsements")):
        assert (await anna.ask(method, f"/api/v1/accounts/9/{address}")).status == 404


async def test_familiar_followers_are_those_one_follows(stadt: Town) -> None:
    anna, bert, carla, dora, emil = await town_of(stadt, "anna", "bert", "carla", "dora", "emil")
    for one, other in ((anna, bert), (anna, carla), (bert, dora), (carla, dora), (emil, dora), (bert, emil)):
        await one.follow(other)
    path = f"/api/v1/accounts/familiar_followers?id[]={dora.id}&id[]={emil.id}&id[]={anna.id}&id[]=9"
    found = await anna.get(path)
    assert [(one["id"], names(one["accounts"])) for one in found] == [
        (dora.id, ["carla", "bert"]),
        (emil.id, ["bert"]),
        (anna.id, []),
    ]
    await change(stadt, carla, hides_network=True)
    await change(stadt, emil, hides_network=True)
    assert [names(one["accounts"]) for one in await anna.get(path)] == [["bert"], [], []]


async def test_suggestions_are_friends_of_friends_and_the_most_followed(stadt: Town) -> None:
    anna, bert, carla, dora, emil = await town_of(stadt, "anna", "bert", "carla", "dora", "emil")
    for one, other in ((anna, bert), (bert, dora), (carla, emil), (dora, emil)):
        await one.follow(other)
    found = await anna.get("/api/v2/suggestions")
    assert [(one["account"]["acct"], one["source"]) for one in found] == [
        ("dora", "past_interactions"),
        ("emil", "global"),
        ("carla", "global"),
    ]
    assert found[0]["sources"] == ["friends_of_friends", "most_followed"]
    await change(stadt, bert, hides_network=True)
    sources = {one["account"]["acct"]: one["sources"] for one in await anna.get("/api/v2/suggestions")}
    assert sources["dora"] == ["most_followed"], "whom somebody follows who hides that is not told this way"
    await change(stadt, bert, hides_network=False)
    assert names(await anna.get("/api/v1/suggestions?limit=2")) == ["dora", "emil"]
    assert await anna.delete(f"/api/v1/suggestions/{dora.id}") == {}
    assert await anna.delete(f"/api/v1/suggestions/{dora.id}") == {}
    assert await anna.delete("/api/v1/suggestions/9") == {}
    assert names(await anna.get("/api/v1/suggestions")) == ["emil", "carla"]
    await change(stadt, emil, discoverable=False)
    assert names(await anna.get("/api/v1/suggestions")) == ["carla"]
    await carla.post(f"/api/v1/accounts/{anna.id}/block")
    assert await anna.get("/api/v1/suggestions") == []
    await anna.post(f"/api/v1/accounts/{bert.id}/unfollow")
    await anna.post(f"/api/v1/accounts/{bert.id}/mute")
    assert await anna.get("/api/v1/suggestions") == []


async def test_the_directory_in_both_orders(stadt: Town, nachbar: Remote) -> None:
    anna, bert, carla = await town_of(stadt, "anna", "bert", "carla")
    there = await stadt.meet(nachbar.person("emil"))
    await anna.write("hallo")
    nobody = anonymous(stadt)
    assert names(await nobody.get("/api/v1/directory?order=new&local=true")) == ["carla", "bert", "anna"]
    assert names(await nobody.get("/api/v1/directory?local=1"))[0] == "anna"
    assert names(await nobody.get("/api/v1/directory?order=new&local=1&limit=1&offset=1")) == ["bert"]
    assert (await nobody.ask("GET", "/api/v1/directory?order=best")).status == 422

    def open_up(unit: Unit) -> None:
        unit.get_one(Actor, there.id).discoverable = True

    await stadt.write(open_up)
    assert len(await nobody.get("/api/v1/directory")) == 4
    await change(stadt, bert, discoverable=False)
    await anna.post(f"/api/v1/accounts/{carla.id}/block")
    assert set(names(await anna.get("/api/v1/directory"))) == {"anna", f"emil@{nachbar.domain}"}
    assert set(names(await carla.get("/api/v1/directory?local=1"))) == {"carla"}


async def test_peers_and_a_search_among_them(stadt: Town, nachbar: Remote) -> None:
    nobody = anonymous(stadt)
    assert await nobody.get("/api/v1/peers/search?q=nach") == []
    await stadt.meet(nachbar.person("emil"))
    await stadt.meet(nachbar.person("frieda"))
    assert await nobody.get("/api/v1/instance/peers") == [nachbar.domain]
    assert await nobody.get("/api/v1/peers/search?q=NACH") == [nachbar.domain]
    for query in ("?q=bar", "?q=%25", "?q=", ""):
        assert await nobody.get(f"/api/v1/peers/search{query}") == []

    def shut_out(unit: Unit) -> None:
        unit.add(DomainBlock(domain="test", severity=Severity.SUSPEND, created_at=unit.now))

    await stadt.write(shut_out)
    assert await nobody.get("/api/v1/peers/search?q=nach") == await nobody.get("/api/v1/instance/peers") == []
