"""An independent reader and writer, little-boxes: it reads what we emit, and we take what it builds.

Its release 0.1.0 knows persons, notes and nine activities. It asks a backend for every actor and object that is
only named, and wants to find the author of a Note under `actor` too, where ActivityStreams has `attributedTo`.
"""

import copy
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from little_boxes import activitypub as boxes
from little_boxes.errors import BadActivityError, UnexpectedActivityTypeError
from little_boxes.utils import parse_collection
from sqlalchemy import select

from activitypub.models import Announce, Follow, Like, Status
from activitypub.parse import parse_activity, parse_actor, parse_status
from activitypub.vocabulary import PUBLIC, type_of
from tests import acts
from tests.acts import loaded_status
from tests.fediverse import Person, Remote
from tests.security.attack import follower_of
from tests.specimens import ANNA, NORA, REMOTE_STATUS, STATUS, Document, emitting_functions, specimens
from tests.town import Town

# It has no class for these types, or does not let them be the object of the activity.
UNKNOWN = {
    "actor_document of a Group",
    "actor_document of a Organization",
    "actor_document of a Service",
    "instance_actor_document",
    "relay_document",
    "note_document of an Article",
    "ordered_collection in pages",
    "ordered_collection as a whole",
    "collection_document",
    "featured_tag_document",
    "add_pinned",
    "remove_pinned",
    "add_hashtag",
    "remove_hashtag",
    "move",
    "flag",
    "note_document of a Question",
    "collection_page of activities",
    "collection_page of ids",
    "reject",
    "quote_request",
    "quote_accept",
    "quote_reject",
    "quote_revoke",
    "quote_authorization_document",
    *(name for name in specimens() if name.startswith(("interaction_accept of", "authorization_document"))),
    *("interaction_reject", "feature_reject", "feature_request", "feature_authorization_document"),
    "note_document of an Event",
    *("accept_join", "reject_join", "ignore_join", "invite"),
    *("join", "leave", "accept_invitation", "reject_invitation"),
    "undo of a block",
    "pass_on of a create",
    # Its actor is not one that it can fetch.
    *("lock", "take_out"),
    "keep_out",
    "team_document",
    "reaction_document",  # of an EmojiReact
}
KNOWN = sorted(specimens().keys() - UNKNOWN)


class Backend(boxes.BaseBackend):  # type: ignore[misc]  # it has no types
    """Finds what it is told to find. `documents` maps ids to documents."""

    def __init__(self, documents: Mapping[str, Document]) -> None:
        self.documents = documents

    def fetch_iri(self, iri: str) -> Document:
        return for_little_boxes(self.documents[iri])


@pytest.fixture
def world() -> Iterator[dict[str, Document]]:
    """What little-boxes can fetch meanwhile: Anna, Nora, and a post of each."""
    nora = {"id": NORA, "type": "Person", "inbox": f"{NORA}/inbox"}
    documents: dict[str, Document] = {
        ANNA: specimens()["actor_document of a Person"],
        NORA: nora,
        STATUS: specimens()["note_document, public"],
        REMOTE_STATUS: {"id": REMOTE_STATUS, "type": "Note", "attributedTo": NORA},
    }
    boxes.use_backend(Backend(documents))
    yield documents
    boxes.use_backend(None)


def for_little_boxes(document: Document) -> Document:
    """Return a copy in which Notes name their author as little-boxes wants it."""
    copied = copy.deepcopy(document)
    for each in (copied, copied.get("object")):
        if isinstance(each, dict) and each.get("type") == "Note":
            each["actor"] = each["attributedTo"]
    return copied


def read(document: Document) -> Any:
    return boxes.parse_activity(for_little_boxes(document))


# ------------------------------------------------------------------------------------------- it reads what we emit


@pytest.mark.parametrize("name", KNOWN)
def test_it_reads_what_we_emit(world: dict[str, Document], name: str) -> None:
    document = specimens()[name]
    found = read(document)
    assert (type(found).__name__, found.id) == (document["type"], document["id"])
    # What it makes of it still says all that we said.
    kept = found.to_dict()
    assert {key: kept.get(key) for key in document if key not in {"@context", "object"}} == {
        key: value for key, value in document.items() if key not in {"@context", "object"}
    }


@pytest.mark.parametrize("name", [name for name in KNOWN if "object" in specimens()[name]])
def test_it_finds_who_does_what_to_what(world: dict[str, Document], name: str) -> None:
    document = specimens()[name]
    found = read(document)
    assert found.get_actor().id == document["actor"]
    named = document["object"]
    if name not in {
        "block",
        "block out of a group",
        "delete_actor",
        "interaction_accept without a request",
    }:  # it allows them no object that it could fetch
        assert found.get_object().id == (named if isinstance(named, str) else named["id"])


