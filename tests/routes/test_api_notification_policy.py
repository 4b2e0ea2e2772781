"""From whom somebody wants to hear: policy, requests, and what becomes of what was held back."""

from typing import Any

import pytest

from fediverse_kommune.models import Notification, NotificationPermission
from tests.client import Client, app_of, statements
from tests.town import Town

POLICY = "/api/v2/notifications/policy"
REQUESTS = "/api/v1/notifications/requests"
ALL = "/api/v1/notifications"


async def several(stadt: Town, *names: str) -> list[Client]:
    return [await app_of(stadt, name) for name in names]


async def told(client: Client, query: str = "") -> list[tuple[str, str]]:
    return [(item["type"], item["account"]["username"]) for item in await client.get(ALL + query)]


async def test_the_policy_is_changed_bit_by_bit(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    shown = {
        "for_not_following": "accept",
        "for_not_followers": "accept",
        "for_new_accounts": "accept",
        "for_private_mentions": "filter",
        "for_limited_accounts": "filter",
        "summary": {"pending_requests_count": 0, "pending_notifications_count": 0},
    }
    assert await anna.get(POLICY) == shown
    changed = await anna.patch(POLICY, json={"for_not_following": "filter", "for_limited_accounts": "drop"})
    assert changed == shown | {"for_not_following": "filter", "for_limited_accounts": "drop"}
    changed = await anna.put(POLICY, data={"for_new_accounts": "drop", "unknown": "x"})
    assert changed == await anna.get(POLICY)
    assert (changed["for_new_accounts"], changed["for_not_following"]) == ("drop", "filter")
    reply = await anna.ask("PATCH", POLICY, json={"for_not_following": "maybe"})
    assert reply.status == 422
    assert "for_not_following" in reply.json["error"]
    assert await anna.get(POLICY) == changed


async def test_the_policy_of_older_clients(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    old = f"{ALL}/policy"
    assert await anna.get(old) == {
        "filter_not_following": False,
        "filter_not_followers": False,
        "filter_new_accounts": False,
        "filter_private_mentions": True,
        "summary": {"pending_requests_count": 0, "pending_notifications_count": 0},
    }
    for method in ("PUT", "PATCH"):
        changes = {"filter_private_mentions": "false", "filter_new_accounts": "1"}
        shown = (await anna.ask(method, old, data=changes)).json
        assert (shown["filter_private_mentions"], shown["filter_new_accounts"]) == (False, True)
    assert (await anna.get(POLICY))["for_new_accounts"] == "filter"


async def test_who_is_held_back_asks_to_be_let_in(stadt: Town) -> None:
    anna, bert, carla = await several(stadt, "anna", "bert", "carla")
    await anna.patch(POLICY, json={"for_not_following": "filter"})
    await anna.follow(carla)
    await bert.write("@anna eins")
    last = await bert.write("@anna zwei")
    await carla.write("@anna drei")
    assert await told(anna) == [("mention", "carla")]
    assert await told(anna, "?include_filtered=true") == [("mention", who) for who in ("carla", "bert", "bert")]
    assert (await anna.get(POLICY))["summary"] == {"pending_requests_count": 1, "pending_notifications_count": 2}
    (request,) = await anna.get(REQUESTS)
    assert (request["account"]["username"], request["notifications_count"]) == ("bert", "2")
    assert request["last_status"]["id"] == last["id"]
    assert await anna.get(f"{REQUESTS}/{request['id']}") == request
    await anna.post(f"{REQUESTS}/{request['id']}/accept")
    assert await anna.get(f"{REQUESTS}/merged") == {"merged": True}
    assert await told(anna) == [("mention", who) for who in ("carla", "bert", "bert")]
    await bert.write("@anna vier")
    assert (await told(anna))[0] == ("mention", "bert")
    assert await anna.get(REQUESTS) == []


async def test_what_is_dismissed_is_gone_and_its_sender_may_ask_again(stadt: Town) -> None:
    anna, bert = await several(stadt, "anna", "bert")
    await anna.patch(POLICY, json={"for_not_following": "filter"})
    await bert.write("@anna eins")
    (request,) = await anna.get(REQUESTS)
    await anna.post(f"{REQUESTS}/{request['id']}/dismiss")
    assert await stadt.count(Notification) == 0
    await bert.write("@anna zwei")
    assert len(await anna.get(REQUESTS)) == 1


@pytest.mark.parametrize("action", ["accept", "dismiss"])
async def test_several_requests_at_once(stadt: Town, action: str) -> None:
    anna, *others = await several(stadt, "anna", "bert", "carla", "dora")
    await anna.patch(POLICY, json={"for_not_following": "filter"})
    for somebody in others:
        await somebody.write("@anna")
    requests = await anna.get(REQUESTS)
    ids = [request["id"] for request in requests[:2]]
    await anna.post(f"{REQUESTS}/{action}", json={"id": [*ids, "999"]})
    assert [request["id"] for request in await anna.get(REQUESTS)] == [requests[2]["id"]]
    assert len(await told(anna)) == (2 if action == "accept" else 0)


async def test_requests_are_paged_and_nobody_elses(stadt: Town) -> None:
    anna, *others = await several(stadt, "anna", "bert", "carla", "dora")
    await anna.patch(POLICY, json={"for_not_following": "filter"})
    counts = []
    for somebody in others:
        await somebody.write("@anna")
        with statements(stadt) as seen:
            await anna.get(REQUESTS)
        counts.append(len(seen))
    assert len(set(counts)) == 1
    page = await anna.ask("GET", f"{REQUESTS}?limit=2")
    rest = await anna.ask("GET", page.link("next") or "")
    names = [request["account"]["username"] for request in [*page.json, *rest.json]]
    assert names == ["dora", "carla", "bert"]
    request_id = page.json[0]["id"]
    for method, path in (("GET", ""), ("POST", "/accept"), ("POST", "/dismiss")):
        assert (await others[0].ask(method, f"{REQUESTS}/{request_id}{path}")).status == 404
    await others[0].post(f"{REQUESTS}/accept", data={"id[]": request_id})
    assert len(await anna.get(REQUESTS)) == 3
    assert await stadt.count(NotificationPermission) == 0


async def test_what_is_dropped_was_never_there(stadt: Town) -> None:
    anna, bert = await several(stadt, "anna", "bert")
    await anna.patch(POLICY, json={"for_not_followers": "drop"})
    await bert.write("@anna")
    assert await stadt.count(Notification) == 0
    assert await anna.get(REQUESTS) == []


async def test_private_mentions_of_strangers_wait_but_answers_come_through(stadt: Town) -> None:
    anna, bert, carla = await several(stadt, "anna", "bert", "carla")
    await bert.write("@anna psst", visibility="direct")
    assert await told(anna) == []
    asked = await anna.write("@carla Frage", visibility="direct")
    await carla.write("@anna Antwort", visibility="direct", in_reply_to_id=asked["id"])
    assert await told(anna) == [("mention", "carla")]


async def test_blocking_takes_the_request_along(stadt: Town) -> None:
    anna, bert = await several(stadt, "anna", "bert")
    await anna.patch(POLICY, json={"for_not_following": "filter"})
    await bert.write("@anna")
    await anna.post(f"/api/v1/accounts/{bert.id}/block")
    assert await anna.get(REQUESTS) == []


async def test_scopes(stadt: Town) -> None:
    anna = await app_of(stadt, "anna", scopes="read:statuses")
    reads: list[tuple[str, Any]] = [("GET", POLICY), ("GET", REQUESTS), ("GET", f"{ALL}/unread_count")]
    for method, path in [*reads, ("PATCH", POLICY), ("POST", f"{REQUESTS}/accept")]:
        assert (await anna.ask(method, path)).status == 403
