"""Grouped notifications: one line for what says the same, paged without gaps and doubles."""

from typing import Any

import pytest

from fediverse_kommune.models import Notification
from tests.client import Client, app_of, statements
from tests.town import Town

ALL = "/api/v2/notifications"
OLD = "/api/v1/notifications"


async def several(stadt: Town, *names: str) -> list[Client]:
    return [await app_of(stadt, name) for name in names]


async def like(client: Client, status: Any) -> None:
    await client.post(f"/api/v1/statuses/{status['id']}/favourite")


def lines(found: Any) -> list[tuple[str, int]]:
    return [(group["type"], group["notifications_count"]) for group in found["notification_groups"]]


async def test_what_says_the_same_is_one_line(stadt: Town) -> None:
    anna, bert, carla, dora = await several(stadt, "anna", "bert", "carla", "dora")
    first, second = await anna.write("eins"), await anna.write("zwei")
    for somebody in (bert, carla):
        await like(somebody, first)
        await somebody.follow(anna)
    await like(dora, second)
    await dora.write("@anna")
    await like(dora, first)
    found = await anna.get(ALL)
    assert lines(found) == [("favourite", 3), ("mention", 1), ("favourite", 1), ("follow", 2)]
    group = found["notification_groups"][0]
    assert group["status_id"] == first["id"]
    assert group["sample_account_ids"] == [dora.id, carla.id, bert.id]
    # Each account and status once, however often it is named.
    assert sorted(account["id"] for account in found["accounts"]) == sorted([bert.id, carla.id, dora.id])
    assert len(found["statuses"]) == 3
    each = await anna.get(OLD)
    assert (str(group["most_recent_notification_id"]), group["page_max_id"]) == (each[0]["id"],) * 2
    # The range of the page ends with the last line: from there clients go on that make their addresses themselves.
    assert group["page_min_id"] == group["page_max_id"]
    assert group["latest_page_notification_at"] == each[0]["created_at"]
    assert group["group_key"] == each[0]["group_key"] == each[-1]["group_key"]


async def test_partial_accounts(stadt: Town) -> None:
    anna, bert, carla = await several(stadt, "anna", "bert", "carla")
    status = await anna.write()
    for somebody in (bert, carla):
        await like(somebody, status)
    found = await anna.get(f"{ALL}?expand_accounts=partial_avatars")
    assert [account["id"] for account in found["accounts"]] == [carla.id]
    assert [account["acct"] for account in found["partial_accounts"]] == ["bert"]
    assert "partial_accounts" not in await anna.get(f"{ALL}?expand_accounts=full")
    assert (await anna.ask("GET", f"{ALL}?expand_accounts=some")).status == 422


async def test_only_the_kinds_that_a_client_groups(stadt: Town) -> None:
    anna, bert, carla = await several(stadt, "anna", "bert", "carla")
    status = await anna.write()
    for somebody in (bert, carla):
        await like(somebody, status)
        await somebody.follow(anna)
    found = await anna.get(f"{ALL}?grouped_types[]=follow")
    assert lines(found) == [("follow", 2), ("favourite", 1), ("favourite", 1)]
    alone = found["notification_groups"][1]
    assert alone["group_key"] == f"ungrouped-{alone['most_recent_notification_id']}"
    shown = await anna.get(f"{ALL}/{alone['group_key']}")
    assert shown["notification_groups"][0]["group_key"] == alone["group_key"]
    assert lines(await anna.get(f"{ALL}?types[]=favourite")) == [("favourite", 2)]
    assert lines(await anna.get(f"{ALL}?exclude_types[]=favourite")) == [("follow", 2)]
    assert lines(await anna.get(f"{ALL}?account_id={bert.id}")) == [("follow", 1), ("favourite", 1)]


async def test_one_group_and_who_stands_behind_it(stadt: Town) -> None:
    anna, bert, carla = await several(stadt, "anna", "bert", "carla")
    status = await anna.write()
    for somebody in (bert, carla):
        await like(somebody, status)
    group = (await anna.get(ALL))["notification_groups"][0]
    path = f"{ALL}/{group['group_key']}"
    shown = await anna.get(path)
    paged = {"page_min_id", "page_max_id", "latest_page_notification_at"}
    assert shown["notification_groups"] == [{name: value for name, value in group.items() if name not in paged}]
    assert shown["statuses"][0]["id"] == status["id"]
    page = await anna.ask("GET", f"{path}/accounts?limit=1")
    assert [account["id"] for account in page.json] == [carla.id]
    rest = await anna.ask("GET", page.link("next") or "")
    assert [account["id"] for account in rest.json] == [bert.id]
    for method, below in (("GET", ""), ("GET", "/accounts")):
        assert (await bert.ask(method, path + below)).status == 404
    await bert.post(f"{path}/dismiss")
    assert len((await anna.get(ALL))["notification_groups"]) == 1
    await anna.post(f"{path}/dismiss")
    assert (await anna.ask("GET", path)).status == 404
    assert await anna.get(OLD) == []