@pytest.mark.parametrize("name", ["follow", "like", "undo of a follow", "accept"])
def test_it_finds_whom_we_address(world: dict[str, Document], name: str) -> None:
    assert read(specimens()[name]).recipients() == [f"{NORA}/inbox"]


def test_it_walks_through_our_collections() -> None:
    pages = {page["id"]: page for name, page in specimens().items() if name.startswith("collection_page")}
    last = {"type": "OrderedCollectionPage", "orderedItems": [NORA]}
    pages[f"{ANNA}/outbox?max_id=7"] = last

    outbox = parse_collection(url=f"{ANNA}/outbox?page=true", fetcher=pages.__getitem__)
    assert [each if isinstance(each, str) else each["type"] for each in outbox] == ["Create", "Announce", NORA]
    (pinned,) = parse_collection(specimens()["ordered_collection as a whole"], fetcher=pages.__getitem__)
    assert pinned["id"] == STATUS


@pytest.mark.parametrize("name", sorted(UNKNOWN))
def test_what_it_does_not_know_it_refuses(world: dict[str, Document], name: str) -> None:
    with pytest.raises((BadActivityError, UnexpectedActivityTypeError, ValueError)):
        read(specimens()[name])


def test_every_emitting_function_is_in_the_test() -> None:
    assert {name.replace(",", " ").split()[0] for name in specimens()} == emitting_functions()


# ----------------------------------------------------------------------------------------- we read what it builds


def built(person: str, target: str, note: Document) -> dict[str, Any]:
    """Return one of every activity that little-boxes can build for a person about somebody's actor or note."""
    own = {**note, "actor": person}  # without which its Create refuses its own Note
    follow = boxes.Follow(actor=person, object=target, id=f"{person}/follow")
    like = boxes.Like(actor=person, object=STATUS, id=f"{person}/like")
    made = {
        "Follow": follow,
        "Like": like,
        "Announce": boxes.Announce(actor=person, object=STATUS, id=f"{person}/announce", to=[PUBLIC]),
        "Create": boxes.Create(actor=person, object=own, id=f"{person}/create", to=note["to"], cc=note["cc"]),
        "Update": boxes.Update(actor=person, object=own, id=f"{person}/update"),
        "Delete": boxes.Delete(
            actor=person, object=boxes.Tombstone(id=note["id"]).to_dict(embed=True), id=f"{person}/delete"
        ),
        "Block": boxes.Block(actor=person, object=target, id=f"{person}/block"),
        "Undo Follow": follow.build_undo(),
        "Undo Like": like.build_undo(),
        "Accept": boxes.Follow(actor=target, object=person, id=f"{target}/follow").build_accept(),
    }
    for name, activity in made.items():
        if activity.id is None:
            activity.outbox_set_id(f"{person}/{name.lower().replace(' ', '-')}", "1")
    return made


NOTE: Document = {
    "type": "Note",
    "id": f"{NORA}/statuses/2",
    "attributedTo": NORA,
    "content": "<p>Guten Morgen</p>",
    "to": [PUBLIC],
    "cc": [f"{NORA}/followers"],
    "tag": [{"type": "Mention", "href": ANNA, "name": "@anna@stadt.example"}],
}


@pytest.mark.parametrize(
    ("name", "object_uri"),
    [
        ("Follow", ANNA),
        ("Accept", f"{ANNA}/follow"),
        ("Undo Follow", f"{NORA}/follow"),
        ("Undo Like", f"{NORA}/like"),
        ("Create", NOTE["id"]),
        ("Update", NOTE["id"]),
        ("Delete", NOTE["id"]),
        ("Like", STATUS),
        ("Announce", STATUS),
        ("Block", ANNA),
    ],
)
def test_we_read_what_it_builds(world: dict[str, Document], name: str, object_uri: str) -> None:
    document = built(NORA, ANNA, NOTE)[name].to_dict()
    activity = parse_activity(document)
    assert (activity.type, activity.actor, activity.object.uri) == (name.split(maxsplit=1)[0], NORA, object_uri)
    if name in {"Create", "Update"}:
        status = parse_status(activity.object.document or {}, envelope=activity)
        assert (status.attributed_to, status.content, status.to) == (NORA, NOTE["content"], (PUBLIC,))
        assert [mention.uri for mention in status.mentions] == [ANNA]
    if name.startswith("Undo"):
        assert type_of(activity.object.document or {}) == name.split()[1]


def test_we_read_its_person(world: dict[str, Document]) -> None:
    person = boxes.Person(name="Nora", preferredUsername="nora", id=NORA, inbox=f"{NORA}/inbox", summary="Hallo")
    actor = parse_actor(person.to_dict())
    assert (actor.uri, actor.username, actor.name, actor.summary) == (NORA, "nora", "Nora", "Hallo")


# ----------------------------------------------------------------------------------- and the inbox acts on it


