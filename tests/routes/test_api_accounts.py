"""Accounts and how they stand to each other. https://docs.joinmastodon.org/methods/accounts/"""

import pytest

from activitypub.graph.actors import find_actor
from tests.client import anonymous, app_of, officer_of
from tests.fediverse import Remote
from tests.town import Town

UPDATE = "/api/v1/accounts/update_credentials"


async def test_the_person_behind_a_token(stadt: Town) -> None:
    anna = await app_of(stadt, "anna", scopes="profile")
    account = await anna.get("/api/v1/accounts/verify_credentials")
    assert (account["id"], account["acct"], account["url"]) == (anna.id, "anna", f"{stadt.origin}/@anna")
    assert account["source"]["language"] == "de"
    assert account["role"]["name"] == ""


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
async def test_a_profile_is_changed_by_either_method(stadt: Town, method: str) -> None:
    anna = await app_of(stadt, "anna")
    form = {
        "display_name": "Anna Beispiel",
        "note": "Ich & #Garten",
        "locked": "true",
        "bot": "0",
        "fields_attributes[0][name]": "Seite",
        "fields_attributes[0][value]": "https://anna.example",
        "fields_attributes[1][name]": "",
        "fields_attributes[1][value]": "",
        "role": "admin",
    }
    reply = await anna.ask(method, UPDATE, data=form)
    assert reply.status == 200
    account = reply.json
    assert (account["display_name"], account["locked"], account["bot"]) == ("Anna Beispiel", True, False)
    assert account["source"]["note"] == "Ich & #Garten"
    assert account["note"].startswith("<p>Ich &amp; <a")
    assert [(field["name"], field["value"]) for field in account["source"]["fields"]] == [
        ("Seite", "https://anna.example")
    ]
    assert 'href="https://anna.example"' in account["fields"][0]["value"]
    assert account["role"]["name"] == "", "a body cannot make anybody an administrator"
    assert (await anonymous(stadt).get(f"/api/v1/accounts/{anna.id}"))["display_name"] == "Anna Beispiel"


async def test_a_profile_has_limits(stadt: Town, subtests: pytest.Subtests) -> None:
    anna = await app_of(stadt, "anna")
    for form in [
        {"display_name": "x" * 101},
        {"note": "x" * 2_001},
        {"fields_attributes": [{"name": "a", "value": "b"}] * 9},
        {"fields_attributes": "a"},
        {"locked": "perhaps"},
    ]:
        with subtests.test(form=form):
            assert (await anna.ask("PATCH", UPDATE, json=form)).status == 422


