"""B03: the same request later is refused, the same activity again has no second effect."""

import asyncio
from datetime import UTC, datetime, timedelta

from activitypub.models import Announce, Follow, Like, Status
from fediverse_kommune.models import Notification
from inbox.models import InboxItem
from tests import acts
from tests.fediverse import Remote
from tests.security.attack import changes, follower_of, repelled, serves
from tests.security.letter import USUALLY_COVERED, http_date, letter
from tests.town import Town

MARGIN = timedelta(seconds=30)
WINDOW = timedelta(minutes=5) + timedelta(hours=1)
CEILING = timedelta(hours=12) + timedelta(hours=1)


async def test_an_old_request_is_refused(stadt: Town, nachbar: Remote) -> None:
    resident, bob = await stadt.resident("anna"), nachbar.person("bob")
    await stadt.meet(bob)
    now = datetime.now(UTC)
    async with repelled(stadt, nachbar):
        for age in (WINDOW + MARGIN, CEILING, timedelta(days=30), timedelta(days=20_000)):
            assert await stadt.deliver(bob, bob.activity("Follow", resident.uri), now=now - age) == 401
    assert await stadt.deliver(bob, bob.activity("Follow", resident.uri), now=now - WINDOW + MARGIN) == 202


async def test_a_later_expiry_has_its_ceiling(stadt: Town, nachbar: Remote) -> None:
    resident, bob = await stadt.resident("anna"), nachbar.person("bob")
    await stadt.meet(bob)
    now = datetime.now(UTC)

    async def answer(age: timedelta, *, covered: bool = True) -> int:
        written = letter(stadt, bob, bob.activity("Follow", resident.uri))
        written.set("Date", http_date(now - age))
        expires = str(int((now + timedelta(days=7)).timestamp()))
        names = [*USUALLY_COVERED, "(expires)"] if covered else USUALLY_COVERED
        return await written.sign(names, algorithm="hs2019", expires=expires).send(stadt)

    async with repelled(stadt, nachbar):
        assert await answer(CEILING + MARGIN) == 401
        assert await answer(WINDOW + MARGIN, covered=False) == 401  # anybody can add what is not covered
    assert await answer(CEILING - MARGIN) == 202


async def test_the_same_request_three_times_has_one_effect(stadt: Town, nachbar: Remote) -> None:
    bob = nachbar.person("bob")
    resident = await follower_of(stadt, bob)
    note = bob.note(cc=[resident.uri], tag=[{"type": "Mention", "href": resident.uri, "name": "@anna"}])
    written = letter(stadt, bob, bob.create(note)).sign()

    assert await written.send(stadt) == 202
    once = await stadt.state()
    assert await stadt.count(Notification) == 1

    answers = await asyncio.gather(*(written.send(stadt) for _ in range(3)))
    assert answers == [202, 202, 202]
    assert changes(once, await stadt.state()) == {}
    await serves(stadt, nachbar)


async def test_triple_delivery_by_every_way_has_one_effect(stadt: Town, nachbar: Remote) -> None:
    """Shared inbox, personal inbox and a freshly signed copy, all at once."""
    bob = nachbar.person("bob")
    resident = await follower_of(stadt, bob)
    post = await stadt.write(acts.write, resident)
    note, known = bob.note(cc=[resident.uri]), bob.note(cc=[resident.uri])
    await stadt.accept(bob, bob.create(known))
    activities = [
        bob.activity("Follow", resident.uri),
        bob.create(note),
        bob.activity("Like", post.uri),
        bob.activity("Announce", post.uri),
        bob.activity("Update", {**known, "content": "<p>Neu</p>", "updated": "2030-01-01T00:00:00Z"}),
    ]
    for activity in activities:
        paths = ["/inbox", "/users/anna/inbox", "/actor/inbox"]
        answers = await asyncio.gather(*(stadt.deliver(bob, activity, path=path) for path in paths))
        assert answers == [202, 202, 202]
        await stadt.settle()
        assert await stadt.count(InboxItem, InboxItem.activity_uri == activity["id"]) == 1

    for table, condition in (
        (Follow, Follow.followed_id == resident.id),
        (Status, Status.uri == note["id"]),
        (Like, Like.status_id == post.id),
        (Announce, Announce.status_id == post.id),
    ):
        assert await stadt.count(table, condition) == 1
    assert await stadt.count(Status, Status.likes_count == 1, Status.announces_count == 1) == 1
    await serves(stadt, nachbar)


async def test_the_same_activity_long_after_has_no_second_effect(stadt: Town, nachbar: Remote) -> None:
    """Signed afresh after its effect was undone, as a confused sender would."""
    resident, bob = await stadt.resident("anna"), nachbar.person("bob")
    follow = bob.activity("Follow", resident.uri)
    await stadt.accept(bob, follow)
    await stadt.accept(bob, bob.activity("Undo", follow))
    async with repelled(stadt, nachbar):
        await stadt.accept(bob, follow)
