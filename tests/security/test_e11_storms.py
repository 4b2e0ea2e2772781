"""E11: liking and unliking, following and unfollowing without end makes no more rows than once, and rings once."""

import json
from datetime import UTC, datetime

from activitypub.budgets import WINDOW_SECONDS, ActorBudget
from activitypub.models import Follow, Like
from fediverse_kommune.models import Notification, NotificationType, PushMessage
from fediverse_kommune.push.bell import AGAIN_AFTER, Bell, topic_of
from tests import acts
from tests.client import app_of
from tests.fediverse import Person, Remote
from tests.push_service import Subscriber, push_service
from tests.town import Town

MOST = 20


async def toggled(stadt: Town, person: Person, kind: str, target: str, times: int) -> list[int]:
    """Do something and take it back, again and again, and return the answers."""
    answers = []
    for _ in range(times):
        done = person.activity(kind, target)
        for activity in (done, person.activity("Undo", done)):
            body = json.dumps(activity).encode()
            answers.append(await stadt.post("/inbox", body, person.signed(f"{stadt.origin}/inbox", body)))
    await stadt.settle()
    return answers


async def test_a_storm_leaves_what_one_gust_does(stadt: Town, nachbar: Remote, boese: Remote) -> None:
    anna = await app_of(stadt, "anna")
    post = await stadt.write(acts.write, await stadt.resident("bea"))
    mallory, bob = boese.person("mallory"), nachbar.person("bob")
    stadt.app.inbox.budget = ActorBudget(MOST)
    answers = await toggled(stadt, mallory, "Like", post.uri, 15)
    assert answers == [202] * MOST + [429] * 10
    assert await stadt.count(Like) == 0

    stadt.app.inbox.budget = ActorBudget(MOST)
    assert set(await toggled(stadt, mallory, "Follow", f"{stadt.origin}/users/anna", 10)) == {202}
    assert await stadt.deliver(mallory, mallory.activity("Like", post.uri)) == 429
    assert (await stadt.count(Follow), await stadt.count(Notification)) == (0, 0)
    await stadt.accept(bob, bob.activity("Follow", f"{stadt.origin}/users/anna"))
    assert len(await anna.get("/api/v1/notifications")) == 1

    # Notifications are coalesced: the list never shows the same twice, and a phone rings at the first time only.
    uri = (await anna.write())["uri"]
    async with push_service() as service:
        alerts = {"favourite": True}
        subscription = {"endpoint": service.endpoint(), "keys": Subscriber().keys(), "standard": True}
        await anna.post("/api/v1/push/subscription", json={"subscription": subscription, "data": {"alerts": alerts}})
        for person in (bob, bob, bob, nachbar.person("ina"), bob):
            like = person.activity("Like", uri)
            await stadt.accept(person, like)
            await stadt.until(PushMessage, count=0)
            assert [told["type"] for told in await anna.get("/api/v1/notifications")] == ["favourite", "follow"]
            await stadt.accept(person, person.activity("Undo", like))
        assert len(service.messages) == 2


def test_a_bell_rings_again_after_an_hour() -> None:
    bell, now = Bell(), datetime(2026, 11, 29, tzinfo=UTC)
    topic = topic_of(1, NotificationType.FAVOURITE, 2, 3)
    assert not bell.has_rung(topic, now)
    bell.note(topic, now)
    assert bell.has_rung(topic, now + AGAIN_AFTER / 2)
    assert not bell.has_rung(topic, now + AGAIN_AFTER)
    others = ((2, NotificationType.FAVOURITE, 2, 3), (1, NotificationType.FAVOURITE, 2, 4))
    assert not any(bell.has_rung(topic_of(*other), now) for other in others)
    mention = topic_of(1, NotificationType.MENTION, 2, 3)
    bell.note(mention, now)
    assert not bell.has_rung(mention, now), "what is said is told each time"


def test_the_next_minute_is_another_one() -> None:
    now = 0.0
    budget = ActorBudget(MOST, lambda: now)
    assert [budget.spend("a") for _ in range(MOST + 1)] == [True] * MOST + [False]
    assert budget.spend("b")
    now += WINDOW_SECONDS
    assert budget.spend("a")
