"""Bookmarks, likes and muted threads. https://docs.joinmastodon.org/methods/bookmarks/ and …/favourites/"""

import pytest

from fediverse_kommune.models import Bookmark, ThreadMute
from tests.client import anonymous, app_of
from tests.town import Town


async def test_a_bookmark_is_ones_own(stadt: Town) -> None:
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert")
    path = f"/api/v1/statuses/{(await anna.write('merken'))['id']}"
    for _ in range(2):
        assert (await bert.post(f"{path}/bookmark"))["bookmarked"] is True
    assert await stadt.count(Bookmark) == 1
    assert [status["content"] for status in await bert.get("/api/v1/bookmarks")] == ["<p>merken</p>"]
    assert (await anna.get(path))["bookmarked"] is False
    assert await anna.get("/api/v1/bookmarks") == []
    assert await anna.get("/api/v1/notifications") == []
    for _ in range(2):
        assert (await bert.post(f"{path}/unbookmark"))["bookmarked"] is False
    assert await bert.get("/api/v1/bookmarks") == []


@pytest.mark.parametrize(("act", "listed"), [("bookmark", "bookmarks"), ("favourite", "favourites")])
async def test_pages_go_by_when_it_was_kept(stadt: Town, act: str, listed: str) -> None:
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert")
    ids = [(await anna.write(str(number)))["id"] for number in range(5)]
    order = [ids[3], ids[0], ids[4], ids[1], ids[2]]
    for status_id in order:
        await bert.post(f"/api/v1/statuses/{status_id}/{act}")
    newer: list[str] = []
    seen, path = [], f"/api/v1/{listed}?limit=2"
    while True:
        reply = await bert.ask("GET", path)
        if not reply.json:
            break
        seen += [status["id"] for status in reply.json]
        newer.append(str(reply.link("prev")))
        path = str(reply.link("next"))
    assert seen == order[::-1]
    late = (await anna.write("neu"))["id"]
    await bert.post(f"/api/v1/statuses/{late}/{act}")
    assert [status["id"] for status in await bert.get(newer[0])] == [late]


async def test_what_one_may_not_read_does_not_exist(stadt: Town, subtests: pytest.Subtests) -> None:
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert")
    status = await anna.write("nur ich", visibility="direct")
    for act in ["bookmark", "unbookmark", "mute", "unmute"]:
        with subtests.test(act=act):
            for status_id in (status["id"], "1"):
                reply = await bert.ask("POST", f"/api/v1/statuses/{status_id}/{act}")
                assert (reply.status, reply.json) == (404, {"error": "Record not found"})
            assert (await anonymous(stadt).ask("POST", f"/api/v1/statuses/{status['id']}/{act}")).status == 401
            assert await stadt.count(Bookmark) == await stadt.count(ThreadMute) == 0


async def test_what_one_may_no_longer_read_is_left_out(stadt: Town) -> None:
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert")
    status = await anna.write("noch")
    await bert.post(f"/api/v1/statuses/{status['id']}/bookmark")
    await bert.post(f"/api/v1/statuses/{status['id']}/favourite")
    await anna.post(f"/api/v1/accounts/{bert.id}/block")
    assert await bert.get("/api/v1/bookmarks") == []
    assert await bert.get("/api/v1/favourites") == []


async def test_an_announce_stands_for_its_post(stadt: Town) -> None:
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert")
    status = await anna.write("weiter")
    announce = await anna.post(f"/api/v1/statuses/{status['id']}/reblog")
    kept = await bert.post(f"/api/v1/statuses/{announce['id']}/bookmark")
    assert (kept["id"], kept["bookmarked"], kept["reblog"]["bookmarked"]) == (announce["id"], True, True)
    assert [one["id"] for one in await bert.get("/api/v1/bookmarks")] == [status["id"]]


async def test_a_thread_is_muted_as_a_whole(stadt: Town) -> None:
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert")
    root = await anna.write("Thema")
    reply = await bert.write("@anna Antwort", in_reply_to_id=root["id"])
    other = await anna.write("Anderes")
    muted = await anna.post(f"/api/v1/statuses/{reply['id']}/mute")
    assert muted["muted"] is True
    assert (await anna.get(f"/api/v1/statuses/{root['id']}"))["muted"] is True
    assert (await anna.get(f"/api/v1/statuses/{other['id']}"))["muted"] is False
    assert (await bert.get(f"/api/v1/statuses/{root['id']}"))["muted"] is False
    assert (await anna.post(f"/api/v1/statuses/{root['id']}/unmute"))["muted"] is False


async def test_a_muted_thread_is_silent(stadt: Town) -> None:
    anna, carla = await app_of(stadt, "anna"), await app_of(stadt, "carla")
    root, other = await anna.write("Thema"), await anna.write("Anderes")
    reply = await carla.write("Antwort", in_reply_to_id=root["id"])
    await anna.post(f"/api/v1/statuses/{reply['id']}/mute")
    await carla.write("@anna noch eine", in_reply_to_id=reply["id"])
    await carla.post(f"/api/v1/statuses/{root['id']}/favourite")
    await carla.post(f"/api/v1/statuses/{other['id']}/favourite")
    heard = await anna.get("/api/v1/notifications")
    assert [(item["type"], item["status"]["id"]) for item in heard] == [("favourite", other["id"])]
    await anna.post(f"/api/v1/statuses/{root['id']}/unmute")
    await carla.post(f"/api/v1/statuses/{root['id']}/reblog")
    assert (await anna.get("/api/v1/notifications"))[0]["type"] == "reblog"