async def test_unread_groups(stadt: Town) -> None:
    anna, bert, carla = await several(stadt, "anna", "bert", "carla")
    status = await anna.write()
    for somebody in (bert, carla):
        await like(somebody, status)
        await somebody.write("@anna")
    assert await anna.get(f"{ALL}/unread_count") == {"count": 3}
    assert await anna.get(f"{ALL}/unread_count?grouped_types[]=follow") == {"count": 4}
    assert await anna.get(f"{ALL}/unread_count?limit=2") == {"count": 2}
    assert await anna.get(f"{OLD}/unread_count") == {"count": 4}
    assert await anna.get(f"{OLD}/unread_count?types[]=mention") == {"count": 2}
    assert await anna.get(f"{OLD}/unread_count?account_id={carla.id}") == {"count": 2}


async def walk(client: Client, path: str, relation: str = "next") -> list[Any]:
    """Follow the links of a list and return its pages."""
    pages = []
    following: str | None = path
    while following:
        reply = await client.ask("GET", following)
        assert reply.status == 200
        if reply.json["notification_groups"]:
            pages.append(reply.json["notification_groups"])
        following = reply.link(relation)
    return pages


@pytest.mark.parametrize("limit", [1, 2, 3])
async def test_a_walk_shows_each_group_once(stadt: Town, limit: int) -> None:
    anna, bert, carla, dora = await several(stadt, "anna", "bert", "carla", "dora")
    statuses = [await anna.write(str(number)) for number in range(3)]
    for somebody in (bert, carla):
        for status in statuses:
            await like(somebody, status)
        await somebody.write("@anna")
    expected = [group["group_key"] for group in (await anna.get(ALL))["notification_groups"]]
    assert len(expected) == 5
    first = await anna.ask("GET", f"{ALL}?limit={limit}")
    # Meanwhile a group from further down grows, and something new comes.
    await like(dora, statuses[0])
    await dora.write("@anna")
    pages = [first.json["notification_groups"], *await walk(anna, first.link("next") or "")]
    assert [group["group_key"] for page in pages for group in page] == expected
    assert sum(group["notifications_count"] for page in pages for group in page) == 8
    for page in pages:
        # What clients that make their addresses themselves go on with.
        assert page[-1]["page_min_id"] == page[-1]["page_max_id"]
    upwards = await walk(anna, first.link("prev") or "", "prev")
    news = [group["group_key"] for page in upwards for group in page]
    assert news[-1 if limit == 1 else 0].startswith("ungrouped-")
    assert f"favourite-{statuses[0]['id']}" in {key.rpartition("-")[0] for key in news}
    assert len(news) == len(set(news)) == 2


async def test_a_client_that_makes_addresses_itself_misses_nothing(stadt: Town) -> None:
    anna, bert, carla = await several(stadt, "anna", "bert", "carla")
    statuses = [await anna.write(str(number)) for number in range(4)]
    for somebody in (bert, carla):
        for status in statuses:
            await like(somebody, status)
    seen: list[int] = []
    position = ""
    while groups := (await anna.get(f"{ALL}?limit=2{position}"))["notification_groups"]:
        seen.extend(int(group["most_recent_notification_id"]) for group in groups)
        position = f"&max_id={groups[-1]['page_min_id']}"
    assert len(seen) == len(set(seen))
    each = await anna.get(OLD)
    assert {int(item["id"]) for item in each[:4]} <= set(seen)


async def cost(client: Client, path: str) -> int:
    """The number of statements of a page, without the one that asks whose the token is, which is kept for seconds."""
    await client.get(path)
    with statements(client.town) as seen:
        await client.get(path)
    return len([statement for statement in seen if "FROM oauth_tokens" not in statement])


async def test_a_page_costs_the_same_however_long_it_is(stadt: Town) -> None:
    anna, *others = await several(stadt, "anna", *(f"nachbar{number}" for number in range(6)))
    costs = []
    for expected in (1, 6):
        for somebody in others[:expected]:
            await like(somebody, await anna.write("neu"))
            await somebody.write("@anna")
        costs.append((await cost(anna, ALL), await cost(anna, OLD)))
    assert costs[0] == costs[1]
    assert costs[0][0] <= 9
    assert await stadt.count(Notification) == 14
