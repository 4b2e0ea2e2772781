"""I03: whoever a resident has blocked can do nothing to what is the resident's: no notification, no counter, no row."""

from typing import Any

import pytest

from activitypub.models import Actor
from tests import acts
from tests.client import app_of
from tests.fediverse import PUBLIC, Person, Remote
from tests.security.attack import changes, serves
from tests.town import Town

POLL = {"status": "Wo soll die Bank stehen?", "poll": {"options": ["Markt", "Ufer"], "expires_in": 3600}}


def doings(mallory: Person, anna: Actor, post: str, question: str) -> dict[str, dict[str, Any]]:
    """Return whatever somebody may do to somebody else's posts, by what it is called."""
    mention = {"type": "Mention", "href": anna.uri, "name": "@anna"}
    addressed = {"to": [PUBLIC], "cc": [anna.uri], "tag": [mention]}
    vote = mallory.note("", name="Markt", inReplyTo=question, to=[anna.uri], cc=[])
    del vote["content"]
    return {
        "follow": mallory.activity("Follow", anna.uri),
        "like": mallory.activity("Like", post),
        "reaction": mallory.activity("EmojiReact", post, content="🌳"),
        "announce": mallory.activity("Announce", post, to=[PUBLIC], cc=[anna.uri]),
        "answer": mallory.create(mallory.note(inReplyTo=post, **addressed)),
        "mention": mallory.create(mallory.note(**addressed)),
        "direct": mallory.create(mallory.note(to=[anna.uri], cc=[], tag=[mention])),
        "vote": mallory.create(vote),
        "quote": mallory.create(mallory.note(quote=post, **addressed)),
        "request to quote": mallory.activity("QuoteRequest", post, instrument=mallory.note(quote=post, **addressed)),
        "request to answer": mallory.activity(
            "ReplyRequest", post, instrument=mallory.note(inReplyTo=post, **addressed)
        ),
    }


async def test_nothing_of_a_blocked_person_is_taken(
    stadt: Town, nachbar: Remote, boese: Remote, subtests: pytest.Subtests
) -> None:
    app = await app_of(stadt, "anna")
    anna = await stadt.read(lambda session: session.get_one(Actor, int(app.id)))
    mallory = boese.person("mallory")
    post = await stadt.write(acts.write, anna)
    question = (await app.post("/api/v1/statuses", json=POLL))["uri"]
    known = await stadt.meet(mallory)
    await app.post(f"/api/v1/accounts/{known.id}/block")

    for name, activity in doings(mallory, anna, post.uri, question).items():
        before = await stadt.state()
        await stadt.accept(mallory, activity)
        with subtests.test(name):
            assert changes(before, await stadt.state(), {"inbox_items"}) == {}
    await serves(stadt, nachbar)
    assert await app.get("/api/v1/notifications") == []
