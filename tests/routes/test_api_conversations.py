"""Direct conversations. https://docs.joinmastodon.org/methods/conversations/"""

from typing import Any

from fediverse_kommune.models import Conversation
from tests.client import Client, app_of
from tests.fediverse import Remote
from tests.town import Town

PATH = "/api/v1/conversations"


def ids(items: list[dict[str, Any]]) -> list[str]:
    return [item["id"] for item in items]


async def whisper(who: Client, text: str, **fields: Any) -> Any:
    return await who.write(text, visibility="direct", **fields)


async def friends(stadt: Town, *names: str) -> list[Client]:
    """People who all follow each other: private mentions by strangers are held back."""
    people = [await app_of(stadt, name) for name in names]
    for one in people:
        for other in people:
            if one is not other:
                await one.follow(other)
    return people


def who_with(conversation: dict[str, Any]) -> list[str]:
    return [account["acct"] for account in conversation["accounts"]]


async def test_a_conversation_is_with_the_others_and_shows_what_was_said_last(stadt: Town) -> None:
    anna, bert, carla = await friends(stadt, "anna", "bert", "carla")
    first = await whisper(anna, "@bert @carla kommt ihr?")
    await anna.write("@bert laut")
    (mine,) = await anna.get(PATH)
    assert (who_with(mine), mine["unread"], mine["last_status"]["id"]) == (["bert", "carla"], False, first["id"])
    (his,) = await bert.get(PATH)
    assert (who_with(his), his["unread"], his["last_status"]["id"]) == (["anna", "carla"], True, first["id"])
    answer = await whisper(bert, "@anna ja", in_reply_to_id=first["id"])
    (mine,) = await anna.get(PATH)
    assert (mine["unread"], mine["last_status"]["id"], who_with(mine)) == (True, answer["id"], ["bert", "carla"])
    (his,) = await bert.get(PATH)
    assert his["unread"] is False, "what one says oneself is read"
    (hers,) = await carla.get(PATH)
    assert hers["last_status"]["id"] == first["id"], "who is not named hears nothing"


async def test_read_unread_and_removed(stadt: Town) -> None:
    anna, bert = await friends(stadt, "anna", "bert")
    status = await whisper(anna, "@bert hallo")
    (his,) = await bert.get(PATH)
    path = f"{PATH}/{his['id']}"
    read = await bert.post(f"{path}/read")
    assert read == his | {"unread": False}
    assert await bert.post(f"{path}/unread") == his
    for method, address in (("POST", f"{path}/read"), ("POST", f"{path}/unread"), ("DELETE", path)):
        assert (await anna.ask(method, address)).status == 404
    assert await bert.delete(path) == {}
    assert await bert.get(PATH) == []
    assert (await bert.ask("DELETE", path)).status == 404
    assert (await bert.get(f"/api/v1/statuses/{status['id']}"))["id"] == status["id"], "the post stays"
    answer = await whisper(anna, "@bert noch da?", in_reply_to_id=status["id"])
    assert [one["last_status"]["id"] for one in await bert.get(PATH)] == [answer["id"]]


async def test_a_deleted_post_leaves_room_for_the_one_before(stadt: Town) -> None:
    anna, bert = await friends(stadt, "anna", "bert")
    first = await whisper(anna, "@bert eins")
    second = await whisper(anna, "@bert zwei", in_reply_to_id=first["id"])
    await anna.delete(f"/api/v1/statuses/{second['id']}")
    for who in (anna, bert):
        assert [one["last_status"]["id"] for one in await who.get(PATH)] == [first["id"]]
    await anna.delete(f"/api/v1/statuses/{first['id']}")
    assert await anna.get(PATH) == await bert.get(PATH) == []


async def test_the_list_is_in_the_order_of_what_was_said_last(stadt: Town) -> None:
    anna, *others = await friends(stadt, "anna", "bert", "carla", "dora")
    started = [await whisper(who, "@anna hallo") for who in others]
    await whisper(anna, "@bert ja?", in_reply_to_id=started[0]["id"])
    assert [who_with(one) for one in await anna.get(PATH)] == [["bert"], ["dora"], ["carla"]]
    first = await anna.ask("GET", f"{PATH}?limit=2")
    assert [who_with(one) for one in (await anna.ask("GET", first.link("next") or "")).json] == [["carla"]]


async def test_who_speaks_with_nobody_is_shown_with_oneself(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    await whisper(anna, "Notiz")
    assert [who_with(one) for one in await anna.get(PATH)] == [["anna"]]


async def test_the_muted_and_the_blocked_open_no_conversation(stadt: Town, nachbar: Remote) -> None:
    anna, bert = await friends(stadt, "anna", "bert")
    await anna.patch("/api/v2/notifications/policy", data={"for_private_mentions": "accept"})
    await anna.post(f"/api/v1/accounts/{bert.id}/mute")
    await whisper(bert, "@anna hallo")
    emil = nachbar.person("emil")
    await anna.post("/api/v1/domain_blocks", data={"domain": nachbar.domain})
    mention = {"type": "Mention", "href": f"{stadt.origin}/users/anna", "name": "@anna"}
    note = emil.note("<p>psst</p>", to=[f"{stadt.origin}/users/anna"], cc=[], tag=[mention])
    await stadt.accept(emil, emil.create(note))
    assert await anna.get(PATH) == await anna.get("/api/v1/timelines/direct") == []
    await anna.delete("/api/v1/domain_blocks", data={"domain": nachbar.domain})
    note = emil.note("<p>psst</p>", to=[f"{stadt.origin}/users/anna"], cc=[], tag=[mention])
    await stadt.accept(emil, emil.create(note))
    assert await stadt.count(Conversation, Conversation.actor_id == int(anna.id)) == 1


async def test_the_old_timeline_of_direct_posts(stadt: Town) -> None:
    anna, bert = await friends(stadt, "anna", "bert")
    mine = await whisper(anna, "@bert eins")
    his = await whisper(bert, "@anna zwei")
    await bert.write("@anna laut")
    await whisper(bert, "für mich")
    assert ids(await anna.get("/api/v1/timelines/direct")) == [his["id"], mine["id"]]
    first = await anna.ask("GET", "/api/v1/timelines/direct?limit=1")
    assert ids((await anna.ask("GET", first.link("next") or "")).json) == [mine["id"]]


async def test_who_is_held_back_opens_a_conversation_once_let_in(stadt: Town) -> None:
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert")
    status = await whisper(bert, "@anna hallo")
    assert await anna.get(PATH) == []
    (asking,) = await anna.get("/api/v1/notifications/requests")
    await anna.post(f"/api/v1/notifications/requests/{asking['id']}/accept")
    (mine,) = await anna.get(PATH)
    assert (who_with(mine), mine["unread"], mine["last_status"]["id"]) == (["bert"], True, status["id"])
