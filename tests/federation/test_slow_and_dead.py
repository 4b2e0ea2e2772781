"""Servers that answer late, refuse, or are gone: they slow nobody, lose nothing and get nothing twice."""

import asyncio
import time
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from activitypub.models import Actor, Status
from activitypub.unit import Unit
from outbox.models import Delivery, Lane
from tests import acts
from tests.fediverse import Remote, remote
from tests.town import Town
from tests.towns import followed_by

AUTHORS = 5  # more than a host is given lanes at once
POSTS_OF_EACH = 8
SLOW_SECONDS = 60.0  # longer than all of this takes, and than anybody waits for an answer


async def authors_followed_at(stadt: Town, server: Remote) -> list[Actor]:
    authors = [await stadt.resident(f"anna{number}") for number in range(AUTHORS)]
    for author in authors:
        await followed_by(stadt, author, server.person("leser"))
    return authors


async def time_to_reach(stadt: Town, healthy: Remote, authors: list[Actor]) -> float:
    """Return how many seconds it takes until all that these authors post now has reached a server."""
    expected = sum(received.activity["type"] == "Create" for received in healthy.received) + AUTHORS * POSTS_OF_EACH
    begun = time.monotonic()
    for _ in range(POSTS_OF_EACH):
        await asyncio.gather(*(stadt.write(acts.write, author) for author in authors))
    await healthy.until_received("Create", expected, seconds=60)
    return time.monotonic() - begun


async def test_a_slow_and_a_dead_server_slow_nobody(stadt: Town, nachbar: Remote) -> None:
    authors = await authors_followed_at(stadt, nachbar)
    without = min([await time_to_reach(stadt, nachbar, authors) for _ in range(3)])

    dead = Remote("tot.test")
    listening = await dead.serve()
    async with remote("langsam.test") as slow:
        for author in authors:
            await followed_by(stadt, author, slow.person("leser"), dead.person("leser"))
        await listening.cleanup()
        slow.inbox_delay = SLOW_SECONDS
        with_them = min([await time_to_reach(stadt, nachbar, authors) for _ in range(3)])

        # The second is for whatever else this machine does; waiting for the slow server would cost ten.
        assert with_them <= 2 * without + 1, f"{with_them:.2f} s instead of {without:.2f} s"
        assert slow.received == []
        # What they have not taken yet is not lost.
        missing = 3 * AUTHORS * POSTS_OF_EACH
        await stadt.until(Delivery, Delivery.inbox_uri == f"{dead.origin}/inbox", count=missing)
        assert await stadt.count(Delivery, Delivery.inbox_uri == f"{slow.origin}/inbox") == missing


async def test_a_server_that_asks_for_time_gets_it(stadt: Town, nachbar: Remote) -> None:
    anna = await stadt.resident("anna")
    await followed_by(stadt, anna, nachbar.person("paul"))
    nachbar.inbox_status, nachbar.inbox_headers = 503, {"Retry-After": "7200"}

    begun = datetime.now(UTC)
    await stadt.write(acts.write, anna)
    await stadt.until(Lane, Lane.failures == 1, Lane.holder.is_(None))

    due = await stadt.read(lambda session: session.scalars(select(Lane.next_attempt_at)).one())
    assert timedelta(hours=2) <= due - begun <= timedelta(hours=2, seconds=30)


async def test_what_was_deleted_before_it_left_is_never_told(stadt: Town, nachbar: Remote) -> None:
    anna = await stadt.resident("anna")
    await followed_by(stadt, anna, nachbar.person("paul"))
    nachbar.inbox_status = 503
    first = await stadt.write(acts.write, anna, "<p>Bleibt</p>")
    await stadt.until(Lane, Lane.failures == 1, Lane.holder.is_(None))
    hasty = await stadt.write(acts.write, anna, "<p>Vertippt</p>")
    await stadt.write(acts.edit, hasty.uri, "<p>Wieder vertippt</p>")
    await stadt.write(acts.delete, hasty.uri)

    nachbar.inbox_status = 202
    await try_again(stadt)
    await stadt.rest()

    told = [(received.activity["type"], received.activity["object"]["id"]) for received in nachbar.received]
    assert told == [("Create", first.uri)]


async def test_an_actor_is_heard_in_the_order_it_spoke(stadt: Town, nachbar: Remote) -> None:
    anna = await stadt.resident("anna")
    await followed_by(stadt, anna, nachbar.person("paul"))
    nachbar.inbox_status = 503
    first = await stadt.write(acts.write, anna)
    await stadt.until(Lane, Lane.failures == 1, Lane.holder.is_(None))
    posts = [await stadt.write(acts.write, anna, f"<p>{number}</p>") for number in range(20)]
    await stadt.write(acts.edit, first.uri, "<p>Neu</p>")

    nachbar.inbox_status = 202
    await try_again(stadt)
    last = await stadt.write(acts.write, anna)
    await stadt.rest()

    expected = [("Create", post.uri) for post in (first, *posts)] + [("Update", first.uri), ("Create", last.uri)]
    heard = [(received.activity["type"], received.activity["object"]["id"]) for received in nachbar.received]
    assert heard == expected


async def test_two_actors_do_not_wait_for_each_other(stadt: Town, nachbar: Remote) -> None:
    anna, bernd = await stadt.resident("anna"), await stadt.resident("bernd")
    for resident in (anna, bernd):
        await followed_by(stadt, resident, nachbar.person("paul"))
    nachbar.inbox_status = 503
    await stadt.write(acts.write, anna)
    await stadt.until(Lane, Lane.failures == 1, Lane.holder.is_(None))

    nachbar.inbox_status = 202
    post = await stadt.write(acts.write, bernd)
    (received,) = await nachbar.until_received("Create")
    assert received.activity["object"]["id"] == post.uri


async def try_again(stadt: Town) -> None:
    """Let the pauses of all lanes end now."""

    def end_the_pauses(unit: Unit) -> None:
        unit.execute(update(Lane).values(next_attempt_at=unit.now))

    await stadt.write(end_the_pauses)


@pytest.mark.parametrize("status", [404, 410])
async def test_an_inbox_that_is_gone_is_given_up_at_once(stadt: Town, nachbar: Remote, status: int) -> None:
    anna = await stadt.resident("anna")
    await followed_by(stadt, anna, nachbar.person("paul"))
    nachbar.inbox_status = status
    await stadt.write(acts.write, anna)
    await stadt.until(Delivery, Delivery.given_up_at.is_not(None))
    assert await stadt.count(Lane) == 0
    assert await stadt.count(Status) == 1
