"""Lists and their timelines. https://docs.joinmastodon.org/methods/lists/"""

from typing import Any

import pytest

from tests.client import Client, app_of, statements
from tests.town import Town

HOME = "/api/v1/timelines/home"


def ids(items: list[dict[str, Any]]) -> list[str]:
    return [item["id"] for item in items]


async def town_of(stadt: Town, *names: str) -> list[Client]:
    return [await app_of(stadt, name) for name in names]


async def make(who: Client, *members: Client, **form: Any) -> str:
    """Make a list with members whom its owner follows from now on; return its id."""
    row = await who.post("/api/v1/lists", json={"title": "Vereine", **form})
    for member in members:
        await who.follow(member)
    if members:
        await who.post(f"/api/v1/lists/{row['id']}/accounts", json={"account_ids": [member.id for member in members]})
    return str(row["id"])


async def test_a_list_is_made_shown_changed_and_removed(stadt: Town) -> None:
    anna, bert = await town_of(stadt, "anna", "bert")
    row = await anna.post("/api/v1/lists", data={"title": "Vereine"})
    assert row == {"id": row["id"], "title": "Vereine", "replies_policy": "list", "exclusive": False}
    path = f"/api/v1/lists/{row['id']}"
    changed = await anna.put(path, json={"title": "Chöre", "replies_policy": "none", "exclusive": True})
    assert changed == {"id": row["id"], "title": "Chöre", "replies_policy": "none", "exclusive": True}
    assert await anna.get("/api/v1/lists") == [await anna.get(path)] == [changed]
    assert await bert.get("/api/v1/lists") == []
    for method, address in (
        ("GET", path),
        ("PUT", path),
        ("DELETE", path),
        ("GET", f"{path}/accounts"),
        ("POST", f"{path}/accounts"),
        ("DELETE", f"{path}/accounts"),
        ("GET", f"/api/v1/timelines/list/{row['id']}"),
    ):
        assert (await bert.ask(method, address)).status == 404, f"{method} {address} is somebody else's"
    assert await anna.delete(path) == {}
    assert (await anna.ask("GET", path)).status == 404


async def test_a_list_needs_a_title_and_a_known_policy(stadt: Town, subtests: pytest.Subtests) -> None:
    (anna,) = await town_of(stadt, "anna")
    for form in [{}, {"title": " "}, {"title": "x" * 257}, {"title": "a", "replies_policy": "some"}]:
        with subtests.test(form=form):
            reply = await anna.ask("POST", "/api/v1/lists", json=form)
            assert (reply.status, set(reply.json)) == (422, {"error", "details"})


async def test_only_the_followed_and_oneself_come_on_a_list(stadt: Town) -> None:
    anna, bert, carla, dora = await town_of(stadt, "anna", "bert", "carla", "dora")
    await dora.patch("/api/v1/accounts/update_credentials", data={"locked": "1"})
    await anna.follow(dora)
    list_id = await make(anna, bert)
    path = f"/api/v1/lists/{list_id}/accounts"
    assert (await anna.ask("POST", path, json={"account_ids": [carla.id]})).status == 404
    assert (await anna.ask("POST", path, json={"account_ids": ["9"]})).status == 404
    again = await anna.ask("POST", path, json={"account_ids": [bert.id]})
    assert (again.status, again.json["error"]) == (422, "Validation failed: Account has already been taken")
    assert (await anna.ask("POST", path)).status == 422
    assert await anna.post(path, data={"account_ids[]": anna.id}) == {}
    assert await anna.post(path, json={"account_ids": [dora.id]}) == {}, "a request is enough"
    assert [one["acct"] for one in await anna.get(path)] == ["dora", "anna", "bert"]
    assert [one["acct"] for one in await anna.get(f"{path}?limit=0")] == ["dora", "anna", "bert"]
    assert ids(await anna.get(f"/api/v1/accounts/{bert.id}/lists")) == [list_id]
    assert await anna.get(f"/api/v1/accounts/{carla.id}/lists") == []
    assert (await anna.ask("GET", "/api/v1/accounts/9/lists")).status == 404
    assert await anna.delete(f"{path}?account_ids[]={bert.id}") == {}
    assert await anna.delete(path, json={"account_ids": [bert.id, carla.id]}) == {}
    assert [one["acct"] for one in await anna.get(path)] == ["dora", "anna"]


async def test_a_list_shows_what_its_members_post_and_pass_on(stadt: Town) -> None:
    anna, bert, carla, dora = await town_of(stadt, "anna", "bert", "carla", "dora")
    earlier = await bert.write("vorher")
    list_id = await make(anna, bert)
    await anna.follow(carla)
    timeline = f"/api/v1/timelines/list/{list_id}"
    his, _ = await bert.write("er", visibility="private"), await carla.write("sie")
    await bert.write("@anna leise", visibility="direct")
    other = await dora.write("Dora")
    announce = await bert.post(f"/api/v1/statuses/{other['id']}/reblog")
    assert ids(await anna.get(timeline)) == [announce["id"], his["id"], earlier["id"]]
    await anna.post(f"/api/v1/accounts/{bert.id}/mute")
    assert await anna.get(timeline) == []
    await anna.post(f"/api/v1/accounts/{bert.id}/unmute")
    assert len(await anna.get(timeline)) == 3
    await anna.delete(f"/api/v1/lists/{list_id}/accounts", json={"account_ids": [bert.id]})
    assert await anna.get(timeline) == []


