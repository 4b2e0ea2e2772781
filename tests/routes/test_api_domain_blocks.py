"""What a person wants to see nothing of: whole servers. https://docs.joinmastodon.org/methods/domain_blocks/"""

from typing import Any

import pytest

from tests.client import Client, anonymous, app_of
from tests.fediverse import Person, Remote
from tests.town import Town

PATH = "/api/v1/domain_blocks"


def ids(items: list[dict[str, Any]]) -> list[str]:
    return [item["id"] for item in items]


async def friends(stadt: Town, anna: Client, emil: Person) -> str:
    """Let the two follow each other; return the id that this town has for the remote one."""
    known = await stadt.meet(emil)
    await stadt.accept(emil, emil.activity("Follow", f"{stadt.origin}/users/anna"))
    await anna.post(f"/api/v1/accounts/{known.id}/follow")
    asked = (await emil.server.until_received("Follow"))[0]
    await stadt.accept(emil, emil.activity("Accept", asked.activity))
    (tie,) = await anna.get(f"/api/v1/accounts/relationships?id={known.id}")
    assert (tie["following"], tie["followed_by"], tie["domain_blocking"]) == (True, True, False)
    return str(known.id)


async def test_a_block_of_a_domain_ends_follows_and_silences_all_of_it(stadt: Town, nachbar: Remote) -> None:
    anna = await app_of(stadt, "anna")
    emil = nachbar.person("emil")
    emil_id = await friends(stadt, anna, emil)
    mention = {"type": "Mention", "href": f"{stadt.origin}/users/anna", "name": "@anna"}
    to_anna = {"tag": [mention], "cc": [emil.followers, f"{stadt.origin}/users/anna"]}
    await stadt.accept(emil, emil.create(emil.note("<p>hallo</p>", **to_anna)))
    assert len(await anna.get("/api/v1/notifications")) == 2
    cost = await anna.get(f"{PATH}/preview?domain={nachbar.domain}")
    assert cost == {"following_count": 1, "followers_count": 1}
    assert await anna.post(PATH, data={"domain": nachbar.domain.upper()}) == {}
    assert await anna.get(PATH) == [nachbar.domain]
    (tie,) = await anna.get(f"/api/v1/accounts/relationships?id={emil_id}")
    assert (tie["following"], tie["followed_by"], tie["domain_blocking"]) == (False, False, True)
    await nachbar.until_received("Undo")
    await nachbar.until_received("Reject")
    await stadt.accept(emil, emil.create(emil.note("<p>noch einmal</p>", **to_anna)))
    (told,) = await anna.get("/api/v1/notifications")
    assert (told["type"], told["event"]["type"]) == ("severed_relationships", "user_domain_block")
    assert (told["event"]["target_name"], told["event"]["followers_count"]) == (nachbar.domain, 1)
    assert await anna.get("/api/v1/timelines/home") == await anna.get("/api/v1/timelines/public") == []
    assert len(await anonymous(stadt).get("/api/v1/timelines/public")) == 2
    refused = await anna.ask("POST", f"/api/v1/accounts/{emil_id}/follow")
    assert (refused.status, nachbar.domain in refused.json["error"]) == (403, True)
    assert await anna.delete(PATH, data={"domain": nachbar.domain}) == {}
    assert await anna.delete(f"{PATH}?domain={nachbar.domain}") == {}, "a second time does no harm"
    assert await anna.get(PATH) == []
    assert len(await anna.get("/api/v1/timelines/public")) == 2


async def test_announces_of_a_blocked_domain_do_not_show(stadt: Town, nachbar: Remote) -> None:
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert")
    await anna.follow(bert)
    note = nachbar.person("emil").note()
    there = await stadt.app.server.resolver.status(note["id"])
    await bert.post(f"/api/v1/statuses/{there.id}/reblog")
    assert len(await anna.get("/api/v1/timelines/home")) == 1
    await anna.post(PATH, json={"domain": nachbar.domain})
    assert await anna.get("/api/v1/timelines/home") == []
    assert await anna.get(f"/api/v1/accounts/{bert.id}/statuses") == []
    assert len(await bert.get("/api/v1/timelines/home")) == 1


async def test_the_domain_alone_is_meant_and_none_below_or_above_it(stadt: Town, nachbar: Remote) -> None:
    anna = await app_of(stadt, "anna")
    await stadt.app.server.resolver.status(nachbar.person("emil").note()["id"])
    for domain in ("test", f"de.{nachbar.domain}", "stadt.test"):
        await anna.post(PATH, data={"domain": domain})
    assert len(await anna.get("/api/v1/timelines/public")) == 1
    assert await anna.get(PATH) == ["stadt.test", f"de.{nachbar.domain}", "test"]


async def test_what_is_no_domain_is_refused(stadt: Town, subtests: pytest.Subtests) -> None:
    anna = await app_of(stadt, "anna")
    for domain in ["", " ", "zwei worte.example", "a/b", "x" * 300]:
        with subtests.test(domain=domain):
            for method in ("POST", "DELETE"):
                reply = await anna.ask(method, PATH, json={"domain": domain})
                assert (reply.status, set(reply.json)) == (422, {"error", "details"})
            assert (await anna.ask("POST", PATH)).status == 422


async def test_the_list_is_turned_page_by_page_and_is_ones_own(stadt: Town) -> None:
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert")
    for number in range(3):
        await anna.post(PATH, data={"domain": f"n{number}.example"})
        await anna.post(PATH, data={"domain": f"n{number}.example"})
    assert await bert.get(PATH) == []
    first = await anna.ask("GET", f"{PATH}?limit=2")
    assert first.json == ["n2.example", "n1.example"]
    assert (await anna.ask("GET", first.link("next") or "")).json == ["n0.example"]
    for scopes, method in (("read", "POST"), ("write", "GET")):
        other = await app_of(stadt, "anna", scopes=scopes)
        assert (await other.ask(method, PATH, data={"domain": "a.example"})).status == 403
