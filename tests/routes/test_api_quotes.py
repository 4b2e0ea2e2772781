"""Quoting, who may, and taking it back, among residents. https://docs.joinmastodon.org/client/quotes/"""

from datetime import UTC, datetime
from typing import Any

import pytest

from activitypub.models import Block, new_id
from activitypub.unit import Unit
from fediverse_kommune.models import Mute
from tests.client import Client, anonymous, app_of, statements
from tests.town import Town

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
MISSING = "The post you want to quote does not exist, or may not be quoted."


async def two(stadt: Town) -> tuple[Client, Client]:
    return await app_of(stadt, "anna"), await app_of(stadt, "bert")


async def quoting(client: Client, quoted: Any, text: str = "Seht her", **fields: Any) -> Any:
    return await client.write(text, quoted_status_id=quoted["id"], **fields)


async def told(client: Client) -> list[tuple[str, str, str]]:
    found = await client.get("/api/v1/notifications")
    return [(item["type"], item["account"]["acct"], item["status"]["id"]) for item in found]


async def test_a_quote_shows_the_post_and_its_author_hears_of_it(stadt: Town) -> None:
    anna, bert = await two(stadt)
    post = await anna.write("Sommerfest am Samstag")
    quote = await quoting(bert, post)
    assert (quote["quote"]["state"], quote["quote"]["quoted_status"]["id"]) == ("accepted", post["id"])
    assert quote["content"] == "<p>Seht her</p>"
    shown = await anonymous(stadt).get(f"/api/v1/statuses/{quote['id']}")
    assert shown["quote"]["quoted_status"]["content"] == "<p>Sommerfest am Samstag</p>"
    assert (await anna.get(f"/api/v1/statuses/{post['id']}"))["quotes_count"] == 1
    assert [item["id"] for item in await anonymous(stadt).get(f"/api/v1/statuses/{post['id']}/quotes")] == [quote["id"]]
    assert await told(anna) == [("quote", "bert", quote["id"])]
    assert await told(bert) == []


async def test_what_is_quoted_in_a_quoted_post_is_only_named(stadt: Town) -> None:
    anna, bert = await two(stadt)
    first = await anna.write("eins")
    second = await quoting(bert, first, "zwei")
    third = await quoting(anna, second, "drei")
    inner = third["quote"]["quoted_status"]
    assert inner["id"] == second["id"]
    assert inner["quote"] == {"state": "accepted", "quoted_status_id": first["id"]}
    for reader in (bert, anonymous(stadt)):
        seen = await reader.get(f"/api/v1/statuses/{third['id']}")
        assert seen["quote"]["quoted_status"]["quote"] == inner["quote"]


async def test_what_is_named_in_a_quoted_post_is_named_to_who_may_read_it(stadt: Town) -> None:
    anna, bert = await two(stadt)
    first = await anna.write("eins")
    third = await quoting(bert, await quoting(bert, first))
    await anna.post(f"/api/v1/accounts/{(await app_of(stadt, 'carla')).id}/block")
    seen = await (await app_of(stadt, "carla")).get(f"/api/v1/statuses/{third['id']}")
    assert seen["quote"]["quoted_status"]["quote"] == {"state": "unauthorized", "quoted_status_id": None}


@pytest.mark.parametrize(
    ("policy", "stranger", "follower", "approval"),
    [
        ("public", "automatic", "automatic", ["public"]),
        ("followers", "denied", "automatic", ["followers"]),
        ("nobody", "denied", "denied", []),
    ],
)
async def test_the_policy_says_who_may_quote(
    stadt: Town, policy: str, stranger: str, follower: str, approval: list[str]
) -> None:
    anna, bert = await two(stadt)
    carla = await app_of(stadt, "carla")
    await carla.follow(anna)
    post = await anna.write(quote_approval_policy=policy)
    for client, expected in ((bert, stranger), (carla, follower), (anna, "automatic")):
        seen = (await client.get(f"/api/v1/statuses/{post['id']}"))["quote_approval"]
        assert seen == {"automatic": approval, "manual": [], "current_user": expected}
        reply = await client.ask("POST", "/api/v1/statuses", json={"status": "x", "quoted_status_id": post["id"]})
        assert reply.status == (200 if expected == "automatic" else 404)
        if reply.status == 404:
            assert reply.json == {"error": MISSING}
    nobody = (await anonymous(stadt).get(f"/api/v1/statuses/{post['id']}"))["quote_approval"]
    assert nobody["current_user"] == "denied"


