"""H02: whatever has an id and belongs to somebody is nothing to everybody else, on every route that takes such an id.

The routes are those of the table; each name of an id has to be listed below, so no new kind of thing can be forgotten.
"""

import re
from datetime import UTC, datetime, timedelta

import pytest

from fediverse_kommune.api.routes import PAGES
from fediverse_kommune.api.routing import Route
from tests.belongings import WORD, belongings
from tests.client import app_of
from tests.town import Town

# What is everybody's, or has sweeps of its own: posts and polls (H01, H03), accounts, what staff look after (K01).
SHARED = {
    *("status_id", "quoting_status_id", "poll_id", "account_id", "announcement_id"),
    "refresh_id",  # of a thread: whether it is still being read, and how many posts were found
    *("report_id", "block_id", "allow_id", "tag_id", "rule_id", "link_id", "trend_id"),
}
# Reading a collection is for everybody; changing it is its owner's.
PUBLIC_TO_READ = {"collection_id"}
# Putting away what is not there says so as little as putting away what is; nothing changes either way.
SILENT = {"/api/v2/notifications/<group_key>/dismiss"}


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
