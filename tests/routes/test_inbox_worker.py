"""What becomes of a stored activity: done, later, or dead letter; and nothing behind it waits (E16, X17)."""

import json
from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from activitypub.models import Follow, Instance, Status
from activitypub.unit import Unit
from inbox import worker
from inbox.models import InboxItem
from inbox.worker import MAX_ATTEMPTS, claim, finish, put_off, release_all
from tests import acts
from tests.fediverse import Remote
from tests.town import Town


def items(session: Session) -> Sequence[InboxItem]:
    return session.scalars(select(InboxItem).order_by(InboxItem.id)).all()


async def test_what_cannot_be_fetched_now_is_tried_again_later(stadt: Town, nachbar: Remote, boese: Remote) -> None:
    anna, bob = await stadt.resident("anna"), nachbar.person("bob")
    asked = await stadt.write(acts.follow, anna, await stadt.app.server.resolver.actor(bob.uri))
    await stadt.accept(bob, bob.activity("Accept", asked.uri))
    note = boese.person("carl").note()
    boese.down = True

    await stadt.accept(bob, bob.activity("Announce", note["id"], to=note["to"]))

    (item,) = [item for item in await stadt.read(items) if item.type == "Announce"]
    assert item.done_at is None
    assert item.dead_at is None
    assert item.attempts == 1
    assert item.next_attempt_at > item.received_at

    boese.down = False
    again = update(InboxItem).where(InboxItem.id == item.id)
    await stadt.write(lambda unit: unit.execute(again.values(next_attempt_at=unit.now, last_error=None)))
    await stadt.settle()
    assert await stadt.count(Status, Status.announces_count == 1) == 1


async def test_a_handler_that_always_fails_ends_as_a_dead_letter_and_holds_nobody_up(
    stadt: Town, nachbar: Remote, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna, bob, carl = await stadt.resident("anna"), nachbar.person("bob"), nachbar.person("carl")

    async def explode(*_: object) -> None:
        raise RuntimeError("poison")

    real = worker.handler_for
    monkeypatch.setattr(
        worker, "handler_for", lambda activity: explode if activity.actor == bob.uri else real(activity)
    )
    await stadt.accept(bob, bob.activity("Follow", anna.uri))
    await stadt.accept(carl, carl.activity("Follow", anna.uri))

    assert await stadt.count(Follow) == 1
    (poison,) = [item for item in await stadt.read(items) if item.actor_uri == bob.uri]
    assert "poison" in (poison.last_error or "")
    await stadt.write(put_off, poison.id, MAX_ATTEMPTS, "poison")
    assert await stadt.count(InboxItem, InboxItem.dead_at.is_not(None)) == 1


async def test_a_leased_item_is_not_claimed_twice_and_comes_back_after_a_restart(stadt: Town, nachbar: Remote) -> None:
    bob = nachbar.person("bob")
    dance = bob.activity("Dance", "https://nowhere.example/")
    await stadt.accept(bob, dance)

    def reopen(unit: Unit) -> None:
        due = unit.now + timedelta(hours=1)
        values = {"done_at": None, "last_error": None, "next_attempt_at": due, "body": json.dumps(dance).encode()}
        unit.execute(update(InboxItem).values(values))

    await stadt.write(reopen)
    assert await stadt.write(claim, 10) == []
    await stadt.write(release_all)
    await stadt.settle()
    assert await stadt.count(InboxItem, InboxItem.done_at.is_not(None)) == 1


async def test_an_effect_and_its_note_are_one(stadt: Town, nachbar: Remote) -> None:
    bob = nachbar.person("bob")
    await stadt.accept(bob, bob.activity("Dance", "https://nowhere.example/"))
    (item,) = await stadt.read(items)
    effects: list[int] = []

    await stadt.write(finish, item.id, lambda unit: effects.append(1))

    assert effects == []  # it was done already


async def test_who_writes_to_us_is_alive(stadt: Town, nachbar: Remote) -> None:
    bob = nachbar.person("bob")

    def give_up(unit: Unit) -> None:
        long_ago = unit.now - timedelta(days=8)
        unit.add(
            Instance(
                host=nachbar.domain,
                first_seen_at=long_ago,
                last_failure_at=long_ago,
                failure_days=7,
                last_failure_day=long_ago.date(),
                unavailable_since=long_ago,
            )
        )

    await stadt.write(give_up)
    await stadt.accept(bob, bob.activity("Dance", "https://nowhere.example/"))
    assert await stadt.count(Instance, Instance.unavailable_since.is_(None)) == 1
