"""Liking, announcing, pinning. https://docs.joinmastodon.org/methods/statuses/"""

import pytest

from tests.client import anonymous, app_of
from tests.town import Town


async def test_an_action_is_answered_with_the_state_after_it(stadt: Town) -> None:
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert")
    path = f"/api/v1/statuses/{(await anna.write())['id']}"
    liked = await bert.post(f"{path}/favourite")
    assert (liked["favourited"], liked["favourites_count"]) == (True, 1)
    again = await bert.post(f"{path}/favourite")
    assert again["favourites_count"] == 1
    assert [account["acct"] for account in await anonymous(stadt).get(f"{path}/favourited_by")] == ["bert"]
    unliked = await bert.post(f"{path}/unfavourite")
    assert (unliked["favourited"], unliked["favourites_count"]) == (False, 0)


async def test_an_announce_carries_the_post_and_is_a_post_itself(stadt: Town) -> None:
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert")
    status = await anna.write()
    announce = await bert.post(f"/api/v1/statuses/{status['id']}/reblog")
    assert announce["id"] != status["id"]
    assert announce["account"]["acct"] == "bert"
    assert (announce["reblog"]["id"], announce["reblog"]["reblogged"]) == (status["id"], True)
    assert announce["reblog"]["reblogs_count"] == 1
    assert (await anonymous(stadt).get(f"/api/v1/statuses/{announce['id']}"))["reblog"]["id"] == status["id"]
    # Clients act on whichever id they have at hand.
    assert (await anna.post(f"/api/v1/statuses/{announce['id']}/favourite"))["id"] == announce["id"]
    assert (await anna.get(f"/api/v1/statuses/{status['id']}"))["favourited"] is True
    back = await bert.post(f"/api/v1/statuses/{announce['id']}/unreblog")
    assert (back["id"], back["reblogged"], back["reblogs_count"]) == (status["id"], False, 0)


async def test_deleting_an_announce_takes_it_back_and_leaves_the_post(stadt: Town) -> None:
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert")
    status = await anna.write()
    announce = await bert.post(f"/api/v1/statuses/{status['id']}/reblog")
    assert (await anna.ask("DELETE", f"/api/v1/statuses/{announce['id']}")).status == 404
    await bert.delete(f"/api/v1/statuses/{announce['id']}")
    assert (await anna.get(f"/api/v1/statuses/{status['id']}"))["reblogs_count"] == 0


@pytest.mark.parametrize("visibility", ["private", "direct"])
async def test_nobody_announces_what_is_for_few(stadt: Town, visibility: str) -> None:
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert")
    await bert.follow(anna)
    status = await anna.write("@bert nur für dich", visibility=visibility)
    assert (await bert.get(f"/api/v1/statuses/{status['id']}"))["id"] == status["id"], "bert can read it"
    assert (await bert.ask("POST", f"/api/v1/statuses/{status['id']}/reblog")).status == 404


async def test_ones_own_private_post_may_be_announced_and_stays_private(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    status = await anna.write("für euch", visibility="private")
    announce = await anna.post(f"/api/v1/statuses/{status['id']}/reblog", json={"visibility": "public"})
    assert announce["visibility"] == "private"
    assert (await anonymous(stadt).ask("GET", f"/api/v1/statuses/{announce['id']}")).status == 404


async def test_a_private_announce_of_a_public_post_is_for_followers(stadt: Town) -> None:
    anna, bert, carla = [await app_of(stadt, name) for name in ("anna", "bert", "carla")]
    await carla.follow(bert)
    status = await anna.write("laut")
    announce = await bert.post(f"/api/v1/statuses/{status['id']}/reblog", data={"visibility": "private"})
    for client, shown in ((carla, [announce["id"]]), (anna, []), (anonymous(stadt), [])):
        assert [one["id"] for one in await client.get(f"/api/v1/accounts/{bert.id}/statuses")] == shown
        for path in ("", "/context", "/favourited_by"):
            reply = await client.ask("GET", f"/api/v1/statuses/{announce['id']}{path}")
            assert reply.status == (200 if shown else 404)
    reply = await bert.ask("POST", f"/api/v1/statuses/{status['id']}/reblog", data={"visibility": "direct"})
    assert reply.status == 422


async def test_pinned_posts_stand_on_the_profile(stadt: Town) -> None:
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert")
    status, _ = await anna.write("wichtig"), await anna.write("unwichtig")
    assert (await anna.post(f"/api/v1/statuses/{status['id']}/pin"))["pinned"] is True
    pinned = await anonymous(stadt).get(f"/api/v1/accounts/{anna.id}/statuses?pinned=true")
    assert [one["id"] for one in pinned] == [status["id"]]
    assert (await bert.ask("POST", f"/api/v1/statuses/{status['id']}/pin")).status == 422
    assert (await anna.post(f"/api/v1/statuses/{status['id']}/unpin"))["pinned"] is False


async def test_there_is_an_end_to_pins(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    ids = [(await anna.write(str(number)))["id"] for number in range(6)]
    for status_id in ids[:5]:
        await anna.post(f"/api/v1/statuses/{status_id}/pin")
    reply = await anna.ask("POST", f"/api/v1/statuses/{ids[5]}/pin")
    assert (reply.status, reply.json["error"]) == (422, "5 posts are pinned already: unpin one first.")
