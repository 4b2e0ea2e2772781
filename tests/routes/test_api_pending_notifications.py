"""What waits for one's consent is told, and no longer than it waits."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from fediverse_kommune.models import Notification
from tests.client import Client, app_of
from tests.fediverse import PUBLIC, Remote
from tests.push_service import PushService, Subscriber, push_service
from tests.quotes import request_for
from tests.routes.test_api_interaction_requests import REQUEST_PATH, TYPES, asking, doing
from tests.routes.test_api_push import PATH as PUSH
from tests.routes.test_api_push import wish
from tests.streams import listening
from tests.town import Town

LATER = {"with_approval": ["public"]}
ASK = {"can_favourite": LATER, "can_reply": LATER, "can_reblog": LATER, "can_quote": LATER}
ALL = "/api/v1/notifications"
KINDS = [*TYPES, "quote"]


@pytest.fixture
async def service() -> AsyncIterator[PushService]:
    async with push_service() as running:
        yield running


async def kinds(client: Client) -> list[str]:
    return [item["type"] for item in await client.get(ALL)]


def sent(remote: Remote, post: Any, kind: str) -> dict[str, Any]:
    """Return what Bob sends to do this with a post."""
    bob = remote.person("bob")
    return request_for(bob, post["uri"]) if kind == "quote" else doing(bob, post, kind)


@pytest.mark.parametrize("kind", KINDS)
async def test_what_waits_is_told_whole(stadt: Town, nachbar: Remote, kind: str) -> None:
    anna, bob = await app_of(stadt, "anna"), nachbar.person("bob")
    post = await anna.write("Fragt mich", interaction_policy=ASK)
    await stadt.accept(bob, sent(nachbar, post, kind))
    (waiting,) = await anna.get(REQUEST_PATH)
    (told,) = await anna.get(ALL)
    about = (waiting.get("reply") or post)["id"]
    assert told == {
        "id": told["id"],
        "type": f"pending.{kind}",
        "created_at": told["created_at"],
        "group_key": f"ungrouped-{told['id']}",
        "account": await anna.get(f"/api/v1/accounts/{waiting['account']['id']}"),
        "status": await anna.get(f"/api/v1/statuses/{about}"),
    }
    (group,) = (await anna.get("/api/v2/notifications"))["notification_groups"]
    assert (group["type"], group["status_id"]) == (f"pending.{kind}", about)


AFTERWARDS = {"favourite": ["favourite"], "reply": [], "reblog": ["reblog"], "quote": ["quote"]}


@pytest.mark.parametrize("decision", ["authorize", "reject"])
@pytest.mark.parametrize("kind", KINDS)
async def test_what_is_decided_is_told_no_more(stadt: Town, nachbar: Remote, kind: str, decision: str) -> None:
    anna, bob = await app_of(stadt, "anna"), nachbar.person("bob")
    post = await anna.write("Fragt mich", interaction_policy=ASK)
    await stadt.accept(bob, sent(nachbar, post, kind))
    (waiting,) = await anna.get(REQUEST_PATH)
    await anna.post(f"{REQUEST_PATH}/{waiting['id']}/{decision}")
    assert await kinds(anna) == (AFTERWARDS[kind] if decision == "authorize" else [])


@pytest.mark.parametrize("kind", TYPES)
async def test_asking_twice_is_told_once(stadt: Town, nachbar: Remote, kind: str) -> None:
    anna, bob = await app_of(stadt, "anna"), nachbar.person("bob")
    post = await anna.write("Fragt mich", interaction_policy=ASK)
    done = doing(bob, post, kind)
    await stadt.accept(bob, done)
    instrument = done["object"] if kind == "reply" else done
    await stadt.accept(bob, asking(bob, post, kind) | {"instrument": instrument})
    assert await kinds(anna) == [f"pending.{kind}"]


async def test_residents_are_told_of_and_take_it_back(stadt: Town) -> None:
    anna, bernd = await app_of(stadt, "anna"), await app_of(stadt, "bernd")
    post = await anna.write("Fragt mich", interaction_policy=ASK)
    path = f"/api/v1/statuses/{post['id']}"
    reply = await bernd.write("Antwort", in_reply_to_id=post["id"])
    await bernd.post(f"{path}/favourite")
    await bernd.post(f"{path}/reblog")
    quoting = await bernd.write("Sehr wahr", quoted_status_id=post["id"])
    assert await kinds(anna) == ["pending.quote", "pending.reblog", "pending.favourite", "pending.reply"]
    assert await kinds(bernd) == []
    await bernd.post(f"{path}/unfavourite")
    await bernd.post(f"{path}/unreblog")
    assert await kinds(anna) == ["pending.quote", "pending.reply"]
    for status in (reply, quoting):
        await bernd.delete(f"/api/v1/statuses/{status['id']}")
    assert await kinds(anna) == []


@pytest.mark.parametrize("kind", KINDS)
async def test_with_the_post_goes_what_waits_for_it(stadt: Town, nachbar: Remote, kind: str) -> None:
    anna, bob = await app_of(stadt, "anna"), nachbar.person("bob")
    post = await anna.write("Fragt mich", interaction_policy=ASK)
    await stadt.accept(bob, sent(nachbar, post, kind))
    assert await kinds(anna) == [f"pending.{kind}"]
    await anna.delete(f"/api/v1/statuses/{post['id']}")
    assert await stadt.count(Notification) == 0


async def test_a_quote_that_is_taken_out_is_told_no_more(stadt: Town, nachbar: Remote) -> None:
    anna, bob = await app_of(stadt, "anna"), nachbar.person("bob")
    post = await anna.write("Fragt mich", interaction_policy=ASK)
    asked = sent(nachbar, post, "quote")
    await stadt.accept(bob, asked)
    note = {name: value for name, value in asked["instrument"].items() if name != "quote"}
    await stadt.accept(bob, bob.activity("Update", {**note, "updated": "2027-01-01T00:00:00Z"}))
    assert await kinds(anna) == []


async def test_what_is_allowed_since_is_told_no_more(stadt: Town, nachbar: Remote) -> None:
    anna, bob = await app_of(stadt, "anna"), nachbar.person("bob")
    post = await anna.write("Fragt mich", interaction_policy=ASK)
    await stadt.accept(bob, doing(bob, post, "favourite"))
    mine = {"can_favourite": {"always": [bob.uri]}}
    await anna.put(f"/api/v1/statuses/{post['id']}", json={"status": "Fragt mich", "interaction_policy": mine})
    await stadt.accept(bob, doing(bob, post, "favourite"))
    assert await kinds(anna) == ["favourite"]
    assert await anna.get(REQUEST_PATH) == []


async def test_who_is_not_wanted_is_not_heard(stadt: Town, nachbar: Remote) -> None:
    anna, bob = await app_of(stadt, "anna"), nachbar.person("bob")
    post = await anna.write("Fragt mich", interaction_policy=ASK)
    await anna.patch("/api/v2/notifications/policy", json={"for_not_following": "filter"})
    await stadt.accept(bob, doing(bob, post, "reply"))
    assert await kinds(anna) == []
    (held_back,) = await anna.get(f"{ALL}/requests")
    assert held_back["account"]["acct"] == f"bob@{nachbar.domain}"
    await anna.post(f"{ALL}/requests/{held_back['id']}/dismiss")
    await anna.post(f"/api/v1/accounts/{held_back['account']['id']}/mute")
    await stadt.accept(bob, doing(bob, post, "favourite"))
    assert await kinds(anna) == []


async def test_words_for_apps_that_do_not_know_it(stadt: Town, nachbar: Remote) -> None:
    anna, bob = await app_of(stadt, "anna"), nachbar.person("bob")
    post = await anna.write("Fragt mich", interaction_policy=ASK)
    for kind in KINDS:
        await stadt.accept(bob, sent(nachbar, post, kind))
    found = await anna.get(f"{ALL}?supported_types[]=mention")
    assert {item["type"]: item["fallback"]["title"] for item in found} == {
        "pending.favourite": "Bob bittet, Ihren Beitrag mit „Gefällt mir“ markieren zu dürfen",
        "pending.reply": "Bob bittet, Ihnen antworten zu dürfen",
        "pending.reblog": "Bob bittet, Ihren Beitrag teilen zu dürfen",
        "pending.quote": "Bob bittet, Ihren Beitrag zitieren zu dürfen",
    }
    assert {item["fallback"]["summary"] for item in found} == {
        "Bis Sie es erlauben, sieht das niemand sonst. Entscheiden können Sie in einer App, die solche Anfragen zeigt."
    }
    (known,) = await anna.get(f"{ALL}?supported_types[]=pending.reply&types[]=pending.reply")
    assert "fallback" not in known


async def test_it_is_streamed_and_pushed(stadt: Town, nachbar: Remote, service: PushService) -> None:
    anna, bob = await app_of(stadt, "anna"), nachbar.person("bob")
    subscriber = Subscriber()
    await anna.post(PUSH, json=wish(service, subscriber, "pending.reply"))
    post = await anna.write("Fragt mich", interaction_policy=ASK)
    async with listening(anna, "user:notification") as ear:
        await stadt.accept(bob, doing(bob, post, "favourite"))
        heard = await ear.next()
        assert (heard.name, heard.payload["type"]) == ("notification", "pending.favourite")
        await stadt.accept(bob, doing(bob, post, "reply"))
        heard = await ear.next()
        assert heard.payload["status"]["content"] == "<p>Antwort</p>"
    (message,) = await service.until(1)
    pushed = message.read(subscriber)
    assert (pushed["notification_type"], pushed["body"]) == ("pending.reply", "Antwort")
    assert pushed["title"] == "Bob bittet, Ihnen antworten zu dürfen"


async def test_others_hear_nothing(stadt: Town, nachbar: Remote) -> None:
    anna, carla, bob = await app_of(stadt, "anna"), await app_of(stadt, "carla"), nachbar.person("bob")
    post = await anna.write("Fragt mich", interaction_policy=ASK)
    mention = {"type": "Mention", "href": f"{stadt.origin}/users/carla", "name": "@carla"}
    note = bob.note("<p>Antwort</p>", inReplyTo=post["uri"], tag=[mention], cc=[mention["href"]], to=[PUBLIC])
    await stadt.accept(bob, bob.create(note))
    assert (await kinds(anna), await kinds(carla)) == (["pending.reply"], [])
