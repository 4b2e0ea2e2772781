"""Who gets what: a matrix of actors and visibilities, and those who get nothing whatever happens."""

from typing import Any

import pytest
from sqlalchemy import update

from activitypub.domain_blocks import suspended_hosts
from activitypub.models import Actor, DomainBlock, Instance, Severity
from activitypub.unit import Unit
from fediverse_kommune.database import Database
from outbox.recipients import Inbox, all_inboxes, inboxes_of
from outbox.send import send_status
from tests.unit.outbox.conftest import Clock, following, local, posted, queued, remote

NORD, SUED, WEST = "https://nord.example/inbox", "https://sued.example/inbox", "https://west.example/users/willi/inbox"


def town(unit: Unit) -> dict[str, int]:
    """Anna here; followers in the north and west; one who only asked in the east; a stranger in the south."""
    anna, bernd = local(unit, "anna"), local(unit, "bernd")
    nora, nils = remote(unit, "nora", "nord.example"), remote(unit, "nils", "nord.example")
    susi = remote(unit, "susi", "sued.example")
    willi = remote(unit, "willi", "west.example", shared=False)
    otto = remote(unit, "otto", "ost.example")
    for follower in (nora, nils, willi, bernd):
        following(unit, follower, anna)
    following(unit, otto, anna, accepted=False)
    return {actor.username: actor.id for actor in (anna, bernd, nora, nils, susi, willi, otto)}


def of(unit: Unit, *, actors: tuple[int, ...] = (), followers_of: int | None = None, shared: bool = True) -> list[str]:
    return [inbox.uri for inbox in inboxes_of(unit, actors=actors, followers_of=followers_of, shared=shared)]


async def test_followers_by_shared_inbox_once_and_requests_not(db: Database) -> None:
    people = await db.write(town)
    assert await db.write(of, followers_of=people["anna"]) == [NORD, WEST]


async def test_named_actors_come_first_and_hosts_are_told(db: Database) -> None:
    people = await db.write(town)
    found = await db.write(inboxes_of, actors=[people["susi"], people["nils"]], followers_of=people["anna"])
    assert found == [Inbox(NORD, "nord.example"), Inbox(SUED, "sued.example"), Inbox(WEST, "west.example")]


async def test_local_actors_have_no_remote_inbox(db: Database) -> None:
    people = await db.write(town)
    assert await db.write(of, actors=(people["anna"], people["bernd"])) == []
    assert await db.write(of, actors=()) == []


async def test_what_concerns_one_actor_goes_to_its_own_inbox(db: Database) -> None:
    people = await db.write(town)
    assert await db.write(of, actors=(people["nora"],), shared=False) == ["https://nord.example/users/nora/inbox"]


async def test_everyone_is_one_inbox_per_server(db: Database) -> None:
    await db.write(town)
    found = [inbox.uri for inbox in await db.write(all_inboxes)]
    assert found == [NORD, "https://ost.example/inbox", SUED, WEST]


# ------------------------------------------------------------------------------------------------ never


def change(unit: Unit, username: str, **values: Any) -> None:
    unit.execute(update(Actor).where(Actor.username == username).values(**values))


def block(unit: Unit, domain: str, severity: Severity = Severity.SUSPEND) -> None:
    unit.add(DomainBlock(domain=domain, severity=severity, created_at=unit.now))


@pytest.mark.parametrize("domain", ["nord.example", "example"])
async def test_a_suspended_domain_gets_nothing_nor_what_is_below_it(db: Database, domain: str) -> None:
    people = await db.write(town)
    await db.write(block, domain)
    assert NORD not in await db.write(of, followers_of=people["anna"])
    assert NORD not in await db.write(of, actors=(people["nora"],))


@pytest.mark.parametrize("domain", ["ord.example", "x.nord.example", "nord.example.org", "nord"])
async def test_a_block_of_another_domain_changes_nothing(db: Database, domain: str) -> None:
    people = await db.write(town)
    await db.write(block, domain)
    assert await db.write(of, followers_of=people["anna"]) == [NORD, WEST]


async def test_a_silenced_domain_still_gets_what_it_follows(db: Database) -> None:
    people = await db.write(town)
    await db.write(block, "nord.example", Severity.SILENCE)
    assert NORD in await db.write(of, followers_of=people["anna"])


async def test_a_block_holds_for_the_domain_of_the_handle_too(db: Database) -> None:
    people = await db.write(town)
    await db.write(change, "willi", domain="handles.example")
    await db.write(block, "handles.example")
    assert await db.write(of, followers_of=people["anna"]) == [NORD]


async def test_a_suspended_actor_gets_nothing(db: Database, clock: Clock) -> None:
    people = await db.write(town)
    await db.write(change, "willi", suspended_at=clock())
    assert await db.write(of, followers_of=people["anna"]) == [NORD]


async def test_a_suspended_actor_does_not_cost_its_neighbours_the_shared_inbox(db: Database, clock: Clock) -> None:
    people = await db.write(town)
    await db.write(change, "nora", suspended_at=clock())
    assert await db.write(of, followers_of=people["anna"]) == [NORD, WEST]


async def test_never_to_ourselves_even_by_a_row_that_says_otherwise(db: Database) -> None:
    people = await db.write(town)
    await db.write(change, "willi", host="stadt.example")
    assert await db.write(of, followers_of=people["anna"]) == [NORD]


async def test_the_parents_of_a_host_decide(db: Database) -> None:
    await db.write(block, "bad.example")
    hosts = {"bad.example", "a.b.bad.example", "a.bad.example:8443", "notbad.example", "bad.example.org"}
    assert await db.write(lambda unit: suspended_hosts(unit, unit.instance, hosts)) == {
        "bad.example",
        "a.b.bad.example",
        "a.bad.example:8443",
    }


async def test_an_unavailable_host_gets_one_probe_at_a_time(db: Database, clock: Clock) -> None:
    people = await db.write(town)

    def die(unit: Unit) -> None:
        unit.add(Instance(host="nord.example", first_seen_at=unit.now, unavailable_since=unit.now))

    def post(unit: Unit) -> None:
        send_status(unit, posted(unit, unit.get_one(Actor, people["anna"])))

    await db.write(die)
    for _ in range(3):
        await db.write(post)
    inboxes = [entry.inbox for entry in await db.read(queued)]
    assert inboxes.count(NORD) == 1
    assert inboxes.count(WEST) == 3


async def test_a_crowd_on_one_server_is_one_inbox(db: Database) -> None:
    people = await db.write(town)

    def crowd(unit: Unit) -> None:
        anna = unit.get_one(Actor, people["anna"])
        for number in range(300):
            following(unit, remote(unit, f"fan{number}", "fans.example"), anna)

    await db.write(crowd)
    assert await db.write(of, followers_of=people["anna"]) == ["https://fans.example/inbox", NORD, WEST]
