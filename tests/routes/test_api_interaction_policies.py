"""Saying who may like, answer, announce and quote one's own posts: per post, and as a default."""

from typing import Any

import pytest

from tests.client import Client, anonymous, app_of
from tests.fediverse import PUBLIC, Remote
from tests.quotes import request_for, state
from tests.town import Town

DEFAULTS = "/api/v1/interaction_policies/defaults"
EVERYBODY = {"automatic_approval": ["public"], "manual_approval": [], "always": ["public"], "with_approval": []}
AUTHOR = {**EVERYBODY, "automatic_approval": ["author"], "always": ["author"]}
OPEN = {"can_favourite": EVERYBODY, "can_reply": EVERYBODY, "can_reblog": EVERYBODY, "can_quote": EVERYBODY}


def rules(automatic: list[str], manual: list[str]) -> dict[str, list[str]]:
    return {
        "automatic_approval": automatic,
        "manual_approval": manual,
        "always": automatic,
        "with_approval": manual,
    }


async def document(town: Town, status: Any) -> Any:
    """Return the policy of a post as other servers read it."""
    _, found = await town.get(status["uri"].removeprefix(town.origin))
    return found["interactionPolicy"]


async def test_a_policy_is_stored_shown_and_told(stadt: Town, nachbar: Remote) -> None:
    anna, bob = await app_of(stadt, "anna"), nachbar.person("bob")
    await stadt.meet(bob)
    said = {
        "can_favourite": {"always": ["followers", "following", bob.uri], "with_approval": ["public"]},
        "can_reply": {"automatic_approval": ["mentioned", "me"], "manual_approval": ["followers"]},
        "can_reblog": {"always": []},
    }
    post = await anna.write(f"Hallo @bob@{nachbar.domain}", interaction_policy=said)
    seen = await anonymous(stadt).get(f"/api/v1/statuses/{post['id']}")
    assert seen["interaction_policy"] == {
        "can_favourite": rules(["followers", "following", bob.uri], ["public"]),
        "can_reply": rules(["mentioned"], ["followers"]),
        "can_reblog": AUTHOR,
        "can_quote": EVERYBODY,
    }
    me = f"{stadt.origin}/users/anna"
    assert await document(stadt, post) == {
        "canLike": {
            "automaticApproval": [me, f"{me}/followers", f"{me}/following", bob.uri],
            "manualApproval": [PUBLIC],
        },
        "canReply": {"automaticApproval": [me, bob.uri], "manualApproval": [f"{me}/followers"]},
        "canAnnounce": {"automaticApproval": [me]},
        "canQuote": {"automaticApproval": [PUBLIC]},
    }


