"""What one is told about. https://docs.joinmastodon.org/methods/notifications/"""

from typing import Any

from tests.client import Client, app_of
from tests.town import Town

ALL = "/api/v1/notifications"


async def told(client: Client, query: str = "") -> list[tuple[str, str]]:
    return [(item["type"], item["account"]["acct"]) for item in await client.get(ALL + query)]


async def test_everything_others_do_is_told_once(stadt: Town) -> None:
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert")
    status = await anna.write()
    await bert.follow(anna)
    for _ in range(2):
        await bert.post(f"/api/v1/statuses/{status['id']}/favourite")
        await bert.post(f"/api/v1/statuses/{status['id']}/reblog")
    await bert.write("Hallo @anna")
    assert await told(anna) == [("mention", "bert"), ("reblog", "bert"), ("favourite", "bert"), ("follow", "bert")]
    first = (await anna.get(ALL))[0]
    assert first["status"]["content"].startswith("<p>Hallo")
    assert (await anna.get(f"{ALL}/{first['id']}"))["id"] == first["id"]
    assert await told(bert) == []


async def test_only_some_kinds_or_one_account(stadt: Town) -> None:
    anna, bert, carla = [await app_of(stadt, name) for name in ("anna", "bert", "carla")]
    await bert.follow(anna)
    await carla.follow(anna)
    await carla.write("@anna")
    assert await told(anna, "?types[]=follow") == [("follow", "carla"), ("follow", "bert")]
    assert await told(anna, "?types=mention&types=poll") == [("mention", "carla")]
    assert await told(anna, "?exclude_types[]=follow") == [("mention", "carla")]
    assert await told(anna, f"?account_id={bert.id}") == [("follow", "bert")]
    assert await told(anna, "?types[]=unknown") == []


async def test_what_is_taken_back_is_no_longer_told(stadt: Town) -> None:
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert")
    status = await anna.write()
    for action in ("favourite", "reblog"):
        await bert.post(f"/api/v1/statuses/{status['id']}/{action}")
    await bert.follow(anna)
    for action in ("unfavourite", "unreblog"):
        await bert.post(f"/api/v1/statuses/{status['id']}/{action}")
    await bert.post(f"/api/v1/accounts/{anna.id}/unfollow")
    assert await told(anna) == []


async def test_an_edit_is_told_to_those_who_passed_it_on_and_to_newly_named(stadt: Town) -> None:
    anna, bert, carla = [await app_of(stadt, name) for name in ("anna", "bert", "carla")]
    status = await anna.write("eins")
    await bert.post(f"/api/v1/statuses/{status['id']}/reblog")
    for text in ("zwei @carla", "drei @carla"):
        await anna.put(f"/api/v1/statuses/{status['id']}", json={"status": text})
    assert await told(bert) == [("update", "anna")]
    assert await told(carla) == [("mention", "anna")]


async def test_who_asked_to_hear_of_every_post_does(stadt: Town) -> None:
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert")
    await anna.post(f"/api/v1/accounts/{bert.id}/follow", json={"notify": True})
    await bert.write("Neues")
    await bert.write("@anna Neues für dich")
    await bert.write("leise", visibility="direct")
    assert await told(anna) == [("mention", "bert"), ("status", "bert")]


async def test_a_request_is_told_until_it_is_decided(stadt: Town) -> None:
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert")
    await anna.patch("/api/v1/accounts/update_credentials", data={"locked": "1"})
    await bert.follow(anna)
    assert await told(anna) == [("follow_request", "bert")]
    await anna.post(f"/api/v1/follow_requests/{bert.id}/authorize")
    assert await told(anna) == [("follow", "bert")]


async def test_nobody_hears_of_somebody_they_block(stadt: Town) -> None:
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert")
    await bert.write("@anna vorher")
    await anna.post(f"/api/v1/accounts/{bert.id}/block")
    await bert.write("@anna nachher")
    assert await told(anna) == []


async def test_dismissing_and_clearing(stadt: Town) -> None:
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert")
    await bert.follow(anna)
    await bert.write("@anna eins")
    await bert.write("@anna zwei")
    items: list[dict[str, Any]] = await anna.get(ALL)
    await anna.post(f"{ALL}/{items[0]['id']}/dismiss")
    assert len(await told(anna)) == 2
    for method, path in (("GET", ""), ("POST", "/dismiss")):
        assert (await bert.ask(method, f"{ALL}/{items[1]['id']}{path}")).status == 404
    assert len(await told(anna)) == 2
    await anna.post(f"{ALL}/clear")
    assert await told(anna) == []
