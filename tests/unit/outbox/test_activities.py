"""Every activity, as a JSON-LD processor reads it: its own context explains each word in it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pyld import jsonld

from activitypub.graph.interactions import announce, like
from activitypub.graph.relationships import block
from activitypub.jsonld import AS, DATA_INTEGRITY, OUTGOING_CONTEXT, document_loader
from activitypub.models import Actor
from activitypub.unit import Unit
from fediverse_kommune.database import Database
from outbox import send
from tests.unit.outbox.conftest import following, local, posted, queued, remote

Story = Callable[[Unit, Actor, Actor], None]


def statuses(unit: Unit, anna: Actor, nora: Actor) -> None:
    status = posted(unit, anna, nora)
    send.send_status(unit, status)
    send.send_status_update(unit, status)


def a_deletion(unit: Unit, anna: Actor, nora: Actor) -> None:
    send.send_status_delete(unit, posted(unit, anna, nora))


def relationships(unit: Unit, anna: Actor, nora: Actor) -> None:
    asked = following(unit, nora, anna)
    send.send_accept(unit, asked)
    send.send_reject(unit, asked)
    send.send_follow(unit, following(unit, anna, nora))
    send.send_block(unit, block(unit, anna, nora))


def interactions(unit: Unit, anna: Actor, nora: Actor) -> None:
    status = posted(unit, nora)
    send.send_like(unit, like(unit, anna, status), status)
    send.send_announce(unit, announce(unit, anna, status), status)


def undone(unit: Unit, anna: Actor, nora: Actor) -> None:
    status = posted(unit, nora)
    send.send_undo_follow(unit, following(unit, anna, nora))
    send.send_unlike(unit, like(unit, anna, status), status)
    send.send_unannounce(unit, announce(unit, anna, status), status)
    send.send_unblock(unit, block(unit, anna, nora))


def a_changed_profile(unit: Unit, anna: Actor, nora: Actor) -> None:
    following(unit, nora, anna)
    send.send_actor_update(unit, anna)


def a_departure(unit: Unit, anna: Actor, _nora: Actor) -> None:
    send.send_actor_delete(unit, anna)


SHORT = {"Follow", "Accept", "Reject", "Undo", "Like", "Announce", "Block", "Delete"}
STORIES = {
    statuses: ["Create", "Update"],
    a_deletion: ["Delete"],
    relationships: ["Accept", "Reject", "Follow", "Block"],
    interactions: ["Like", "Announce"],
    undone: ["Undo", "Undo", "Undo", "Undo"],
    a_changed_profile: ["Update"],
    a_departure: ["Delete"],
}


@pytest.mark.parametrize(("story", "kinds"), STORIES.items(), ids=[story.__name__ for story in STORIES])
async def test_the_context_explains_every_word(db: Database, story: Story, kinds: list[str]) -> None:
    await db.write(lambda unit: story(unit, local(unit, "anna"), remote(unit, "nora", "nord.example")))

    activities = [entry.activity for entry in await db.read(queued)]

    assert [activity["type"] for activity in activities] == kinds
    for activity in activities:
        dropped: list[str] = []
        read = jsonld.expand(activity, {"documentLoader": document_loader}, on_property_dropped=dropped.append)
        assert dropped == []
        assert {word for word in words(read) if not word.startswith(("https://", "http://", "@"))} == set()
        short = [AS, DATA_INTEGRITY] if "proof" in activity else AS
        assert activity["@context"] == (short if activity["type"] in SHORT else OUTGOING_CONTEXT)


async def test_what_was_allowed_says_by_what(db: Database) -> None:
    stamp = "https://nord.example/users/nora/authorizations/1"

    def act(unit: Unit) -> None:
        anna, nora = local(unit, "anna"), remote(unit, "nora", "nord.example")
        answer, theirs = posted(unit, anna, nora), posted(unit, nora)
        answer.authorization_uri = stamp
        send.send_status(unit, answer)
        row = announce(unit, anna, theirs)
        row.authorization_uri = stamp
        send.send_announce(unit, row, theirs)

    await db.write(act)
    answered, announced = [entry.activity for entry in await db.read(queued)]
    answer = answered["object"]
    assert (answer["replyAuthorization"], answer["approvedBy"]) == (stamp, stamp)
    assert announced == {
        "@context": OUTGOING_CONTEXT,
        "id": announced["id"],
        "type": "Announce",
        "actor": "https://stadt.example/users/anna",
        "published": announced["published"],
        "to": announced["to"],
        "cc": announced["cc"],
        "object": announced["object"],
        "announceAuthorization": stamp,
        "approvedBy": stamp,
        "proof": announced["proof"],
    }
    gts = "https://gotosocial.org/ns#"
    for activity in (answered, announced):
        read = jsonld.expand(activity, {"documentLoader": document_loader})
        assert [{"@id": stamp}] in [list(value) for value in _values(read, f"{gts}approvedBy")]


def _values(node: Any, name: str) -> Iterator[Any]:
    if isinstance(node, list):
        for item in node:
            yield from _values(item, name)
    elif isinstance(node, dict):
        yield from [node[name]] if name in node else []
        for value in node.values():
            yield from _values(value, name)


def words(node: Any) -> Iterator[str]:
    """Iterate over the properties and types in an expanded document."""
    if isinstance(node, list):
        for item in node:
            yield from words(item)
    elif isinstance(node, dict):
        yield from node
        yield from node.get("@type", ()) if "@value" not in node else ()
        for value in node.values():
            yield from words(value)
