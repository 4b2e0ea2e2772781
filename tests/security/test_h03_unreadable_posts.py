"""H03, H04, H06: nothing can be done with a post one may not read, and it looks exactly like one that never was."""

import pytest
from sqlalchemy import func, select

from activitypub.models import Announce, Like
from tests.client import Client, anonymous, app_of
from tests.town import Town

ACTIONS = [
    ("GET", ""),
    ("GET", "/context"),
    ("GET", "/history"),
    ("GET", "/source"),
    ("GET", "/favourited_by"),
    ("GET", "/reblogged_by"),
    ("POST", "/favourite"),
    ("POST", "/unfavourite"),
    ("POST", "/reblog"),
    ("POST", "/unreblog"),
    ("POST", "/pin"),
    ("POST", "/unpin"),
    ("PUT", ""),
    ("DELETE", ""),
]


async def test_h03_an_unreadable_post_is_answered_like_none(stadt: Town, subtests: pytest.Subtests) -> None:
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert")
    for visibility in ["private", "direct"]:
        for method, path in ACTIONS:
            with subtests.test(visibility=visibility, method=method, path=path):
                status = await anna.write("Geheimnis", visibility=visibility)
                readers: list[Client] = [bert] if method != "GET" or path == "/source" else [bert, anonymous(stadt)]
                for reader in readers:
                    hidden = await reader.ask(method, f"/api/v1/statuses/{status['id']}{path}", json={"status": "x"})
                    missing = await reader.ask(
                        method, f"/api/v1/statuses/{int(status['id']) + 1}{path}", json={"status": "x"}
                    )
                    assert hidden.status == missing.status == 404
                    assert hidden.body == missing.body
                    assert same(hidden.headers) == same(missing.headers)
                assert await stadt.read(hands) == (0, 0)


async def test_h03_an_answer_to_an_unreadable_post_is_refused_like_one_to_none(stadt: Town) -> None:
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert")
    status = await anna.write("Geheimnis", visibility="private")
    replies = [
        await bert.ask("POST", "/api/v1/statuses", json={"status": "x", "in_reply_to_id": status_id})
        for status_id in (status["id"], "1")
    ]
    assert replies[0].status == replies[1].status == 404
    assert replies[0].body == replies[1].body


@pytest.mark.parametrize("visibility", ["public", "unlisted", "private", "direct"])
async def test_h01_only_readers_find_a_post_anywhere(stadt: Town, visibility: str) -> None:
    anna, follower, stranger = [await app_of(stadt, name) for name in ("anna", "folgt", "fremd")]
    await follower.follow(anna)
    status = await anna.write("Geheimnis #wort", visibility=visibility)
    nobody = anonymous(stadt)
    surfaces = (
        f"/api/v1/statuses?id[]={status['id']}",
        f"/api/v1/accounts/{anna.id}/statuses",
        f"/api/v1/accounts/{anna.id}/statuses?tagged=wort",
        "/api/v1/timelines/public",
        "/api/v1/timelines/public?local=true",
        "/api/v1/timelines/tag/wort",
    )
    open_to_all = visibility in {"public", "unlisted"}
    for surface in surfaces:
        in_public = "timelines" not in surface or visibility == "public"
        for reader, allowed in ((stranger, open_to_all), (nobody, open_to_all), (follower, visibility != "direct")):
            found = [one["id"] for one in await reader.get(surface)]
            assert found == ([status["id"]] if allowed and in_public else []), (surface, reader.username)
    home = [one["id"] for one in await follower.get("/api/v1/timelines/home")]
    assert home == ([] if visibility == "direct" else [status["id"]])


async def test_h06_who_has_only_asked_to_follow_reads_nothing_for_followers(stadt: Town) -> None:
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert")
    await anna.patch("/api/v1/accounts/update_credentials", data={"locked": "1"})
    status = await anna.write("für Freunde", visibility="private")
    assert (await bert.follow(anna))["requested"] is True
    await anna.write("noch eins", visibility="private")
    assert (await bert.ask("GET", f"/api/v1/statuses/{status['id']}")).status == 404
    assert await bert.get(f"/api/v1/accounts/{anna.id}/statuses") == []
    assert await bert.get("/api/v1/timelines/home") == []


def hands(session: object) -> tuple[int, int]:
    likes, announces = (session.scalar(select(func.count()).select_from(table)) for table in (Like, Announce))  # type: ignore[attr-defined]
    return likes, announces


def same(headers: object) -> dict[str, str]:
    """What of the headers may not differ: all but the time, and how many requests are left."""
    moving = {"Date", "X-RateLimit-Remaining", "X-RateLimit-Reset"}
    return {name: value for name, value in headers.items() if name not in moving}  # type: ignore[attr-defined]
