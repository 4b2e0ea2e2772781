"""Each verb: what is said, to whom, and what stays at home."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy.exc import InvalidRequestError

from activitypub.documents import note_document
from activitypub.events import DeliveriesQueued
from activitypub.graph.interactions import announce, like, unannounce, unlike
from activitypub.graph.relationships import accept_follow, block, end_follow, follow, unblock
from activitypub.graph.statuses import StatusText, delete_status, edit_status
from activitypub.models import Actor, Status, new_id
from activitypub.sanitize import SafeHTML
from activitypub.unit import Unit
from activitypub.vocabulary import PUBLIC, Visibility
from fediverse_kommune.database import Database
from outbox import send
from tests.unit.outbox.conftest import INSTANCE, Queued, following, local, posted, queued, remote, rows

NORD, SUED, WEST = "https://nord.example/inbox", "https://sued.example/inbox", "https://west.example/inbox"
NORA, SUSI = "https://nord.example/users/nora", "https://sued.example/users/susi"
ANNA = "https://stadt.example/users/anna"

Story = Callable[[Unit, Actor, Actor, Actor], object]


async def told(db: Database, story: Story) -> list[Queued]:
    """Let a story happen among Anna (ours), Nora, who follows her, and Susi, who does not; return what is told."""

    def unit_of_work(unit: Unit) -> None:
        anna, nora, susi = (
            local(unit, "anna"),
            remote(unit, "nora", "nord.example"),
            remote(unit, "susi", "sued.example"),
        )
        following(unit, nora, anna)
        story(unit, anna, nora, susi)

    await db.write(unit_of_work)
    return await db.read(queued)


# ---------------------------------------------------------------------------------------------- statuses


@pytest.mark.parametrize(
    ("visibility", "mentioned", "inboxes"),
    [
        (Visibility.PUBLIC, False, [NORD]),
        (Visibility.PUBLIC, True, [SUED, NORD]),
        (Visibility.UNLISTED, False, [NORD]),
        (Visibility.PRIVATE, False, [NORD]),
        (Visibility.PRIVATE, True, [SUED, NORD]),
        (Visibility.DIRECT, False, []),
        (Visibility.DIRECT, True, [SUED]),
    ],
)
async def test_a_status_reaches_whom_it_is_for(
    db: Database, visibility: Visibility, mentioned: bool, inboxes: list[str]
) -> None:
    def story(unit: Unit, anna: Actor, _nora: Actor, susi: Actor) -> None:
        send.send_status(unit, posted(unit, anna, *([susi] if mentioned else []), visibility=visibility))

    assert [entry.inbox for entry in await told(db, story)] == inboxes


async def test_a_create_says_what_the_status_says(db: Database, heard: list[Any]) -> None:
    def story(unit: Unit, anna: Actor, nora: Actor, _susi: Actor) -> None:
        send.send_status(unit, posted(unit, anna, nora))

    (entry,) = await told(db, story)
    note = entry.activity["object"]
    assert entry.activity["id"] == f"{note['id']}/activity"
    assert entry.activity["actor"] == note["attributedTo"] == ANNA
    assert entry.activity["to"] == note["to"] == [PUBLIC]
    assert entry.activity["cc"] == note["cc"] == [f"{ANNA}/followers", NORA]
    assert "@context" in entry.activity
    assert "@context" not in note
    assert heard == [DeliveriesQueued()]


async def test_what_is_local_only_stays_here(db: Database) -> None:
    def story(unit: Unit, anna: Actor, nora: Actor, _susi: Actor) -> None:
        status = posted(unit, anna, nora, local_only=True)
        send.send_status(unit, status)
        send.send_status_update(unit, status)
        send.send_like(unit, like(unit, anna, status), status)
        send.send_announce(unit, announce(unit, anna, status), status)
        send.send_status_delete(unit, status)

    assert await told(db, story) == []


@pytest.mark.parametrize(
    ("visibility", "inboxes"),
    [(Visibility.PUBLIC, [SUED, NORD]), (Visibility.PRIVATE, [NORD]), (Visibility.DIRECT, [])],
)
async def test_the_author_of_the_parent_hears_of_open_replies_only(
    db: Database, visibility: Visibility, inboxes: list[str]
) -> None:
    def story(unit: Unit, anna: Actor, _nora: Actor, susi: Actor) -> None:
        parent = posted(unit, susi)
        send.send_status(unit, posted(unit, anna, in_reply_to=parent, visibility=visibility))

    assert [entry.inbox for entry in await told(db, story)] == inboxes


async def test_a_status_read_back_is_told_like_a_fresh_one(db: Database) -> None:
    ids: list[int] = []

    def story(unit: Unit, anna: Actor, nora: Actor, _susi: Actor) -> None:
        ids.append(posted(unit, anna, nora).id)

    def tell(unit: Unit) -> None:
        send.send_status(unit, unit.get_one(Status, ids[0]))

    await told(db, story)
    await db.write(tell)
    (entry,) = await db.read(queued)
    assert entry.activity["object"]["tag"][0] == {"type": "Mention", "href": NORA, "name": "@nora@nord.example"}


async def test_what_was_not_loaded_is_an_error_and_never_an_omission(db: Database) -> None:
    ids: list[int] = []

    def story(unit: Unit, anna: Actor, _nora: Actor, _susi: Actor) -> None:
        ids.append(posted(unit, anna).id)

    await told(db, story)
    with pytest.raises(InvalidRequestError, match="raise"):
        await db.read(lambda session: note_document(session.get_one(Status, ids[0]), INSTANCE))


def edited(unit: Unit, status: Status) -> None:
    edit_status(
        unit, status, StatusText(content=SafeHTML.stored("<p>Anders</p>")), datetime(2026, 11, 23, 13, tzinfo=UTC)
    )


@pytest.mark.parametrize(("visibility", "inboxes"), [(Visibility.PUBLIC, [NORD, SUED]), (Visibility.PRIVATE, [NORD])])
@pytest.mark.parametrize("hand", ["like", "announce", "reply"])
async def test_an_edit_reaches_also_those_who_had_a_hand_in_an_open_status(
    db: Database, visibility: Visibility, inboxes: list[str], hand: str
) -> None:
    def story(unit: Unit, anna: Actor, _nora: Actor, susi: Actor) -> None:
        status = posted(unit, anna, visibility=visibility)
        if hand == "like":
            like(unit, susi, status, uri=f"{SUSI}#like")
        elif hand == "announce":
            announce(unit, susi, status, uri=f"{SUSI}#announce")
        else:
            posted(unit, susi, in_reply_to=status)
        edited(unit, status)
        send.send_status_update(unit, status)

    entries = await told(db, story)
    assert [entry.inbox for entry in entries] == inboxes
    assert entries[0].kind == "Update"
    assert entries[0].activity["object"]["content"] == "<p>Anders</p>"


async def test_a_delete_names_a_tombstone_and_is_addressed_like_the_status(db: Database) -> None:
    def story(unit: Unit, anna: Actor, _nora: Actor, susi: Actor) -> None:
        status = posted(unit, anna, susi, visibility=Visibility.PRIVATE)
        send.send_status_delete(unit, status)
        delete_status(unit, status)

    first, second = await told(db, story)
    assert [first.inbox, second.inbox] == [SUED, NORD]
    assert first.kind == "Delete"
    assert first.activity["object"]["type"] == "Tombstone"
    assert first.activity["object"]["formerType"] == "Note"
    assert first.activity["to"] == [f"{ANNA}/followers"]
    assert first.activity["cc"] == [SUSI]


# --------------------------------------------------------------------------------- relationships and more


async def test_follow_undo_follow_keep_their_order_and_their_ids(db: Database) -> None:
    def story(unit: Unit, anna: Actor, _nora: Actor, susi: Actor) -> None:
        for _ in range(2):
            row = follow(unit, anna, susi)
            send.send_follow(unit, row)
            end_follow(unit, row)
            send.send_undo_follow(unit, row)

    entries = await told(db, story)
    assert [entry.kind for entry in entries] == ["Follow", "Undo", "Follow", "Undo"]
    assert {entry.inbox for entry in entries} == {f"{SUSI}/inbox"}
    asked, undone, again, _ = (entry.activity for entry in entries)
    assert asked["id"].startswith(f"{ANNA}#follow/")
    assert undone["object"] == {name: value for name, value in asked.items() if name != "@context"}
    assert len({entry.activity["id"] for entry in entries}) == 4
    assert again["object"] == SUSI


@pytest.mark.parametrize(("verb", "kind"), [("send_accept", "Accept"), ("send_reject", "Reject")])
async def test_an_answer_repeats_the_follow_as_it_came(db: Database, verb: str, kind: str) -> None:
    def story(unit: Unit, anna: Actor, _nora: Actor, susi: Actor) -> None:
        row = follow(unit, susi, anna, uri=f"{SUSI}/follows/77")
        accept_follow(unit, row)
        getattr(send, verb)(unit, row)

    (entry,) = await told(db, story)
    assert (entry.kind, entry.inbox) == (kind, f"{SUSI}/inbox")
    assert entry.activity["actor"] == ANNA
    assert entry.activity["object"] == {"id": f"{SUSI}/follows/77", "type": "Follow", "actor": SUSI, "object": ANNA}


async def test_a_like_and_its_undo_go_to_the_author_alone(db: Database) -> None:
    def story(unit: Unit, anna: Actor, _nora: Actor, susi: Actor) -> None:
        status = posted(unit, susi)
        row = like(unit, anna, status)
        send.send_like(unit, row, status)
        unlike(unit, row)
        send.send_unlike(unit, row, status)

    liked, undone = await told(db, story)
    assert (liked.inbox, undone.inbox) == (f"{SUSI}/inbox", f"{SUSI}/inbox")
    assert liked.kind == "Like"
    assert undone.activity["object"]["id"] == liked.activity["id"]
    assert undone.activity["object"]["type"] == "Like"


async def test_an_announce_and_its_undo_go_to_author_and_followers(db: Database) -> None:
    def story(unit: Unit, anna: Actor, _nora: Actor, susi: Actor) -> None:
        status = posted(unit, susi)
        row = announce(unit, anna, status)
        send.send_announce(unit, row, status)
        unannounce(unit, row)
        send.send_unannounce(unit, row, status)

    entries = await told(db, story)
    assert [(entry.kind, entry.inbox) for entry in entries] == [
        ("Announce", SUED),
        ("Announce", NORD),
        ("Undo", SUED),
        ("Undo", NORD),
    ]
    assert entries[0].activity["to"] == [PUBLIC]
    assert entries[0].activity["cc"] == [f"{ANNA}/followers", SUSI]


async def test_a_block_and_its_undo_go_to_the_blocked(db: Database) -> None:
    def story(unit: Unit, anna: Actor, _nora: Actor, susi: Actor) -> None:
        row = block(unit, anna, susi)
        send.send_block(unit, row)
        unblock(unit, row)
        send.send_unblock(unit, row)

    blocked, undone = await told(db, story)
    assert blocked.activity["object"] == SUSI
    assert undone.activity["object"]["id"] == blocked.activity["id"]


async def test_among_ourselves_nothing_is_queued(db: Database) -> None:
    def story(unit: Unit, anna: Actor, _nora: Actor, _susi: Actor) -> None:
        bernd = local(unit, "bernd")
        status = posted(unit, bernd)
        send.send_follow(unit, follow(unit, anna, bernd))
        send.send_like(unit, like(unit, anna, status), status)
        send.send_block(unit, block(unit, anna, bernd))
        send.send_status(unit, status)

    assert await told(db, story) == []


@pytest.mark.parametrize("kind", ["Person", "Group", "Organization", "Service"])
async def test_every_type_of_actor_tells_of_its_changes(db: Database, kind: str) -> None:
    def story(unit: Unit, anna: Actor, _nora: Actor, _susi: Actor) -> None:
        anna.type, anna.name = kind, "Anna A."
        send.send_actor_update(unit, anna)

    (entry,) = await told(db, story)
    assert (entry.kind, entry.inbox) == ("Update", NORD)
    assert entry.activity["object"]["type"] == kind
    assert entry.activity["object"]["name"] == "Anna A."


async def test_an_actor_that_goes_takes_back_what_waits_and_tells_everyone(db: Database) -> None:
    def story(unit: Unit, anna: Actor, _nora: Actor, _susi: Actor) -> None:
        remote(unit, "willi", "west.example")
        send.send_status(unit, posted(unit, anna))
        send.send_actor_delete(unit, anna)

    entries = await told(db, story)
    assert [(entry.kind, entry.inbox) for entry in entries] == [("Delete", NORD), ("Delete", SUED), ("Delete", WEST)]
    assert entries[0].activity["object"] == ANNA
    assert (await db.read(rows))["outgoing_activities"] == 1


async def test_two_updates_in_one_moment_have_two_ids(db: Database) -> None:
    def story(unit: Unit, anna: Actor, _nora: Actor, _susi: Actor) -> None:
        send.send_actor_update(unit, anna)
        send.send_actor_update(unit, anna)

    first, second = await told(db, story)
    assert first.activity["id"] != second.activity["id"]


async def test_a_unit_that_fails_queues_nothing(db: Database) -> None:
    def story(unit: Unit, anna: Actor, _nora: Actor, _susi: Actor) -> None:
        send.send_status(unit, posted(unit, anna))
        unit.add(Actor(id=new_id(unit.now)))  # without all that an actor needs
        unit.flush()

    with pytest.raises(Exception, match=r"NOT NULL|null value"):
        await told(db, story)
    assert await db.read(rows) == {"outgoing_activities": 0, "deliveries": 0, "delivery_lanes": 0}