async def test_who_is_followed_no_longer_is_on_no_list(stadt: Town) -> None:
    anna, bert = await town_of(stadt, "anna", "bert")
    list_id = await make(anna, bert)
    await bert.write("hallo")
    await anna.post(f"/api/v1/accounts/{bert.id}/unfollow")
    assert await anna.get(f"/api/v1/lists/{list_id}/accounts") == []
    assert await anna.get(f"/api/v1/timelines/list/{list_id}") == []


async def test_a_request_on_a_list_fills_it_when_it_is_accepted(stadt: Town) -> None:
    anna, bert = await town_of(stadt, "anna", "bert")
    await bert.patch("/api/v1/accounts/update_credentials", data={"locked": "1"})
    status = await bert.write("nur für uns", visibility="private")
    list_id = await make(anna, bert)
    assert await anna.get(f"/api/v1/timelines/list/{list_id}") == []
    await bert.post(f"/api/v1/follow_requests/{anna.id}/authorize")
    assert ids(await anna.get(f"/api/v1/timelines/list/{list_id}")) == [status["id"]]


@pytest.mark.parametrize(
    ("policy", "shown"),
    [
        ("none", ["an Anna", "an sich", "Frage"]),
        ("list", ["an Carla", "an Anna", "an sich", "Frage"]),
        ("followed", ["an Dora", "an Carla", "an Anna", "an sich", "Frage"]),
    ],
)
async def test_whose_replies_a_list_shows(stadt: Town, policy: str, shown: list[str]) -> None:
    anna, bert, carla, dora, emil = await town_of(stadt, "anna", "bert", "carla", "dora", "emil")
    await anna.follow(dora)
    list_id = await make(anna, bert, carla, replies_policy=policy)
    asked = {who.username: (await who.write("Frage"))["id"] for who in (anna, carla, dora, emil)}
    question = await bert.write("Frage")
    for text, parent in (
        ("an sich", question["id"]),
        ("an Anna", asked["anna"]),
        ("an Carla", asked["carla"]),
        ("an Dora", asked["dora"]),
        ("an Emil", asked["emil"]),
    ):
        await bert.write(text, in_reply_to_id=parent)
    lines = await anna.get(f"/api/v1/timelines/list/{list_id}")
    assert [line["content"] for line in lines if line["account"]["acct"] == "bert"] == [f"<p>{t}</p>" for t in shown]


async def test_members_of_an_exclusive_list_leave_home_and_come_back(stadt: Town) -> None:
    anna, bert, carla, dora = await town_of(stadt, "anna", "bert", "carla", "dora")
    await anna.follow(carla)
    list_id = await make(anna, bert)
    path = f"/api/v1/lists/{list_id}"
    before, hers = await bert.write("vorher"), await carla.write("sie")
    assert ids(await anna.get(HOME)) == [hers["id"], before["id"]]
    await anna.put(path, json={"title": "Vereine", "exclusive": True})
    during = await bert.write("während")
    other = await dora.write("Dora")
    await bert.post(f"/api/v1/statuses/{other['id']}/reblog")
    assert ids(await anna.get(HOME)) == [hers["id"]]
    assert len(await anna.get(f"/api/v1/timelines/list/{list_id}")) == 3
    announce = await carla.post(f"/api/v1/statuses/{during['id']}/reblog")
    assert ids(await anna.get(HOME)) == [announce["id"], hers["id"]], "by the hand of others it comes"
    await anna.put(path, json={"title": "Vereine", "exclusive": False})
    after = ids(await anna.get(HOME))
    assert {announce["id"], hers["id"], before["id"]} <= set(after)
    assert len(after) == len(set(after))


@pytest.mark.parametrize("end", ["removed", "deleted"])
async def test_who_leaves_an_exclusive_list_is_at_home_again(stadt: Town, end: str) -> None:
    anna, bert = await town_of(stadt, "anna", "bert")
    list_id = await make(anna, bert, exclusive=True)
    status = await bert.write("hallo")
    mine = await anna.write("ich")
    await anna.post(f"/api/v1/lists/{list_id}/accounts", json={"account_ids": [anna.id]})
    assert ids(await anna.get(HOME)) == [mine["id"]], "oneself stays at home"
    if end == "removed":
        await anna.delete(f"/api/v1/lists/{list_id}/accounts", json={"account_ids": [bert.id]})
    else:
        await anna.delete(f"/api/v1/lists/{list_id}")
    assert ids(await anna.get(HOME)) == [mine["id"], status["id"]]


async def test_a_page_of_a_list_costs_seven_statements(stadt: Town) -> None:
    anna, bert, carla = await town_of(stadt, "anna", "bert", "carla")
    list_id = await make(anna, bert)
    for number in range(10):
        status = await carla.write(f"{number} #tag{number}")
        await bert.post(f"/api/v1/statuses/{status['id']}/reblog")
        await bert.write(f"{number} @anna #tag{number}")
    with statements(stadt) as seen:
        page = await anna.get(f"/api/v1/timelines/list/{list_id}?limit=20")
    assert len(page) == 20
    assert len(seen) <= 7, "\n\n".join(s[:200] for s in seen)
