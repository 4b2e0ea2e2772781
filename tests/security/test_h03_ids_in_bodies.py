"""H02, H03: no body and no query reaches what one may not read, and what one may read stays its author's."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from activitypub.models import Report
from fediverse_kommune.api.routes import PAGES
from tests.client import Client, app_of
from tests.town import Town

WORD = "Kanarienvogel"
BODY = {"status": "x", "quote_approval_policy": "nobody", "lang": "en", "id": "1", "account_id": "1", "choices": ["0"]}

# What others may do with a post that they may read. Everything else about it is its author's, and to others not there.
FOR_READERS = {
    *(("GET", end) for end in ("", "/context", "/history", "/favourited_by", "/reblogged_by", "/quotes")),
    *(("POST", f"/{act}") for act in ("favourite", "unfavourite", "reblog", "unreblog", "bookmark", "unbookmark")),
    *(("POST", f"/{act}") for act in ("mute", "unmute", "translate", "react/<name>", "unreact/<name>")),
}


# That a post is somebody else's is no secret where the post is none: Mastodon says so, and unpins nothing.
REFUSED = {
    ("POST", "/pin"): 422,
    ("POST", "/unpin"): 200,
    ("POST", "/quotes/<quoting_status_id>/revoke"): 403,
    ("PUT", "/interaction_policy"): 403,
}


async def asked_with(bert: Client, anna: Client, status_id: str, filter_id: str) -> dict[str, Any]:
    """Return how every place answers that takes the id of a post, but in its path."""
    later = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    post, found = "/api/v1/statuses", {}
    for name in ("in_reply_to_id", "quoted_status_id"):
        found[name] = await bert.ask("POST", post, json={"status": "x", name: status_id})
        body = {"status": "x", name: status_id, "scheduled_at": later}
        found[f"{name}, later"] = await bert.ask("POST", post, json=body)
    found["filter"] = await bert.ask("POST", f"/api/v2/filters/{filter_id}/statuses", json={"status_id": status_id})
    found["several"] = await bert.ask("GET", f"{post}?id[]={status_id}")
    uri = f"{bert.town.origin}/users/anna/statuses/{status_id}"
    for name, address in (("uri", uri), ("url", f"{bert.town.origin}/@anna/{status_id}")):
        found[f"search {name}"] = await bert.ask("GET", f"/api/v2/search?q={address}&resolve=true")
        found[f"embed {name}"] = await bert.ask("GET", f"/api/oembed?url={address}")
    found["report"] = await bert.ask("POST", "/api/v1/reports", json={"account_id": anna.id, "status_ids": [status_id]})
    return {name: (reply.status, _without_ids(reply.json)) for name, reply in found.items()}


def _without_ids(body: Any) -> Any:
    return (
        {name: value for name, value in body.items() if name not in {"id", "created_at"}}
        if isinstance(body, dict)
        else body
    )


@pytest.mark.parametrize("visibility", ["private", "direct"])
async def test_h03_no_body_and_no_query_reaches_what_one_may_not_read(stadt: Town, visibility: str) -> None:
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert")
    hidden = await anna.write(WORD, visibility=visibility)
    own = await bert.post("/api/v2/filters", json={"title": "x", "context": ["home"]})
    found = await asked_with(bert, anna, hidden["id"], own["id"])
    missing = await asked_with(bert, anna, "4711", own["id"])
    for name, told in found.items():
        assert told == missing[name], name
        assert WORD not in str(told), name
    assert await stadt.read(_named_in_reports) == []


def _named_in_reports(session: Any) -> list[int]:
    return [status_id for report in session.query(Report) for status_id in report.status_ids]


async def test_h02_what_everybody_may_read_only_its_author_changes(stadt: Town) -> None:
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert")
    poll = {"options": ["ja", "nein"], "expires_in": 900}
    post = await anna.write("für alle", poll=poll)
    post = await anna.post(f"/api/v1/statuses/{post['id']}/pin")
    quoting = await bert.write("dazu", quoted_status_id=post["id"])
    prefix = "/api/v1/statuses/<status_id>"
    tried = set()
    for route in (route for page in PAGES for route in page.all if route.path.startswith(prefix)):
        end = route.path.removeprefix(prefix)
        for method in route.methods:
            path = (
                route.path.replace("<status_id>", post["id"])
                .replace("<name>", "%F0%9F%94%A5")
                .replace("<quoting_status_id>", quoting["id"])
            )
            reply = await bert.ask(method, path, json=BODY if method != "GET" else None)
            tried.add((method, end))
            if (method, end) not in FOR_READERS:
                assert reply.status == REFUSED.get((method, end), 404), (method, end, reply.status, reply.text)
    assert tried > FOR_READERS, "each of them exists"
    after = await anna.get(f"/api/v1/statuses/{post['id']}")
    kept = ("content", "visibility", "pinned", "quote_approval", "poll", "spoiler_text", "edited_at", "sensitive")
    assert {name: after.get(name) for name in kept} == {name: post.get(name) for name in kept}
    assert (await bert.get(f"/api/v1/statuses/{quoting['id']}"))["quote"]["state"] == "accepted"
