"""E16: one activity that nobody can digest ends as a dead letter; what stands behind it and the next start go on."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

import inbox.worker
from activitypub.models import Actor, Status
from activitypub.vocabulary import Activity
from inbox.arrival import Arrival, Effect, Ignored
from inbox.dispatch import HANDLERS
from inbox.models import InboxItem
from inbox.worker import MAX_ATTEMPTS
from tests.fediverse import Remote
from tests.security.attack import follower_of, serves
from tests.town import Town, town


@pytest.fixture
def poison(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every Like fail for ever, while it is read or while it takes effect, and try again without a pause."""

    async def receive(_ctx: Arrival, activity: Activity, _sender: Actor) -> Effect | Ignored:
        def effect(unit: Session) -> None:
            raise KeyError("an effect that always fails")

        if activity.content == "effect":
            return effect
        raise ZeroDivisionError("a handler that always fails")

    monkeypatch.setitem(HANDLERS, ("Like", "*"), receive)  # type: ignore[arg-type]
    monkeypatch.setattr(inbox.worker, "pause", lambda _: timedelta(0))


@pytest.mark.usefixtures("poison")
@pytest.mark.parametrize("place", ["handler", "effect"])
async def test_a_poisoned_activity_becomes_a_dead_letter(stadt: Town, nachbar: Remote, place: str) -> None:
    bob = nachbar.person("bob")
    await follower_of(stadt, bob)
    poisoned = bob.activity("Like", bob.uri, content=place)
    note = bob.note()

    assert await stadt.deliver(bob, poisoned) == 202
    await stadt.accept(bob, bob.create(note))
    await stadt.until(InboxItem, InboxItem.activity_uri == poisoned["id"], InboxItem.dead_at.is_not(None))

    letter = await stadt.read(lambda session: session.scalar(select(InboxItem).where(InboxItem.type == "Like")))
    assert letter is not None
    assert (letter.attempts, letter.done_at) == (MAX_ATTEMPTS, None)
    assert letter.body  # an administrator can see what it was
    assert ("ZeroDivisionError" if place == "handler" else "KeyError") in (letter.last_error or "")
    assert await stadt.count(Status, Status.uri == note["id"]) == 1
    await serves(stadt, nachbar)


@pytest.mark.usefixtures("poison")
async def test_a_start_with_a_poisoned_queue_succeeds(
    new_database: Callable[[], str], tmp_path: Path, nachbar: Remote
) -> None:
    url, bob = new_database(), nachbar.person("bob")
    async with town(url, tmp_path) as stadt:
        await stadt.meet(bob)
        for _ in range(3):
            assert await stadt.deliver(bob, bob.activity("Like", bob.uri)) == 202
    async with town(url, tmp_path) as stadt:
        await serves(stadt, nachbar)
        await stadt.until(InboxItem, InboxItem.dead_at.is_not(None), count=3)
        await serves(stadt, nachbar)


async def test_broken_markup_is_stored_and_shown(stadt: Town, nachbar: Remote) -> None:
    """Mathematics, drawings and tags that never end have made renderers fail."""
    bob = nachbar.person("bob")
    await follower_of(stadt, bob)
    texts = [
        "<math><mrow><msup>",
        "<math><annotation-xml encoding='text/html'><script>alert(1)</script>",
        "<svg><foreignObject><p>",
        "<table><tr><td><p>" * 500,
        "<" * 10_000,
        "&" * 10_000,
        "<!--" * 1_000,
        "<p>" + "<b>" * 2_000,
        "\u202e\u2066\ufeff",
        "<a href='" + "x" * 5_000,
    ]
    for text in texts:
        note = bob.note(text, summary=text[:100], name=text[:100])
        await stadt.accept(bob, bob.create(note))
        await stadt.accept(
            bob, bob.activity("Update", {**note, "content": text + "x", "updated": "2030-01-01T00:00:00Z"})
        )
    assert await stadt.count(Status) == len(texts)
    assert await stadt.count(InboxItem, InboxItem.done_at.is_(None)) == 0
    await serves(stadt, nachbar)