@pytest.fixture
def paul(nachbar: Remote, world: dict[str, Document]) -> Person:
    """Somebody whose server is made of little-boxes."""
    person = nachbar.person("paul")
    world[person.uri] = person.document()
    return person


def by_little_boxes(
    world: dict[str, Document], person: Person, kind: Callable[..., Any], target: Any, **more: Any
) -> Document:
    """Return an activity of `person` as little-boxes makes it."""
    activity = kind(actor=person.uri, object=target, id=person.server.fresh_id("box"), **more)
    document: Document = activity.to_dict()
    return document


async def test_it_follows_and_leaves(stadt: Town, paul: Person, world: dict[str, Document]) -> None:
    anna = await stadt.resident("anna")
    world[anna.uri] = (await stadt.get("/users/anna"))[1]
    follow = boxes.Follow(actor=paul.uri, object=anna.uri, id=paul.server.fresh_id("box"))

    await stadt.accept(paul, follow.to_dict())
    (answer,) = await paul.server.until_received("Accept")
    accepted = boxes.parse_activity(answer.activity)
    assert (accepted.get_actor().id, accepted.get_object().id) == (anna.uri, follow.id)
    assert await stadt.count(Follow, Follow.accepted_at.is_not(None)) == 1

    undo = follow.build_undo()
    undo.outbox_set_id(paul.server.fresh_id("box"), "1")
    await stadt.accept(paul, undo.to_dict())
    assert await stadt.count(Follow) == 0


async def test_it_accepts_our_follow(stadt: Town, paul: Person, world: dict[str, Document]) -> None:
    anna = await stadt.resident("anna")
    world[anna.uri] = (await stadt.get("/users/anna"))[1]
    await stadt.write(acts.follow, anna, await stadt.meet(paul))
    (asked,) = await paul.server.until_received("Follow")

    accept = boxes.parse_activity(asked.activity).build_accept()
    accept.outbox_set_id(paul.server.fresh_id("box"), "1")
    await stadt.accept(paul, accept.to_dict())

    assert await stadt.count(Follow, Follow.follower_id == anna.id, Follow.accepted_at.is_not(None)) == 1


async def test_it_writes_edits_and_deletes(stadt: Town, paul: Person, world: dict[str, Document]) -> None:
    await follower_of(stadt, paul)
    note = {**paul.note("<p>Samstag</p>"), "actor": paul.uri}
    await stadt.accept(paul, by_little_boxes(world, paul, boxes.Create, note, to=note["to"], cc=note["cc"]))
    arrived = await stadt.read(loaded_status, note["id"])
    assert arrived is not None
    assert str(arrived.content) == "<p>Samstag</p>"

    edited = {**note, "content": "<p>Sonntag</p>", "updated": "2030-01-01T00:00:00Z"}
    await stadt.accept(paul, by_little_boxes(world, paul, boxes.Update, edited))
    contents = await stadt.read(lambda session: session.scalars(select(Status.content)).all())
    assert [str(content) for content in contents] == ["<p>Sonntag</p>"]

    tombstone = boxes.Tombstone(id=note["id"]).to_dict(embed=True)
    await stadt.accept(paul, by_little_boxes(world, paul, boxes.Delete, tombstone))
    assert await stadt.count(Status) == 0


async def test_it_likes_and_announces(stadt: Town, paul: Person, world: dict[str, Document]) -> None:
    anna = await stadt.resident("anna")
    post = await stadt.write(acts.write, anna)
    await stadt.accept(paul, by_little_boxes(world, paul, boxes.Like, post.uri))
    await stadt.accept(paul, by_little_boxes(world, paul, boxes.Announce, post.uri, to=[PUBLIC]))
    assert await stadt.count(Status, Status.likes_count == 1, Status.announces_count == 1) == 1
    assert (await stadt.count(Like), await stadt.count(Announce)) == (1, 1)


async def test_it_reads_what_our_server_delivers(stadt: Town, paul: Person, world: dict[str, Document]) -> None:
    anna = await stadt.resident("anna")
    await stadt.accept(paul, by_little_boxes(world, paul, boxes.Follow, anna.uri))
    world[anna.uri] = (await stadt.get("/users/anna"))[1]
    post = await stadt.write(acts.write, anna, "<p>Heute ist Markt</p>")
    await paul.server.until_received("Create")
    await stadt.write(acts.edit, post.uri, "<p>Morgen ist Markt</p>")
    await paul.server.until_received("Update")
    await stadt.write(acts.delete, post.uri)
    await paul.server.until_received("Delete")

    told = [read(received.activity) for received in paul.server.received]
    assert [type(activity).__name__ for activity in told] == ["Accept", "Create", "Update", "Delete"]
    assert [activity.get_object().content for activity in told[1:3]] == [
        "<p>Heute ist Markt</p>",
        "<p>Morgen ist Markt</p>",
    ]
    assert told[3].get_object().id == post.uri
