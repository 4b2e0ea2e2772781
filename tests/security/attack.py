"""The frame of every attack: nothing here changes while it lasts, and the next honest activity is served."""

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import select

from activitypub.models import Actor, Follow, Status
from tests import acts
from tests.fediverse import Person, Remote
from tests.town import Town

# How much was sent and refused on a day is counted: numbers for administrators, with nothing of what came in them.
COUNTED = frozenset({"delivery_days", "refused_arrivals"})


@asynccontextmanager
async def repelled(stadt: Town, nachbar: Remote, *, but_for: Collection[str] = ()) -> AsyncIterator[None]:
    """Let something happen to a town that must leave no trace in any table, except those named in `but_for`.

    An activity that is accepted and then ignored leaves its row in "inbox_items"; nothing else may.
    """
    before = await stadt.state()
    yield
    left = changes(before, await stadt.state(), but_for)
    assert not left, left
    await serves(stadt, nachbar)


def changes(
    before: dict[str, frozenset[str]], after: dict[str, frozenset[str]], but_for: Collection[str] = ()
) -> dict[str, dict[str, list[str]]]:
    """Return what differs between two states of a town, by table; what is only counted is no trace."""
    return {
        table: {"gone": sorted(before[table] - after[table]), "new": sorted(after[table] - before[table])}
        for table in before
        if before[table] != after[table] and table not in {*but_for, *COUNTED}
    }


async def serves(stadt: Town, nachbar: Remote) -> None:
    """An honest post of a neighbour to a resident arrives."""
    resident = await stadt.resident(f"bewohner{await stadt.count(Status)}")
    honest = nachbar.person("ehrlich")
    note = honest.note(cc=[resident.uri])
    await stadt.accept(honest, honest.create(note))
    assert await stadt.count(Status, Status.uri == note["id"]) == 1


async def contents(stadt: Town) -> list[str]:
    """Return what the stored posts say."""
    rows = await stadt.read(lambda session: session.scalars(select(Status.content).order_by(Status.id)).all())
    return [str(content) for content in rows]


async def follower_of(stadt: Town, person: Person, username: str = "anna") -> Actor:
    """Return a resident who follows `person`, with its consent: what it announces matters here from now on."""
    resident = await stadt.resident(username)
    await stadt.write(acts.follow, resident, await stadt.meet(person))
    await person.server.until_received("Follow")
    asked = {"type": "Follow", "actor": resident.uri, "object": person.uri}
    await stadt.accept(person, person.activity("Accept", asked))
    assert await stadt.count(Follow, Follow.follower_id == resident.id, Follow.accepted_at.is_not(None)) == 1
    return resident


def one_of_each(person: Person, *, resident: str, status: str) -> dict[str, dict[str, Any]]:
    """Return an activity of every kind that this server acts on, and two that it does not, said by `person`.

    `resident` is an actor and `status` a post that they are about.
    """
    own = person.note(cc=[resident])
    follow = {"id": person.server.fresh_id("follow"), "type": "Follow", "actor": person.uri, "object": resident}
    asked = {"type": "Follow", "actor": resident, "object": person.uri}
    like = {"id": person.server.fresh_id("like"), "type": "Like", "actor": person.uri, "object": status}
    return {
        "Follow": person.activity("Follow", resident),
        "Accept": person.activity("Accept", asked),
        "Accept by id": person.activity("Accept", f"{resident}#follow/1"),
        "Reject": person.activity("Reject", asked),
        "Block": person.activity("Block", resident),
        "Undo Follow": person.activity("Undo", follow),
        "Undo Block": person.activity("Undo", {**follow, "type": "Block"}),
        "Undo Like": person.activity("Undo", like),
        "Undo Announce": person.activity("Undo", {**like, "type": "Announce"}),
        "Undo by id": person.activity("Undo", follow["id"]),
        "Create": person.create(own),
        "Create by id": person.activity("Create", own["id"]),
        "Update Note": person.activity("Update", own),
        "Update Person": person.activity("Update", person.document()),
        "Delete Note": person.activity("Delete", {"id": own["id"], "type": "Tombstone"}),
        "Delete Person": person.activity("Delete", person.uri),
        "Like": person.activity("Like", status),
        "Announce": person.activity("Announce", status),
        "Add": person.activity("Add", own["id"], target=f"{person.uri}/featured"),
        "Remove": person.activity("Remove", own["id"], target=f"{person.uri}/featured"),
        "Move": person.activity("Move", person.uri, target=resident),
        "Flag": person.activity("Flag", [resident, status]),
    }