async def test_lookup_by_handle(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    nobody = anonymous(stadt)
    for acct in ("anna", "@Anna", f"anna@{stadt.host}:{stadt.port}"):
        assert (await nobody.get(f"/api/v1/accounts/lookup?acct={acct}"))["id"] == anna.id
    for acct in ("niemand", "anna@elsewhere.test", "%00", "stadt.test"):
        assert (await nobody.ask("GET", f"/api/v1/accounts/lookup?acct={acct}")).status in {404, 422}


async def test_search_by_the_beginning_of_name_or_handle(stadt: Town) -> None:
    anna, annette = await app_of(stadt, "anna"), await app_of(stadt, "annette")
    await app_of(stadt, "bert")
    found = await anna.get("/api/v1/accounts/search?q=ANN")
    assert {account["acct"] for account in found} == {"anna", "annette"}
    assert await anna.get("/api/v1/accounts/search?q=%25") == []
    assert await anna.get("/api/v1/accounts/search?q=ann&following=true") == []
    await anna.follow(annette)
    assert [a["acct"] for a in await anna.get("/api/v1/accounts/search?q=ann&following=true")] == ["annette"]


async def test_search_resolves_a_handle_elsewhere(stadt: Town, nachbar: Remote) -> None:
    anna = await app_of(stadt, "anna")
    nachbar.person("emil")
    handle = f"emil@{nachbar.domain}"
    assert await anna.get(f"/api/v1/accounts/search?q={handle}") == []
    found = await anna.get(f"/api/v1/accounts/search?q={handle}&resolve=true")
    assert [account["acct"] for account in found] == [handle]


async def test_relationships_by_either_spelling_of_a_list(stadt: Town) -> None:
    anna, bert, carla = [await app_of(stadt, name) for name in ("anna", "bert", "carla")]
    await anna.follow(bert)
    await carla.follow(anna)
    for query in (
        f"id[]={bert.id}&id[]={carla.id}",
        f"id={bert.id}&id={carla.id}",
        f"id[]={bert.id}&id[]={carla.id}&id[]=9",
    ):
        one, other = await anna.get(f"/api/v1/accounts/relationships?{query}")
        assert (one["id"], one["following"], one["followed_by"]) == (bert.id, True, False)
        assert (other["id"], other["following"], other["followed_by"]) == (carla.id, False, True)


async def test_relationships_to_suspended_accounts_are_for_those_who_want_them(stadt: Town) -> None:
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert")
    vera = await officer_of(stadt, "vera")
    await vera.post(f"/api/v1/admin/accounts/{bert.id}/action", json={"type": "suspend"})
    path = f"/api/v1/accounts/relationships?id={bert.id}"
    assert await anna.get(path) == []
    assert await anna.get(f"{path}&with_suspended=false") == []
    assert [tie["id"] for tie in await anna.get(f"{path}&with_suspended=true")] == [bert.id]


async def test_follow_with_wishes_and_unfollow(stadt: Town) -> None:
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert")
    path = f"/api/v1/accounts/{bert.id}"
    tie = await anna.post(f"{path}/follow", json={"reblogs": False, "notify": True})
    assert (tie["following"], tie["showing_reblogs"], tie["notifying"]) == (True, False, True)
    tie = await anna.post(f"{path}/follow", json={"reblogs": True})
    assert (tie["showing_reblogs"], tie["notifying"]) == (True, True)
    assert (await anna.get(path))["followers_count"] == 1
    assert (await anna.post(f"{path}/unfollow"))["following"] is False
    assert (await anna.get(path))["followers_count"] == 0


async def test_nobody_follows_or_blocks_themselves(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    assert (await anna.ask("POST", f"/api/v1/accounts/{anna.id}/follow")).status == 403
    assert (await anna.ask("POST", f"/api/v1/accounts/{anna.id}/block")).status == 403


async def test_a_locked_account_decides(stadt: Town) -> None:
    anna, bert, carla = [await app_of(stadt, name) for name in ("anna", "bert", "carla")]
    await anna.patch(UPDATE, data={"locked": "1"})
    for other in (bert, carla):
        tie = await other.follow(anna)
        assert (tie["following"], tie["requested"]) == (False, True)
    waiting = await anna.get("/api/v1/follow_requests")
    assert [account["acct"] for account in waiting] == ["carla", "bert"]
    assert (await anna.get("/api/v1/accounts/verify_credentials"))["source"]["follow_requests_count"] == 2
    assert (await anna.post(f"/api/v1/follow_requests/{bert.id}/authorize"))["followed_by"] is True
    assert (await anna.post(f"/api/v1/follow_requests/{carla.id}/reject"))["requested_by"] is False
    assert (await anna.ask("POST", f"/api/v1/follow_requests/{carla.id}/authorize")).status == 404
    assert [account["acct"] for account in await anna.get(f"/api/v1/accounts/{anna.id}/followers")] == ["bert"]


async def test_unlocking_lets_in_who_waits(stadt: Town) -> None:
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert")
    await anna.patch(UPDATE, data={"locked": "1"})
    await bert.follow(anna)
    await anna.patch(UPDATE, data={"locked": "0"})
    assert await anna.get("/api/v1/follow_requests") == []
    assert (await bert.get(f"/api/v1/accounts/relationships?id={anna.id}"))[0]["following"] is True


async def test_a_block_cuts_both_ways_and_shows(stadt: Town) -> None:
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert")
    await anna.follow(bert)
    await bert.follow(anna)
    status = await anna.write("für alle")
    tie = await anna.post(f"/api/v1/accounts/{bert.id}/block")
    assert (tie["blocking"], tie["following"], tie["followed_by"]) == (True, False, False)
    assert [account["acct"] for account in await anna.get("/api/v1/blocks")] == ["bert"]
    assert (await bert.get(f"/api/v1/accounts/relationships?id={anna.id}"))[0]["blocked_by"] is True
    assert (await bert.ask("GET", f"/api/v1/statuses/{status['id']}")).status == 404
    assert (await bert.ask("POST", f"/api/v1/accounts/{anna.id}/follow")).status == 403
    assert (await anna.post(f"/api/v1/accounts/{bert.id}/unblock"))["blocking"] is False
    assert (await bert.ask("GET", f"/api/v1/statuses/{status['id']}")).status == 200


async def test_who_hides_the_network_shows_it_only_to_themselves(stadt: Town) -> None:
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert")
    await bert.follow(anna)
    await anna.patch(UPDATE, data={"hide_collections": "true"})
    path = f"/api/v1/accounts/{anna.id}/followers"
    assert await bert.get(path) == await anonymous(stadt).get(path) == []
    assert [account["acct"] for account in await anna.get(path)] == ["bert"]


async def test_a_profile_shows_what_was_posted_and_passed_on(stadt: Town) -> None:
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert")
    his = await bert.write("er")
    mine = await anna.write("ich #Garten")
    announce = await anna.post(f"/api/v1/statuses/{his['id']}/reblog")
    answer = await anna.write("Antwort", in_reply_to_id=his["id"])
    path = f"/api/v1/accounts/{anna.id}/statuses"
    nobody = anonymous(stadt)

    async def shown(query: str = "") -> list[str]:
        return [status["id"] for status in await nobody.get(path + query)]

    assert await shown() == [answer["id"], announce["id"], mine["id"]]
    assert await shown("?exclude_reblogs=1") == [answer["id"], mine["id"]]
    assert await shown("?exclude_replies=true") == [announce["id"], mine["id"]]
    assert await shown("?tagged=GARTEN") == [mine["id"]]
    assert await shown("?only_media=1") == []
    first = await nobody.ask("GET", f"{path}?limit=2")
    assert [s["id"] for s in (await nobody.ask("GET", first.link("next") or "")).json] == [mine["id"]]


async def test_the_server_itself_is_no_account(stadt: Town) -> None:
    own = await stadt.read(find_actor, f"{stadt.origin}/actor")
    assert own is not None
    assert (await anonymous(stadt).ask("GET", f"/api/v1/accounts/{own.id}")).status == 404


async def test_nobody_has_a_proof_of_identity(stadt: Town) -> None:
    """https://docs.joinmastodon.org/methods/accounts/#identity_proofs"""
    anna = await app_of(stadt, "anna")
    for client in (anna, anonymous(stadt)):
        assert await client.get(f"/api/v1/accounts/{anna.id}/identity_proofs") == []
    assert (await anna.ask("GET", "/api/v1/accounts/1/identity_proofs")).status == 404
