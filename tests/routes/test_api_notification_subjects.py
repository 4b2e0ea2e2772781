"""What notifications are about: collections, and words for apps that do not know a kind."""

from typing import Any

from tests.client import Client, app_of
from tests.town import Town

ALL, GROUPS = "/api/v1/notifications", "/api/v2/notifications"
COLLECTIONS = "/api/v1/collections"


async def findable(stadt: Town, *names: str) -> list[Client]:
    clients = [await app_of(stadt, name) for name in names]
    for client in clients:
        await client.patch("/api/v1/profile", json={"discoverable": True})
    return clients


async def make(client: Client, *members: Client) -> Any:
    form = {"name": "Vereine", "account_ids": [member.id for member in members]}
    return (await client.post(COLLECTIONS, json=form))["collection"]


async def kinds(client: Client) -> list[str]:
    return [item["type"] for item in await client.get(ALL)]


async def test_who_is_shown_in_a_collection_hears_of_it(stadt: Town) -> None:
    anna, bert = await findable(stadt, "anna", "bert")
    made = await make(anna, bert, anna)
    assert await kinds(anna) == []
    (told,) = await bert.get(ALL)
    assert (told["type"], told["account"]["id"]) == ("added_to_collection", anna.id)
    assert told["collection"] == (await bert.get(f"{COLLECTIONS}/{made['id']}"))["collection"]
    for name in ("Clubs", "Alle Clubs"):
        await anna.patch(f"{COLLECTIONS}/{made['id']}", json={"name": name})
    assert await kinds(bert) == ["collection_update", "added_to_collection"]
    (group, _) = (await bert.get(GROUPS))["notification_groups"]
    assert (group["type"], group["collection"]["name"]) == ("collection_update", "Alle Clubs")
    item = next(item for item in made["items"] if item["account_id"] == bert.id)
    await anna.delete(f"{COLLECTIONS}/{made['id']}/items/{item['id']}")
    assert await kinds(bert) == []


async def test_nothing_is_told_of_a_collection_that_is_gone(stadt: Town) -> None:
    anna, bert = await findable(stadt, "anna", "bert")
    made = await make(anna, bert)
    await anna.delete(f"{COLLECTIONS}/{made['id']}")
    assert await kinds(bert) == []


async def test_words_for_apps_that_do_not_know_a_kind(stadt: Town) -> None:
    anna, bert = await findable(stadt, "anna", "bert")
    await make(anna, bert)
    await anna.follow(bert)
    path = f"{ALL}?supported_types[]=mention"
    follow, added = await bert.get(path)
    # Every app knows a follow, whatever it says.
    assert "fallback" not in follow
    assert added["fallback"] == {
        "title": "Anna hat Sie in eine Sammlung aufgenommen",
        "summary": "Diese App kann die Mitteilung nicht ganz zeigen. Vielleicht gibt es eine neuere.",
        "details": None,
    }
    assert (await bert.get(f"{ALL}/{added['id']}?supported_types[]=mention")) == added
    group = (await bert.get(f"{GROUPS}?supported_types[]=mention"))["notification_groups"][1]
    assert group["fallback"] == added["fallback"]
    shown = await bert.get(f"{GROUPS}/{group['group_key']}?supported_types[]=mention")
    assert shown["notification_groups"][0]["fallback"] == added["fallback"]
    for query in ("", "?supported_types[]=added_to_collection"):
        assert all("fallback" not in item for item in await bert.get(ALL + query))
