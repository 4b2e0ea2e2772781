"""One of everything that somebody can have here: for tests that need ids which exist."""

from datetime import UTC, datetime, timedelta

from tests.client import Client, app_of
from tests.pictures import picture

WORD = "Kanarienvogel"


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