async def test_one_text_for_what_is_not_there_not_readable_and_not_quotable(stadt: Town) -> None:
    anna, bert = await two(stadt)
    hidden = await anna.write("geheim", visibility="private")
    closed = await anna.write("offen", quote_approval_policy="nobody")
    for wanted in (hidden["id"], closed["id"], "1"):
        reply = await bert.ask("POST", "/api/v1/statuses", json={"status": "x", "quoted_status_id": wanted})
        assert (reply.status, reply.json) == (404, {"error": MISSING})


async def test_a_narrow_post_is_quoted_by_its_author_alone_and_no_wider(stadt: Town) -> None:
    anna, bert = await two(stadt)
    await bert.follow(anna)
    hidden = await anna.write("für euch", visibility="private", quote_approval_policy="public")
    assert hidden["quote_approval"] == {"automatic": [], "manual": [], "current_user": "automatic"}
    assert (await bert.get(f"/api/v1/statuses/{hidden['id']}"))["quote_approval"]["current_user"] == "denied"
    reply = await bert.ask("POST", "/api/v1/statuses", json={"status": "x", "quoted_status_id": hidden["id"]})
    assert reply.status == 404, "a follower may read it and not quote it"
    own = await quoting(anna, hidden)
    assert (own["visibility"], own["quote"]["state"]) == ("private", "accepted")
    direct = await anna.write("nur du @bert", visibility="direct")
    reply = await anna.ask("POST", "/api/v1/statuses", json={"status": "x", "quoted_status_id": direct["id"]})
    assert reply.status == 404, "what was said to one is quoted by nobody"


async def test_what_stays_here_is_quoted_by_what_stays_here(stadt: Town) -> None:
    anna, bert = await two(stadt)
    post = await anna.write("nur hier", local_only=True)
    assert (await quoting(bert, post))["local_only"] is True


async def test_a_private_mention_quotes_only_whom_it_mentions(stadt: Town) -> None:
    anna, bert = await two(stadt)
    await app_of(stadt, "carla")
    post = await anna.write("x")
    fields = {"visibility": "direct", "quoted_status_id": post["id"]}
    refused = await bert.ask("POST", "/api/v1/statuses", json={"status": "@carla", **fields})
    assert refused.status == 422
    assert "mentions" in refused.json["error"]
    assert (await bert.write("@anna sieh", **fields))["quote"]["state"] == "accepted"


async def test_quoting_an_announce_quotes_the_post_under_its_own_policy(stadt: Town) -> None:
    anna, bert = await two(stadt)
    carla = await app_of(stadt, "carla")
    open_post = await anna.write("offen")
    closed_post = await anna.write("zu", quote_approval_policy="nobody")
    announces = [await bert.post(f"/api/v1/statuses/{post['id']}/reblog") for post in (open_post, closed_post)]
    assert (await quoting(carla, announces[0]))["quote"]["quoted_status"]["id"] == open_post["id"]
    for client in (bert, carla):
        body = {"status": "x", "quoted_status_id": announces[1]["id"]}
        assert (await client.ask("POST", "/api/v1/statuses", json=body)).status == 404


async def test_only_what_the_reader_may_read_is_listed_page_by_page(stadt: Town) -> None:
    anna, bert = await two(stadt)
    post = await anna.write("x")
    quotes = [(await quoting(bert, post, str(number)))["id"] for number in range(5)]
    await quoting(bert, post, "für meine Leute", visibility="private")
    path = f"/api/v1/statuses/{post['id']}/quotes"
    assert [item["id"] for item in await anna.get(path)] == quotes[::-1]
    assert len(await bert.get(path)) == 6
    first = await anna.ask("GET", f"{path}?limit=2")
    assert [item["id"] for item in first.json] == quotes[:2:-1]
    second = await anna.ask("GET", first.link("next") or "")
    assert [item["id"] for item in second.json] == quotes[2:0:-1]
    assert [item["id"] for item in (await anna.ask("GET", second.link("prev") or "")).json] == quotes[:2:-1]
    assert (await anna.get(f"/api/v1/statuses/{post['id']}"))["quotes_count"] == 5, "a private quote is not counted"


async def test_the_quotes_of_what_one_may_not_read_are_not_found(stadt: Town) -> None:
    anna, bert = await two(stadt)
    hidden = await anna.write("x", visibility="private")
    for status_id in (hidden["id"], "1"):
        assert (await bert.ask("GET", f"/api/v1/statuses/{status_id}/quotes")).status == 404


