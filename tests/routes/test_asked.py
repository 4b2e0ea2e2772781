"""Asking before acting (LikeRequest, ReplyRequest, AnnounceRequest): who is not listened to."""

from typing import Any

import pytest

from activitypub.models import Announce, InteractionRequest, Like, Status
from fediverse_kommune.models import Role
from inbox.models import InboxItem
from tests.client import app_of, officer_of
from tests.fediverse import Remote
from tests.routes.test_api_interaction_requests import ASK, REQUEST_PATH, TYPES, asking
from tests.town import Town


async def nothing_came_of_it(stadt: Town, remote: Remote) -> None:
    """Nothing was stored, nothing waits, and nobody was answered."""
    await stadt.rest()
    assert await stadt.count(InboxItem, InboxItem.done_at.is_(None)) == 0
    assert await stadt.count(InteractionRequest) == 0
    assert (await stadt.count(Like), await stadt.count(Announce)) == (0, 0)
    assert await stadt.count(Status, Status.in_reply_to_id.is_not(None)) == 0
    assert [item.activity["type"] for item in remote.received if item.activity["type"] in ("Accept", "Reject")] == []


@pytest.mark.parametrize("policy", [ASK, {}])
@pytest.mark.parametrize("kind", TYPES)
async def test_who_blocks_the_author_is_not_listened_to(stadt: Town, nachbar: Remote, kind: str, policy: Any) -> None:
    anna, bob = await app_of(stadt, "anna"), nachbar.person("bob")
    post = await anna.write("Fragt mich", interaction_policy=policy)
    await stadt.accept(bob, bob.activity("Block", f"{stadt.origin}/users/anna"))
    await stadt.accept(bob, asking(bob, post, kind))
    await nothing_came_of_it(stadt, nachbar)


@pytest.mark.parametrize("policy", [ASK, {}])
@pytest.mark.parametrize("kind", TYPES)
async def test_who_is_blocked_is_not_listened_to(stadt: Town, nachbar: Remote, kind: str, policy: Any) -> None:
    anna, bob = await app_of(stadt, "anna"), nachbar.person("bob")
    post = await anna.write("Fragt mich", interaction_policy=policy)
    await anna.post(f"/api/v1/accounts/{(await stadt.meet(bob)).id}/block")
    await stadt.accept(bob, asking(bob, post, kind))
    await nothing_came_of_it(stadt, nachbar)


@pytest.mark.parametrize("kind", TYPES)
async def test_a_domain_that_moderators_shut_out_is_not_listened_to(stadt: Town, nachbar: Remote, kind: str) -> None:
    anna, bob = await app_of(stadt, "anna"), nachbar.person("bob")
    post = await anna.write("Fragt mich", interaction_policy=ASK)
    await stadt.meet(bob)
    vera = await officer_of(stadt, "vera", Role.ADMIN)
    await vera.post("/api/v1/admin/domain_blocks", data={"domain": nachbar.host, "severity": "suspend"})
    assert await stadt.deliver(bob, asking(bob, post, kind)) == 403
    await nothing_came_of_it(stadt, nachbar)


@pytest.mark.parametrize("kind", TYPES)
async def test_of_a_domain_that_a_resident_shut_out_nobody_is_told(stadt: Town, nachbar: Remote, kind: str) -> None:
    anna, bob = await app_of(stadt, "anna"), nachbar.person("bob")
    post = await anna.write("Fragt mich", interaction_policy=ASK)
    await anna.post("/api/v1/domain_blocks", data={"domain": nachbar.domain})
    await stadt.accept(bob, asking(bob, post, kind))
    assert await anna.get(REQUEST_PATH) == []
    assert await anna.get("/api/v1/notifications") == []
    assert [item.activity["type"] for item in nachbar.received] == []


async def test_an_answer_that_was_deleted_before_is_not_stored(stadt: Town, nachbar: Remote) -> None:
    anna, bob = await app_of(stadt, "anna"), nachbar.person("bob")
    post = await anna.write("Offen")
    asked = asking(bob, post, "reply")
    await stadt.accept(bob, bob.activity("Delete", asked["instrument"]["id"]))
    await stadt.accept(bob, asked)
    assert await stadt.count(Status, Status.uri == asked["instrument"]["id"]) == 0


@pytest.mark.parametrize("kind", TYPES)
async def test_what_is_not_there_or_not_ours_cannot_be_asked_for(stadt: Town, nachbar: Remote, kind: str) -> None:
    anna, bob, carl = await app_of(stadt, "anna"), nachbar.person("bob"), nachbar.person("carl")
    note = carl.note()
    await anna.get(f"/api/v2/search?q={note['id']}&resolve=true")
    for uri in (f"{stadt.origin}/users/anna/statuses/1", note["id"]):
        await stadt.accept(bob, asking(bob, {"uri": uri}, kind))
    asked = asking(bob, {"uri": f"{stadt.origin}/users/anna/statuses/1"}, kind)
    for activity in ({**asked, "instrument": None}, {**asked, "instrument": {"type": "Like"}}):
        await stadt.accept(bob, {**activity, "id": nachbar.fresh_id("request")})
    await nothing_came_of_it(stadt, nachbar)
