"""Who follows whom is compared with other servers along with what is for followers only (FEP-8fcf)."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from activitypub.fetch import FetchBudget, Untrusted
from activitypub.followers_sync import digest_of, header_of, read_header
from activitypub.listings import read_whole_listing
from activitypub.models import Actor, Follow
from activitypub.unit import Unit
from activitypub.vocabulary import Visibility
from fediverse_kommune.models import FollowersCheck
from tests import acts
from tests.fediverse import Person, Remote
from tests.town import Town
from tests.towns import followed_by


def test_the_digest_of_the_proposal() -> None:
    members = ["https://testing.example.org/users/1", "https://testing.example.org/users/2"]
    assert digest_of(members) == "c33f48cd341ef046a206b8a72ec97af65079f9a3a9b90eef79c5920dce45c61f"
    assert digest_of(reversed(members * 2)) == digest_of(members)
    assert digest_of([]) == "0" * 64


def test_the_header_is_read_as_it_is_written() -> None:
    actor = "https://stadt.example/users/anna"
    said = read_header(header_of(actor, f"{actor}/followers", ["https://a.example/b"]), allow_http=False)
    assert said is not None
    assert said.collection == f"{actor}/followers"
    assert said.url == f"{actor}/followers_synchronization"
    assert said.digest == digest_of(["https://a.example/b"])
    for odd in ("", "collectionId", 'collectionId="x", url="y"', f'url="{actor}"', 'a="1", a="2"'):
        assert read_header(odd, allow_http=False) is None


async def test_servers_hear_whom_of_theirs_we_take_for_followers(
    stadt: Town, nachbar: Remote, boese: Remote, subtests: pytest.Subtests
) -> None:
    anna = await stadt.resident("anna")
    bob, carl, dora = nachbar.person("bob"), nachbar.person("carl"), boese.person("dora")
    await followed_by(stadt, anna, bob, carl, dora)
    await stadt.write(acts.write, anna, "<p>Für alle</p>")
    await stadt.write(acts.write, anna, "<p>Für wenige</p>", visibility=Visibility.PRIVATE)
    everybody, few = await nachbar.until_received("Create", 2)
    assert "Collection-Synchronization" not in everybody.headers
    said = read_header(few.headers["Collection-Synchronization"], allow_http=True)
    assert said is not None
    assert said.collection == f"{anna.uri}/followers"
    assert said.digest == digest_of([bob.uri, carl.uri])
    assert "collection-synchronization" in few.headers["Signature"]
    with subtests.test("each reads which of its own follow, and nobody else's"):
        path = said.url.removeprefix(stadt.origin)
        assert (await stadt.get(path))[0] == 401
        for person, followers in ((bob, {bob.uri, carl.uri}), (dora, {dora.uri})):
            code, document = await stadt.get(path, headers=person.asking(said.url))
            assert (code, set(document["orderedItems"])) == (200, followers)
            assert document["id"] == said.url
        assert (await stadt.get("/users/niemand/followers_synchronization", headers=bob.asking(said.url)))[0] == 401
        url = f"{stadt.origin}/users/niemand/followers_synchronization"
        assert (await stadt.get(url.removeprefix(stadt.origin), headers=bob.asking(url)))[0] == 404


async def follows(stadt: Town, resident: Actor, person: Person, *, accepted: bool) -> None:
    await stadt.write(acts.follow, resident, await stadt.meet(person))
    if accepted:
        asked = {"type": "Follow", "actor": resident.uri, "object": person.uri}
        await stadt.accept(person, person.activity("Accept", asked))


async def compared(stadt: Town) -> None:
    """Let what is to be compared be compared now."""

    def hurry(unit: Unit) -> None:
        unit.execute(update(FollowersCheck).values(due_at=unit.now))

    await stadt.write(hurry)
    await stadt.until(FollowersCheck, FollowersCheck.due_at.is_(None))


async def following(stadt: Town, person: Person) -> set[str]:
    """Return who of us follows somebody elsewhere."""
    followed_id = (await stadt.meet(person)).id
    of_person = (
        select(Actor.username)
        .join(Follow, Follow.follower_id == Actor.id)
        .where(Follow.accepted_at.is_not(None), Follow.followed_id == followed_id)
    )
    return set(await stadt.read(lambda session: session.scalars(of_person).all()))


def whisper(person: Person, listed: Collection[str]) -> dict[str, str]:
    """Return the header with which a person's server says who of another server follows."""
    return {"Collection-Synchronization": header_of(person.uri, person.followers, listed)}


async def test_what_differs_is_mended(stadt: Town, nachbar: Remote, subtests: pytest.Subtests) -> None:
    bob = nachbar.person("bob")
    anna, berta, carla, dora = [await stadt.resident(name) for name in ("anna", "berta", "carla", "dora")]
    for resident, accepted in ((anna, True), (berta, True), (carla, False)):
        await follows(stadt, resident, bob, accepted=accepted)
    path = f"{bob.uri}/followers_synchronization".removeprefix(nachbar.origin)
    listed = [anna.uri, carla.uri, dora.uri, f"{nachbar.origin}/users/fremd"]
    collection: dict[str, Any] = {"id": nachbar.origin + path, "type": "OrderedCollection", "orderedItems": listed}
    nachbar.documents[path] = collection

    async def say(named: Collection[str], instead: str = "", odd: str = "") -> None:
        """Deliver something for followers, with what is to be `instead` of a part of the header being `odd`."""
        name, value = next(iter(whisper(bob, named).items()))
        header = {name: value.replace(instead, odd) if instead else value}
        await stadt.accept(bob, bob.create(bob.note(to=[bob.followers], cc=[])), headers=header)

    watch = stadt.app.inbox._followers._looked_at
    with subtests.test("what is the same, or not the sender's to say, is not looked into"):
        await say([anna.uri, berta.uri])
        watch.clear()
        await say(listed, f'"{bob.followers}"', f'"{nachbar.origin}/users/eve/followers"')
        watch.clear()
        await say(listed, f"{bob.uri}/followers_s", "http://boese.test/s")
        assert await stadt.count(FollowersCheck) == 0
    with subtests.test("a list that cannot be read to its end mends nothing"):
        nachbar.documents[path] = {**collection, "next": f"{nachbar.origin}/nirgends"}
        await say(listed)
        await compared(stadt)
        assert await following(stadt, bob) == {"anna", "berta"}
        with pytest.raises(Untrusted):
            await read_whole_listing(stadt.app.server.resolver.ctx, nachbar.origin + path, FetchBudget(), most=2)
        nachbar.documents[path] = collection
    with subtests.test("an actor is looked into once in some minutes"):
        await say(listed)
        watch.clear()
        await say(listed)
        assert await stadt.count(FollowersCheck, FollowersCheck.due_at.is_not(None)) == 0

        def earlier(unit: Unit) -> None:
            unit.execute(update(FollowersCheck).values(wanted_at=unit.now - timedelta(hours=1)))

        await stadt.write(earlier)
        watch.clear()
        await say(listed)
        assert await stadt.count(FollowersCheck, FollowersCheck.due_at.is_not(None)) == 1
    with subtests.test("what only we know of ends, what only they know of is undone, and a lost Accept counts"):
        await compared(stadt)
        assert await following(stadt, bob) == {"anna", "carla"}
        (undone,) = await nachbar.until_received("Undo")
        assert undone.activity["actor"] == dora.uri
        assert undone.activity["object"]["type"] == "Follow"
        assert (undone.activity["object"]["actor"], undone.activity["object"]["object"]) == (dora.uri, bob.uri)
