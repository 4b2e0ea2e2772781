"""I02, I04: who is shut out stays out, by whichever way they come and under every other name that leads to them."""

from typing import Any

import pytest

from activitypub.backfill import Finder
from activitypub.fetch import FetchBudget, FetchError
from activitypub.graph import moderation
from activitypub.models import Actor, Status
from activitypub.unit import Unit
from tests import acts
from tests.client import app_of
from tests.fediverse import PUBLIC, Person, Remote
from tests.security.attack import follower_of, serves
from tests.security.test_b11_blocked_and_gone import shut_out
from tests.town import Town


def ways(bob: Person, mallory: Person, written: dict[str, Any], resident: str, post: str) -> dict[str, dict[str, Any]]:
    """Return what an honest neighbour might pass on of somebody who is shut out, by the way it comes."""
    loud = written["id"].replace("boese.test", "BOESE.TEST")
    dotted = written["id"].replace("boese.test", "boese.test.")
    again = {**written, "attributedTo": mallory.uri}
    public = {"to": [PUBLIC], "cc": [bob.followers]}
    return {
        "by its id": bob.activity("Announce", written["id"], **public),
        "by its page": bob.activity("Announce", written["url"], **public),
        "in capitals": bob.activity("Announce", loud, **public),
        "with a dot": bob.activity("Announce", dotted, **public),
        "embedded": bob.activity("Announce", again, **public),
        "wrapped": bob.activity("Announce", mallory.create(written), **public),
        "as what is answered": bob.create(bob.note(inReplyTo=written["id"], cc=[resident])),
        "as what is quoted": bob.create(bob.note(quote=written["id"], cc=[resident])),
        "as the author": bob.create(bob.note(attributedTo=mallory.uri, cc=[resident])),
        "as one of two authors": bob.create(bob.note(attributedTo=[mallory.uri, bob.uri], cc=[resident])),
        "as a group": bob.activity("Announce", mallory.activity("Like", post), **public),
        "as where somebody goes": bob.activity("Move", bob.uri, target=mallory.uri),
        "as what is pinned": bob.activity("Add", written["id"], target=f"{bob.uri}/featured"),
    }


def _suspend(unit: Unit, actor_id: int) -> None:
    moderation.suspend(unit, unit.get_one(Actor, actor_id))


@pytest.mark.parametrize("whom", ["person", "domain"])
async def test_nothing_of_them_comes_by_way_of_others(
    stadt: Town, nachbar: Remote, boese: Remote, subtests: pytest.Subtests, whom: str
) -> None:
    bob, mallory = nachbar.person("bob"), boese.person("mallory")
    anna = await follower_of(stadt, bob)
    post = await stadt.write(acts.write, anna)
    known = await stadt.meet(mallory)
    if whom == "person":
        await stadt.write(_suspend, known.id)
        stadt.app.server.resolver.forget(known.id)
    else:
        await shut_out(stadt, "boese.test")
    page = f"{boese.origin}/@mallory/1"
    written = mallory.note(url=page, cc=[anna.uri])
    boese.documents[page.removeprefix(boese.origin)] = written

    for name, activity in ways(bob, mallory, written, anna.uri, post.uri).items():
        with subtests.test(name):
            assert await stadt.deliver(bob, activity) in (202, 403)
            await stadt.settle()
            assert await stadt.count(Status, Status.actor_id == known.id) == 0
            assert await stadt.count(Status, Status.uri.ilike("%boese.test%")) == 0
    resolver, budget = stadt.app.server.resolver, FetchBudget()
    with subtests.test("by a relay, as what a search finds, as a quoted post"):
        for quoted in (False, True):
            with pytest.raises(FetchError):
                await resolver.status(written["id"], budget, quoted=quoted)
    with subtests.test("above and below in a thread, and in an outbox"):
        assert await resolver.ancestors(written["id"], budget) == []
        finder = Finder(resolver, budget)
        described = await finder.describe(written["id"])
        assert described is None or not await finder.keep(described)
    with subtests.test("in a search"):
        app = await app_of(stadt, "suche")
        found = await app.get("/api/v2/search", params={"q": written["id"], "resolve": "true"})
        assert found["statuses"] == []
    assert await stadt.count(Status, Status.actor_id == known.id) == 0
    await serves(stadt, nachbar)