async def test_consent_is_taken_back(stadt: Town) -> None:
    anna, bert = await two(stadt)
    post = await anna.write("x")
    quote = await quoting(bert, post)
    answer = await anna.post(f"/api/v1/statuses/{post['id']}/quotes/{quote['id']}/revoke")
    assert (answer["id"], answer["quote"]) == (quote["id"], {"state": "revoked", "quoted_status": None})
    for client in (bert, anonymous(stadt)):
        assert (await client.get(f"/api/v1/statuses/{quote['id']}"))["quote"]["state"] == "revoked"
    assert (await anna.get(f"/api/v1/statuses/{post['id']}"))["quotes_count"] == 0
    assert await anna.get(f"/api/v1/statuses/{post['id']}/quotes") == []
    assert await told(anna) == []
    again = await anna.post(f"/api/v1/statuses/{post['id']}/quotes/{quote['id']}/revoke")
    assert again["quote"]["state"] == "revoked"


async def test_only_the_quoted_author_takes_it_back(stadt: Town) -> None:
    anna, bert = await two(stadt)
    carla = await app_of(stadt, "carla")
    post, other = await anna.write("x"), await anna.write("y")
    quote = await quoting(bert, post)
    hidden = await quoting(bert, post, visibility="private")
    for client in (bert, carla):
        assert (await client.ask("POST", f"/api/v1/statuses/{post['id']}/quotes/{quote['id']}/revoke")).status == 403
    for path in (
        f"/api/v1/statuses/{other['id']}/quotes/{quote['id']}/revoke",
        f"/api/v1/statuses/{post['id']}/quotes/{other['id']}/revoke",
        f"/api/v1/statuses/{post['id']}/quotes/1/revoke",
        f"/api/v1/statuses/1/quotes/{quote['id']}/revoke",
        f"/api/v1/statuses/{post['id']}/quotes/{hidden['id']}/revoke",
    ):
        assert (await anna.ask("POST", path)).status == 404
    assert (await bert.get(f"/api/v1/statuses/{quote['id']}"))["quote"]["state"] == "accepted"


async def test_the_policy_can_change_and_quotes_that_hold_go_on_holding(stadt: Town) -> None:
    anna, bert = await two(stadt)
    post = await anna.write("x")
    quote = await quoting(bert, post)
    path = f"/api/v1/statuses/{post['id']}/interaction_policy"
    changed = await anna.put(path, json={"quote_approval_policy": "nobody"})
    assert changed["quote_approval"] == {"automatic": [], "manual": [], "current_user": "automatic"}
    assert changed["edited_at"] is None
    assert (await bert.get(f"/api/v1/statuses/{quote['id']}"))["quote"]["state"] == "accepted"
    assert (
        await bert.ask("POST", "/api/v1/statuses", json={"status": "y", "quoted_status_id": post["id"]})
    ).status == 404
    edited = await anna.put(
        f"/api/v1/statuses/{post['id']}", json={"status": "y", "quote_approval_policy": "followers"}
    )
    assert edited["quote_approval"]["automatic"] == ["followers"]
    kept = await anna.put(f"/api/v1/statuses/{post['id']}", json={"status": "z"})
    assert kept["quote_approval"]["automatic"] == ["followers"], "an edit that says nothing of it leaves it"


@pytest.mark.parametrize("body", [{}, {"quote_approval_policy": ""}, {"quote_approval_policy": "friends"}])
async def test_a_policy_is_one_of_three_words(stadt: Town, body: dict[str, str]) -> None:
    anna = await app_of(stadt, "anna")
    post = await anna.write("x")
    reply = await anna.ask("PUT", f"/api/v1/statuses/{post['id']}/interaction_policy", json=body)
    assert reply.status == 422
    assert set(reply.json) == {"error", "details"}
    if body.get("quote_approval_policy"):
        assert (await anna.ask("POST", "/api/v1/statuses", json={"status": "x", **body})).status == 422


async def test_nobody_else_sets_the_policy(stadt: Town) -> None:
    anna, bert = await two(stadt)
    post, hidden = await anna.write("x"), await anna.write("y", visibility="private")
    body = {"quote_approval_policy": "nobody"}
    for status_id, expected in ((post["id"], 403), (hidden["id"], 404), ("1", 404)):
        assert (await bert.ask("PUT", f"/api/v1/statuses/{status_id}/interaction_policy", json=body)).status == expected


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", "quotes", "write:statuses"),
        ("POST", "quotes/1/revoke", "read:statuses"),
        ("PUT", "interaction_policy", "read:statuses"),
    ],
)
async def test_each_needs_its_scope_and_what_changes_needs_a_token(
    stadt: Town, method: str, path: str, scope: str
) -> None:
    anna = await app_of(stadt, "anna")
    post = await anna.write("x")
    limited = await app_of(stadt, "anna", scopes=scope)
    assert (await limited.ask(method, f"/api/v1/statuses/{post['id']}/{path}")).status == 403
    expected = 200 if method == "GET" else 401
    assert (await anonymous(stadt).ask(method, f"/api/v1/statuses/{post['id']}/{path}")).status == expected


