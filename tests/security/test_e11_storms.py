"""E11: liking and unliking, following and unfollowing without end makes no more rows than doing it once."""

import json

from activitypub.models import Follow, Like
from fediverse_kommune.models import Notification
from inbox.budget import WINDOW_SECONDS, ActorBudget
from tests import acts
from tests.client import app_of
from tests.fediverse import Person, Remote
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


def test_the_next_minute_is_another_one() -> None:
    now = 0.0
    budget = ActorBudget(MOST, lambda: now)
    assert [budget.spend("a") for _ in range(MOST + 1)] == [True] * MOST + [False]
    assert budget.spend("b")
    now += WINDOW_SECONDS
    assert budget.spend("a")