async def test_a_form_says_the_same_as_json(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    form = {
        "status": "x",
        "interaction_policy[can_reply][always][0]": "author",
        "interaction_policy[can_reply][always][1]": "followers",
        "interaction_policy[can_reply][with_approval][0]": "public",
    }
    post = await anna.post("/api/v1/statuses", data=form)
    seen = await anonymous(stadt).get(f"/api/v1/statuses/{post['id']}")
    assert seen["interaction_policy"] == {**OPEN, "can_reply": rules(["author", "followers"], ["public"])}


@pytest.mark.parametrize("word", ["mutuals", "jeder", "ftp://stadt.test/a", "https://"])
async def test_what_cannot_be_told_to_others_is_refused(stadt: Town, word: str) -> None:
    anna = await app_of(stadt, "anna")
    policy = {"can_reply": {"always": [word]}}
    for method, path, body in (
        ("POST", "/api/v1/statuses", {"status": "x", "interaction_policy": policy}),
        ("PATCH", DEFAULTS, {"public": policy}),
    ):
        reply = await anna.ask(method, path, json=body)
        assert reply.status == 422
        assert word in reply.json["error"]
    many = {"can_reply": {"always": [f"https://stadt.test/{number}" for number in range(65)]}}
    assert (await anna.ask("PATCH", DEFAULTS, json={"public": many})).status == 422


async def test_a_policy_changes_with_an_edit_and_others_are_told(stadt: Town, nachbar: Remote) -> None:
    anna, bob = await app_of(stadt, "anna"), nachbar.person("bob")
    await stadt.accept(bob, bob.activity("Follow", f"{stadt.origin}/users/anna"))
    post = await anna.write("Sommerfest", quote_approval_policy="nobody")
    path = f"/api/v1/statuses/{post['id']}"
    nobody = {"can_reply": {"always": ["author"]}}
    edited = await anna.put(path, json={"status": "Sommerfest", "interaction_policy": nobody})
    assert edited["edited_at"] is None
    (told,) = await nachbar.until_received("Update")
    me = f"{stadt.origin}/users/anna"
    assert told.activity["object"]["interactionPolicy"] == {
        "canLike": {"automaticApproval": [PUBLIC]},
        "canReply": {"automaticApproval": [me]},
        "canAnnounce": {"automaticApproval": [PUBLIC]},
        "canQuote": {"automaticApproval": [me]},
    }
    await anna.put(path, json={"status": "Sommerfest"})
    assert (await document(stadt, post))["canReply"] == {"automaticApproval": [me]}


async def test_residents_are_held_to_it(stadt: Town) -> None:
    anna, bernd = await app_of(stadt, "anna"), await app_of(stadt, "bernd")
    nobody = {name: {"always": ["author"]} for name in OPEN}
    post = await anna.write("Ruhe bitte", interaction_policy=nobody)
    path, reply = f"/api/v1/statuses/{post['id']}", {"status": "y", "in_reply_to_id": post["id"]}
    for client, expected in ((bernd, 403), (anna, 200)):
        assert (await client.ask("POST", f"{path}/favourite")).status == expected
        assert (await client.ask("POST", f"{path}/reblog")).status == expected
        assert (await client.ask("POST", "/api/v1/statuses", json=reply)).status == expected


@pytest.mark.parametrize("visibility", ["private", "direct"])
async def test_what_is_not_for_everybody_is_announced_by_its_author_alone(stadt: Town, visibility: str) -> None:
    anna = await app_of(stadt, "anna")
    said = {"can_reblog": {"always": ["public"]}}
    post = await anna.write("x", visibility=visibility, interaction_policy=said)
    assert post["interaction_policy"]["can_reblog"]["automatic_approval"] == ["author", "me"]


async def default_of(client: Client, visibility: str) -> Any:
    return (await client.get(DEFAULTS))[visibility]


async def test_defaults_before_anybody_changed_them(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    narrow = {**OPEN, "can_reblog": AUTHOR, "can_quote": AUTHOR}
    assert await anna.get(DEFAULTS) == {"public": OPEN, "unlisted": OPEN, "private": narrow, "direct": narrow}
    assert (await anonymous(stadt).ask("GET", DEFAULTS)).status == 401
    assert (await anonymous(stadt).ask("PATCH", DEFAULTS)).status == 401


async def test_defaults_hold_for_new_posts_of_their_visibility(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    followers = {"can_reply": {"always": ["followers"], "with_approval": ["public"]}}
    shown = await anna.patch(DEFAULTS, json={"public": followers, "private": {"can_favourite": {"always": ["author"]}}})
    assert shown["public"] == {**OPEN, "can_reply": rules(["followers"], ["public"])}
    assert shown["private"] == {**OPEN, "can_favourite": AUTHOR, "can_reblog": AUTHOR, "can_quote": AUTHOR}
    assert shown["unlisted"] == OPEN
    assert await anna.get(DEFAULTS) == shown
    for visibility in ("public", "unlisted", "private"):
        post = await anna.write("x", visibility=visibility)
        for name, part in post["interaction_policy"].items():
            expected = shown[visibility][name]["automatic_approval"]
            assert [word for word in part["automatic_approval"] if word != "me"] == expected, (visibility, name)
    other = await anna.write("y", interaction_policy={"can_reply": {"always": ["author"]}})
    assert other["interaction_policy"]["can_reply"]["automatic_approval"] == ["author", "me"]

    again = await anna.patch(DEFAULTS, data={"unlisted[can_reblog][always][0]": "author"})
    assert again["public"] == OPEN
    assert again["unlisted"] == {**OPEN, "can_reblog": AUTHOR}


async def test_defaults_leave_the_other_preferences_as_they_are(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    await anna.patch("/api/v1/accounts/update_credentials", json={"source": {"quote_policy": "nobody"}})
    await anna.patch(DEFAULTS, json={"public": {"can_reply": {"always": ["author"]}}})
    post = await anna.write("x")
    assert post["quote_approval"]["automatic"] == []
    assert (await anna.get("/api/v1/preferences"))["posting:default:quote_policy"] == "nobody"


async def test_a_policy_waits_with_a_scheduled_post(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    body = {"status": "x", "scheduled_at": "2099-01-01T00:00:00Z"}
    said = {"can_reply": {"always": ["author"]}}
    kept = await anna.post("/api/v1/statuses", json={**body, "interaction_policy": said})
    assert kept["params"]["interaction_policy"] == {"canReply": {"automatic": ["author"], "manual": []}}
    assert "interaction_policy" not in (await anna.post("/api/v1/statuses", json=body))["params"]


async def test_blocking_somebody_takes_their_quotes_back(stadt: Town, nachbar: Remote) -> None:
    anna, bernd, bob = await app_of(stadt, "anna"), await app_of(stadt, "bernd"), nachbar.person("bob")
    post = await anna.write("Sommerfest")
    asked = request_for(bob, post["uri"])
    await stadt.accept(bob, asked)
    (answer,) = await nachbar.until_received("Accept")
    near = await bernd.write("Sehr wahr", quoted_status_id=post["id"])
    assert near["quote"]["state"] == "accepted"
    (quoting, *_) = [
        item for item in await anna.get(f"/api/v1/statuses/{post['id']}/quotes") if item["id"] != near["id"]
    ]

    for account_id in (quoting["account"]["id"], bernd.id):
        await anna.post(f"/api/v1/accounts/{account_id}/block")

    (told,) = await nachbar.until_received("Delete")
    assert told.activity["object"]["id"] == answer.activity["result"]
    assert (await stadt.get(answer.activity["result"].removeprefix(stadt.origin)))[0] == 404
    assert [await state(stadt, uri) for uri in (asked["instrument"]["id"], near["uri"])] == ["revoked", "revoked"]
    assert (await anna.get(f"/api/v1/statuses/{post['id']}"))["quotes_count"] == 0


async def test_blocking_somebody_refuses_what_they_wait_for(stadt: Town, nachbar: Remote) -> None:
    anna, bob = await app_of(stadt, "anna"), nachbar.person("bob")
    post = await anna.write("x", interaction_policy={"can_reply": {"with_approval": ["public"]}})
    await stadt.accept(bob, bob.create(bob.note(inReplyTo=post["uri"])))
    (waiting,) = await anna.get("/api/v1/interaction_requests")
    await anna.post(f"/api/v1/accounts/{waiting['account']['id']}/block")
    assert await anna.get("/api/v1/interaction_requests") == []
    assert (await anna.get(f"/api/v1/interaction_requests/{waiting['id']}"))["rejected_at"]


ASKED = {"can_quote": {"manual_approval": ["public"]}}


async def test_quotes_can_be_decided_on_one_by_one(stadt: Town, nachbar: Remote) -> None:
    anna, bernd, bob = await app_of(stadt, "anna"), await app_of(stadt, "bernd"), nachbar.person("bob")
    form = {"status": "Fragt mich", "interaction_policy[can_quote][with_approval][0]": "public"}
    for post in (
        await anna.write("Fragt mich", interaction_policy=ASKED),
        await anna.post("/api/v1/statuses", data=form),
    ):
        seen = await bernd.get(f"/api/v1/statuses/{post['id']}")
        assert seen["interaction_policy"]["can_quote"] == rules([], ["public", "me"])
        assert seen["quote_approval"] == {"automatic": [], "manual": ["public"], "current_user": "manual"}
        me = f"{stadt.origin}/users/anna"
        expected = {"automaticApproval": [me], "manualApproval": [PUBLIC]}
        assert (await document(stadt, post))["canQuote"] == expected
        asked = request_for(bob, post["uri"])
        await stadt.accept(bob, asked)
        near = await bernd.write("Sehr wahr", quoted_status_id=post["id"])
        assert near["quote"]["state"] == "pending"
        assert await state(stadt, asked["instrument"]["id"]) == "pending"
        found = await anna.get(f"/api/v1/interaction_requests?status_id={post['id']}")
        assert [item["type"] for item in found] == ["quote", "quote"]


async def test_of_two_words_about_quotes_the_longer_one_counts(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    post = await anna.write("x", interaction_policy=ASKED, quote_approval_policy="nobody")
    assert post["quote_approval"]["manual"] == ["public"]
    body = {"status": "x", "quote_approval_policy": "followers"}
    path = f"/api/v1/statuses/{post['id']}"
    assert (await anna.put(path, json=body | {"interaction_policy": ASKED}))["quote_approval"]["manual"] == ["public"]
    assert (await anna.put(path, json=body))["quote_approval"]["automatic"] == ["followers"]
    other = {"can_reply": {"always": ["author"]}}
    assert (await anna.put(path, json={"status": "x", "interaction_policy": other}))["quote_approval"]["automatic"] == [
        "followers"
    ]
    said = await anna.write("y", interaction_policy=other, quote_approval_policy="nobody")
    assert (said["quote_approval"]["automatic"], said["quote_approval"]["manual"]) == ([], [])


@pytest.mark.parametrize("visibility", ["private", "direct"])
async def test_what_is_not_for_everybody_is_quoted_by_its_author_alone(stadt: Town, visibility: str) -> None:
    anna = await app_of(stadt, "anna")
    post = await anna.write("x", visibility=visibility, interaction_policy=ASKED)
    assert post["interaction_policy"]["can_quote"]["manual_approval"] == []
    assert post["quote_approval"]["manual"] == []


async def test_quotes_decided_one_by_one_as_a_default(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    shown = await anna.patch(DEFAULTS, json={"public": ASKED})
    assert shown["public"]["can_quote"] == rules([], ["public"])
    assert (await anna.write("x"))["quote_approval"]["manual"] == ["public"]
    assert (await anna.write("x", visibility="unlisted"))["quote_approval"]["automatic"] == ["public"]
    assert (await anna.write("x", quote_approval_policy="followers"))["quote_approval"]["automatic"] == ["followers"]
    # What Mastodon's apps say later counts in its place.
    await anna.patch("/api/v1/accounts/update_credentials", json={"source": {"quote_policy": "followers"}})
    assert (await anna.write("x"))["quote_approval"]["automatic"] == ["followers"]
    assert (await anna.get(DEFAULTS))["public"]["can_quote"] == rules(["followers"], [])
