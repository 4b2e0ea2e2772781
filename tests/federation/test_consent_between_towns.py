"""What needs consent, between two instances of this software: asked by being done, seen only when it is allowed."""

from typing import Any

from tests.client import Client, app_of
from tests.town import Town
from tests.towns import found, until

ASK = {"with_approval": ["public"]}


async def test_an_answer_from_another_town_waits_until_it_is_allowed(nord: Town, sued: Town) -> None:
    anna, bernd, carla = await app_of(nord, "anna"), await app_of(sued, "bernd"), await app_of(nord, "carla")
    post = await anna.write("Fragt mich", interaction_policy={"can_reply": ASK, "can_favourite": ASK})
    seen = await found(bernd, post["uri"])
    assert seen["interaction_policy"]["can_reply"]["manual_approval"] == ["public", "me"]
    reply = await bernd.write("Darf ich?", in_reply_to_id=seen["id"])
    await bernd.post(f"/api/v1/statuses/{seen['id']}/favourite")

    async def waiting() -> list[Any]:
        return sorted(item["type"] for item in await anna.get("/api/v1/interaction_requests"))

    await until(waiting, ["favourite", "reply"])
    dora = await app_of(sued, "dora")
    assert await below(carla, post) == []
    assert await below(dora, seen) == []
    for item in await anna.get("/api/v1/interaction_requests"):
        await anna.post(f"/api/v1/interaction_requests/{item['id']}/authorize")
    assert await below(carla, post) == [reply["uri"]]
    assert (await carla.get(f"/api/v1/statuses/{post['id']}"))["favourites_count"] == 1

    # The Accept comes back, and bears what others ask for.
    async def shown() -> list[str]:
        return await below(dora, seen)

    await until(shown, [reply["uri"]])

    async def liked() -> bool:
        return bool((await bernd.get(f"/api/v1/statuses/{seen['id']}"))["favourited"])

    await until(liked, True)
    _, document = await sued.get(reply["uri"].removeprefix(sued.origin))
    _, authorization = await nord.get(document["replyAuthorization"].removeprefix(nord.origin))
    assert (authorization["type"], authorization["interactingObject"]) == ("ReplyAuthorization", reply["uri"])


async def test_an_answer_that_the_other_town_refuses_is_nowhere(nord: Town, sued: Town) -> None:
    anna, bernd = await app_of(nord, "anna"), await app_of(sued, "bernd")
    post = await anna.write("Fragt mich", interaction_policy={"can_reply": ASK})
    reply = await bernd.write("Darf ich?", in_reply_to_id=(await found(bernd, post["uri"]))["id"])

    async def waiting() -> int:
        return len(await anna.get("/api/v1/interaction_requests"))

    await until(waiting, 1)
    (item,) = await anna.get("/api/v1/interaction_requests")
    await anna.post(f"/api/v1/interaction_requests/{item['id']}/reject")

    async def status() -> int:
        return (await bernd.ask("GET", f"/api/v1/statuses/{reply['id']}")).status

    await until(status, 404)


async def test_a_policy_holds_in_the_other_town(nord: Town, sued: Town) -> None:
    anna, bernd = await app_of(nord, "anna"), await app_of(sued, "bernd")
    post = await anna.write("Ruhe bitte", interaction_policy={"can_reply": {"always": ["author"]}})
    body = {"status": "Trotzdem", "in_reply_to_id": (await found(bernd, post["uri"]))["id"]}
    assert (await bernd.ask("POST", "/api/v1/statuses", json=body)).status == 403


async def below(client: Client, post: Any) -> list[str]:
    return [item["uri"] for item in (await client.get(f"/api/v1/statuses/{post['id']}/context"))["descendants"]]
