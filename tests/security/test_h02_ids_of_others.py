"""H02: whatever has an id and belongs to somebody is nothing to everybody else, on every route that takes such an id.

The routes are those of the table; each name of an id has to be listed below, so no new kind of thing can be forgotten.
"""

import re
from datetime import UTC, datetime, timedelta

import pytest

from fediverse_kommune.api.routes import PAGES
from fediverse_kommune.api.routing import Route
from tests.client import Client, app_of
from tests.pictures import picture
from tests.town import Town

WORD = "Kanarienvogel"
# What is everybody's, or has sweeps of its own: posts and polls (H01, H03), accounts, what staff look after (K01).
SHARED = {
    *("status_id", "quoting_status_id", "poll_id", "account_id", "announcement_id"),
    *("report_id", "block_id", "allow_id", "tag_id", "rule_id", "link_id", "trend_id"),
}
# Reading a collection is for everybody; changing it is its owner's.
PUBLIC_TO_READ = {"collection_id"}
# Putting away what is not there says so as little as putting away what is; nothing changes either way.
SILENT = {"/api/v2/notifications/<group_key>/dismiss"}


async def belongings(anna: Client, carla: Client) -> dict[str, str]:
    """Let Anna make one of everything that is hers, and return the ids by the names that routes give them."""
    later = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    media = await anna.post("/api/v2/media", data={"file": picture("PNG", (4, 4)), "description": WORD})
    filtered = await anna.post(
        "/api/v2/filters",
        json={"title": WORD, "context": ["home"], "keywords_attributes": [{"keyword": WORD, "whole_word": True}]},
    )
    status = await anna.write("Hallo")
    filter_status = await anna.post(f"/api/v2/filters/{filtered['id']}/statuses", json={"status_id": status["id"]})
    await anna.follow(carla)
    await carla.write(f"@anna {WORD}", visibility="direct")
    (conversation,) = await anna.get("/api/v1/conversations")
    (notification,) = await anna.get("/api/v1/notifications")
    (group,) = (await anna.get("/api/v2/notifications"))["notification_groups"]
    collection = await anna.post("/api/v1/collections", json={"name": WORD, "account_ids": [carla.id]})
    return {
        "media_id": media["id"],
        "filter_id": filtered["id"],
        "keyword_id": filtered["keywords"][0]["id"],
        "filter_status_id": filter_status["id"],
        "list_id": (await anna.post("/api/v1/lists", json={"title": WORD}))["id"],
        "scheduled_id": (await anna.write(WORD, scheduled_at=later))["id"],
        "featured_tag_id": (await anna.post("/api/v1/featured_tags", json={"name": "fest"}))["id"],
        "conversation_id": conversation["id"],
        "notification_id": notification["id"],
        "group_key": group["group_key"],
        "request_id": await _request(anna),
        "wish_id": await _wish(anna, carla),
        "collection_id": (collection.get("collection") or collection)["id"],
        "item_id": (collection.get("collection") or collection)["items"][0]["id"],
    }


async def _request(anna: Client) -> str:
    """Have somebody's notifications held back, and return the id of the request."""
    await anna.patch("/api/v2/notifications/policy", json={"for_not_following": "filter"})
    stranger = await app_of(anna.town, "fremd")
    await stranger.write("@anna Hallo")
    (request,) = await anna.get("/api/v1/notifications/requests")
    return str(request["id"])


async def _wish(anna: Client, other: Client) -> str:
    """Have somebody want to like what Anna decides on, and return the id of the request."""
    post = await anna.write(WORD, interaction_policy={"can_favourite": {"with_approval": ["public"]}})
    await other.post(f"/api/v1/statuses/{post['id']}/favourite")
    (wish,) = await anna.get("/api/v1/interaction_requests")
    return str(wish["id"])


def names(route: Route) -> list[str]:
    return [name for name in re.findall(r"<(?:\w+:)?(\w+)>", route.path) if name.endswith("_id") or name == "group_key"]


ROUTES = [route for page in PAGES for route in page.all if set(names(route)) - SHARED]


@pytest.mark.timeout(240)
async def test_h02_what_is_annas_is_nothing_to_bert(stadt: Town) -> None:
    anna, bert, carla = [await app_of(stadt, name) for name in ("anna", "bert", "carla")]
    ids = await belongings(anna, carla)
    body = {
        **dict.fromkeys(("title", "keyword", "phrase", "name"), "x"),
        "context": ["home"],
        "account_ids": [bert.id],
        "account_id": bert.id,
        "status_id": (await bert.write())["id"],
        "scheduled_at": (datetime.now(UTC) + timedelta(hours=2)).isoformat(),
    }
    before = await stadt.state()
    for route in ROUTES:
        assert set(names(route)) - SHARED <= ids.keys(), f"{route.path}: whose is it? Say so here."
        path = re.sub(r"<(?:\w+:)?(\w+)>", lambda match: ids.get(match[1], "1"), route.path)
        for method in route.methods:
            if method == "GET" and set(names(route)) <= PUBLIC_TO_READ:
                continue
            reply = await bert.ask(method, path, json=body if method != "GET" else None)
            # That a collection exists is no secret, so whoever may not change it is told that.
            expected = 200 if route.path in SILENT else 403 if "collection_id" in names(route) else 404
            assert reply.status == expected, (method, route.path, reply.status, reply.text)
            assert WORD not in reply.text, (method, route.path)
    after = await stadt.state()
    changed = {table for table in after if after[table] != before[table]} - {"oauth_tokens"}
    assert changed == set()


@pytest.mark.timeout(240)
async def test_h02_what_is_annas_is_there_for_anna(stadt: Town) -> None:
    """Otherwise the test above would pass with ids of nothing."""
    anna, carla = await app_of(stadt, "anna"), await app_of(stadt, "carla")
    ids = await belongings(anna, carla)
    for route in ROUTES:
        if route.methods != ("GET",):
            continue
        path = re.sub(r"<(?:\w+:)?(\w+)>", lambda match: ids[match[1]], route.path)
        assert (await anna.ask("GET", path)).status == 200, route.path