async def test_a_quote_outlives_what_it_quoted(stadt: Town) -> None:
    anna, bert = await two(stadt)
    post = await anna.write("x")
    quote = await quoting(bert, post)
    await anna.delete(f"/api/v1/statuses/{post['id']}")
    seen = await bert.get(f"/api/v1/statuses/{quote['id']}")
    assert (seen["quote"], seen["content"]) == ({"state": "deleted", "quoted_status": None}, "<p>Seht her</p>")


async def test_deleting_a_quote_uncounts_it(stadt: Town) -> None:
    anna, bert = await two(stadt)
    post = await anna.write("x")
    quote = await quoting(bert, post)
    deleted = await bert.delete(f"/api/v1/statuses/{quote['id']}")
    assert deleted["quote"]["quoted_status"]["id"] == post["id"], "to write it anew"
    assert (await anna.get(f"/api/v1/statuses/{post['id']}"))["quotes_count"] == 0
    assert await told(anna) == []


async def test_who_quoted_hears_that_the_post_says_something_else(stadt: Town) -> None:
    anna, bert = await two(stadt)
    post = await anna.write("Samstag")
    quote = await quoting(bert, post)
    for text in ("Sonntag", "Montag"):
        await anna.put(f"/api/v1/statuses/{post['id']}", json={"status": text})
    assert await told(bert) == [("quoted_update", "anna", quote["id"])]


@pytest.mark.parametrize(
    ("table", "values", "state"),
    [
        (Block, {"uri": "https://stadt.test/block"}, "blocked_account"),
        (Mute, {"expires_at": None}, "muted_account"),
        (Mute, {"expires_at": LONG_AGO}, "accepted"),
    ],
)
async def test_a_reader_is_warned_of_whom_they_want_nothing_to_see(
    stadt: Town, table: type[Block | Mute], values: dict[str, Any], state: str
) -> None:
    anna, bert = await two(stadt)
    carla = await app_of(stadt, "carla")
    post = await anna.write("x")
    quote = await quoting(bert, post)
    outer = await quoting(bert, quote)

    def avoid(unit: Unit) -> None:
        made = {"id": new_id(unit.now), "created_at": unit.now, "actor_id": int(carla.id), "target_id": int(anna.id)}
        unit.add(table(**made, **values))

    await stadt.write(avoid)
    seen = (await carla.get(f"/api/v1/statuses/{quote['id']}"))["quote"]
    assert (seen["state"], seen["quoted_status"]["id"]) == (state, post["id"]), "apps show it when asked to"
    inner = (await carla.get(f"/api/v1/statuses/{outer['id']}"))["quote"]["quoted_status"]["quote"]
    assert inner == {"state": state, "quoted_status_id": post["id"]}
    assert (await bert.get(f"/api/v1/statuses/{quote['id']}"))["quote"]["state"] == "accepted"


async def test_whom_the_quoted_author_blocks_sees_nothing_of_it(stadt: Town) -> None:
    anna, bert = await two(stadt)
    carla = await app_of(stadt, "carla")
    quote = await quoting(bert, await anna.write("x"))
    await anna.post(f"/api/v1/accounts/{carla.id}/block")
    seen = (await carla.get(f"/api/v1/statuses/{quote['id']}"))["quote"]
    assert seen == {"state": "unauthorized", "quoted_status": None}


async def test_a_page_of_quotes_costs_five_statements_from_cold(stadt: Town) -> None:
    anna, bert = await two(stadt)
    for number in range(10):
        await anna.write(str(number), quote_approval_policy="followers")
    plain = await anna.get("/api/v1/timelines/public?limit=10")
    await bert.follow(anna)
    for post in plain:
        await quoting(bert, post)
    with statements(stadt) as with_quotes:
        page = await bert.get("/api/v1/timelines/public?limit=10")
    assert all(status["quote"]["quoted_status"]["quote_approval"]["current_user"] == "automatic" for status in page)
    assert len(with_quotes) <= 5
