"""Who may like, answer and announce what others wrote, as its author says. https://docs.gotosocial.org/"""

from typing import Any

import pytest

from activitypub.models import Announce, Like, Status
from tests.client import Client, app_of
from tests.fediverse import PUBLIC, Person, Remote
from tests.town import Town

PARTS = {"canLike": "can_favourite", "canReply": "can_reply", "canAnnounce": "can_reblog"}


async def known(stadt: Town, client: Client, author: Person, policy: dict[str, Any], **note: Any) -> Any:
    """Return a post of another server with a policy, as a resident sees it."""
    document = author.note(interactionPolicy=policy, **note)
    return (await client.get(f"/api/v2/search?q={document['id']}&resolve=true"))["statuses"][0]


async def statuses_of(client: Client, status: Any) -> dict[str, int]:
    """Do everything with a post and return what each was answered."""
    path = f"/api/v1/statuses/{status['id']}"
    reply = {"status": "Antwort", "in_reply_to_id": status["id"]}
    return {
        "canLike": (await client.ask("POST", f"{path}/favourite")).status,
        "canReply": (await client.ask("POST", "/api/v1/statuses", json=reply)).status,
        "canAnnounce": (await client.ask("POST", f"{path}/reblog")).status,
    }


@pytest.mark.parametrize("denied", [*PARTS, None])
async def test_residents_are_held_to_each_part_of_a_policy(stadt: Town, nachbar: Remote, denied: str | None) -> None:
    anna, bob = await app_of(stadt, "anna"), nachbar.person("bob")
    policy = {name: {"automaticApproval": [bob.uri if name == denied else PUBLIC]} for name in PARTS}
    status = await known(stadt, anna, bob, policy)
    for name, shown in PARTS.items():
        expected = ["author"] if name == denied else ["public", "me"]
        assert status["interaction_policy"][shown] == {
            "automatic_approval": expected,
            "manual_approval": [],
            "always": expected,
            "with_approval": [],
        }
    assert await statuses_of(anna, status) == {name: 403 if name == denied else 200 for name in PARTS}


async def test_where_nothing_is_said_everything_is_allowed(stadt: Town, nachbar: Remote) -> None:
    anna, bob = await app_of(stadt, "anna"), nachbar.person("bob")
    assert set((await statuses_of(anna, await known(stadt, anna, bob, {}))).values()) == {200}


async def test_who_is_mentioned_may_answer_and_no_more(stadt: Town, nachbar: Remote) -> None:
    anna, bob = await app_of(stadt, "anna"), nachbar.person("bob")
    mention = {"type": "Mention", "href": f"{stadt.origin}/users/anna", "name": "@anna"}
    policy = {name: {"automaticApproval": [bob.uri]} for name in PARTS}
    status = await known(stadt, anna, bob, policy, tag=[mention], cc=[mention["href"]])
    assert await statuses_of(anna, status) == {"canLike": 403, "canReply": 200, "canAnnounce": 403}


@pytest.mark.parametrize("follows", [True, False])
async def test_followers_may_where_followers_may(stadt: Town, nachbar: Remote, follows: bool) -> None:
    anna, bob = await app_of(stadt, "anna"), nachbar.person("bob")
    actor = await stadt.meet(bob)
    if follows:
        await anna.post(f"/api/v1/accounts/{actor.id}/follow")
        asked = (await nachbar.until_received("Follow"))[0].activity
        await stadt.accept(bob, bob.activity("Accept", asked["id"]))
    policy = {"canReply": {"automaticApproval": [bob.followers]}}
    status = await known(stadt, anna, bob, policy)
    found = status["interaction_policy"]["can_reply"]["automatic_approval"]
    assert found == (["followers", "me"] if follows else ["followers"])
    assert (await statuses_of(anna, status))["canReply"] == (200 if follows else 403)


async def test_where_approval_is_needed_the_authors_server_is_told_and_decides(stadt: Town, nachbar: Remote) -> None:
    anna, bob = await app_of(stadt, "anna"), nachbar.person("bob")
    status = await known(stadt, anna, bob, {"canReply": {"manualApproval": [PUBLIC]}})
    assert status["interaction_policy"]["can_reply"] == {
        "automatic_approval": [],
        "manual_approval": ["public", "me"],
        "always": [],
        "with_approval": ["public", "me"],
    }
    assert (await statuses_of(anna, status))["canReply"] == 200
    assert await nachbar.until_received("Create")


@pytest.mark.parametrize("denied", [True, False])
async def test_what_others_do_against_a_policy_is_not_kept(
    stadt: Town, nachbar: Remote, boese: Remote, denied: bool
) -> None:
    anna, bob, eve = await app_of(stadt, "anna"), nachbar.person("bob"), boese.person("eve")
    policy = {name: {"automaticApproval": [bob.uri if denied else PUBLIC]} for name in PARTS}
    status = await known(stadt, anna, bob, policy)
    reply = eve.note(inReplyTo=status["uri"])
    for activity in (eve.activity("Like", status["uri"]), eve.activity("Announce", status["uri"], to=[PUBLIC])):
        await stadt.accept(eve, activity)
    await stadt.accept(eve, eve.create(reply))
    kept = (await stadt.count(Like), await stadt.count(Announce), await stadt.count(Status, Status.uri == reply["id"]))
    assert kept == ((0, 0, 0) if denied else (1, 1, 1))
    below = (await anna.get(f"/api/v1/statuses/{status['id']}/context"))["descendants"]
    assert len(below) == int(not denied)


async def test_who_follows_whom_elsewhere_is_not_guessed(stadt: Town, nachbar: Remote, boese: Remote) -> None:
    anna, bob, carl = await app_of(stadt, "anna"), nachbar.person("bob"), boese.person("carl")
    status = await known(stadt, anna, bob, {name: {"automaticApproval": [bob.followers]} for name in PARTS})
    await stadt.accept(carl, carl.activity("Like", status["uri"]))
    assert await stadt.count(Like) == 1
