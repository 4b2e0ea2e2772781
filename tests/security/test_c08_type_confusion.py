"""C08: any value of any type in any place of any activity: never a 500, never a dead worker, never half an effect."""

import asyncio
import json
import os
from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import strategies as st

from activitypub.models import Actor, Follow, Status
from activitypub.signatures.keys import generate_ed25519_key
from inbox.models import InboxItem
from tests import acts
from tests.fediverse import PUBLIC, Person, Remote
from tests.security.attack import follower_of, one_of_each, serves
from tests.security.examples import for_examples
from tests.town import Town

# The server draws random numbers in its own thread while Hypothesis draws examples in another.
pytestmark = pytest.mark.filterwarnings("ignore::hypothesis.errors.HypothesisDeprecationWarning")

PER_TYPE = 300
TOGETHER = 15  # sent at once; an example is that many mutations
ON_POSTGRESQL = 100  # what a mutation does before it comes to a database is the same on both

ODD = [
    *(None, True, False, 0, -1, 17, 2**63 - 1, -(2**63), 1e300, -0.5),
    *("", " ", "x", "Note", "Grüße \u202e\u2066", "<p>", "x" * 3_000, "2026-13-45T99:99:99Z", "P1Y"),
    *(PUBLIC, "as:Public", "http://", "http://[", "javascript:alert(1)", "http://boese.test/x#y#z"),
    *([], {}, [[]], [None], [{}], {"id": {}}, {"id": []}, {"type": []}, {"type": {"id": 1}}, {"0": 1}, {"de": []}),
]
WORDS = [
    *(
        "id",
        "type",
        "actor",
        "object",
        "target",
        "to",
        "cc",
        "published",
        "updated",
        "content",
        "contentMap",
        "summary",
    ),
    *("name", "tag", "attachment", "inReplyTo", "url", "attributedTo", "sensitive", "replies", "audience", "oneOf"),
    *("anyOf", "endTime", "votersCount", "icon", "image", "conversation", "context", "quote", "mediaType", "source"),
    *("language", "signature", "proof", "href", "publicKey", "owner", "inbox", "endpoints"),
]
VALUES = st.one_of(
    st.sampled_from(ODD),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8),
    st.lists(st.sampled_from(ODD), max_size=3),
    st.dictionaries(st.sampled_from(WORDS), st.sampled_from(ODD), max_size=3),
)
KINDS = st.sampled_from(["set", "add", "wrap", "drop"])
MUTATIONS = st.lists(st.tuples(st.integers(0, 255), st.sampled_from(WORDS), VALUES, KINDS), min_size=1, max_size=3)


def places(document: Any) -> list[tuple[Any, Any]]:
    """Every container of a document with every key in it."""
    found: list[tuple[Any, Any]] = []
    waiting = [document]
    while waiting:
        node = waiting.pop()
        keys = list(node) if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else []
        for key in keys:
            found.append((node, key))
            waiting.append(node[key])
    return found


def mutated(activity: Mapping[str, Any], mutations: list[tuple[int, str, Any, str]]) -> dict[str, Any]:
    """Return a copy in which some values are of another type, doubled, gone, or where none were."""
    document: dict[str, Any] = json.loads(json.dumps(activity))
    for number, word, drawn, kind in mutations:
        value = deepcopy(drawn)  # two mutations may hold one value, which must not come to stand inside itself
        somewhere = places(document)
        if not somewhere:
            break
        node, key = somewhere[number % len(somewhere)]
        match kind:
            case "set":
                node[key] = value
            case "wrap":
                node[key] = [node[key], value]
            case "add" if isinstance(node, dict):
                node[word] = value
            case "drop" if isinstance(node, dict):
                del node[key]
    return document


def examples_on(stadt: Town) -> int:
    everything = stadt.app.server.db.is_exclusive or os.environ.get("KOMMUNE_TESTS") == "all"
    return (PER_TYPE if everything else ON_POSTGRESQL) // TOGETHER


async def nothing_is_broken(stadt: Town) -> None:
    """Nothing failed in a way that nobody thought of, and what is stored hangs together."""
    await stadt.settle(seconds=60)
    waiting = InboxItem.done_at.is_(None)
    failures = await stadt.read(lambda session: [row.last_error for row in session.query(InboxItem).filter(waiting)])
    # A mutation may name a server that is not there: then the activity waits, as it should.
    assert [failure for failure in failures if not failure or not failure.endswith("could not be reached")] == []
    assert await stadt.count(Status, Status.uri.is_(None)) == 0
    assert await stadt.count(Follow, Follow.uri == "") == 0


@pytest.mark.timeout(300)
async def test_no_mutation_of_any_activity_breaks_anything(stadt: Town, nachbar: Remote, boese: Remote) -> None:
    bob = nachbar.person("bob")
    mallory: Person = boese.person("mallory", key=generate_ed25519_key())
    resident = await follower_of(stadt, mallory)
    post = await stadt.write(acts.write, resident)
    known = mallory.note(cc=[resident.uri])
    await stadt.accept(mallory, mallory.create(known))
    of_type: dict[str, list[dict[str, Any]]] = {}
    for activity in one_of_each(mallory, resident=resident.uri, status=post.uri).values():
        of_type.setdefault(activity["type"], []).append(activity)
    of_type["Update"].append(mallory.activity("Update", {**known, "updated": "2030-01-01T00:00:00Z"}))
    of_type["Create"].append(mallory.create(full_note(mallory, resident, post.uri)))

    for variants in of_type.values():

        async def check(examples: list[Any], variants: Sequence[Mapping[str, Any]] = variants) -> None:
            sent = []
            for number, mutations in enumerate(examples):
                activity = variants[number % len(variants)]
                changed = mutated(activity, mutations)
                if changed.get("id") == activity["id"]:
                    changed["id"] = boese.fresh_id("mutation")
                sent.append(stadt.deliver(mallory, changed))
            statuses = set(await asyncio.gather(*sent))
            assert statuses <= {202, 400, 401, 403}, statuses

        examples = st.lists(MUTATIONS, min_size=TOGETHER, max_size=TOGETHER)
        await for_examples(examples, check, count=examples_on(stadt))
    await nothing_is_broken(stadt)
    await stadt.meet(bob)
    assert await stadt.count(Actor, Actor.uri == resident.uri) == 1
    await serves(stadt, nachbar)


def full_note(author: Person, resident: Actor, parent: str) -> dict[str, Any]:
    """A note with all that a note can have."""
    mention = {"type": "Mention", "href": resident.uri, "name": "@anna"}
    emoji = {"type": "Emoji", "name": ":x:", "icon": {"type": "Image", "url": f"{author.uri}/x.png"}}
    return author.note(
        cc=[author.followers, resident.uri],
        inReplyTo=parent,
        summary="Warnung",
        sensitive=True,
        contentMap={"de": "<p>Guten Tag</p>"},
        tag=[mention, {"type": "Hashtag", "name": "#x", "href": f"{author.uri}/x"}, emoji],
        attachment=[
            {"type": "Document", "mediaType": "image/png", "url": f"{author.uri}/1.png", "name": "Bild", "width": 3}
        ],
        url=f"{author.uri}/1",
        updated="2026-11-23T12:00:00Z",
    )


@pytest.mark.timeout(300)
async def test_no_mutation_of_a_fetched_document_breaks_anything(stadt: Town, nachbar: Remote, boese: Remote) -> None:
    """The same with what the town reads by itself: actors, posts, and WebFinger."""
    mallory: Person = boese.person("mallory", key=generate_ed25519_key())
    resident = await follower_of(stadt, mallory)
    post = await stadt.write(acts.write, resident)
    number = 0

    async def check(examples: list[Any]) -> None:
        nonlocal number
        sent = []
        for mutations in examples:
            number += 1
            note = full_note(mallory, resident, post.uri)
            path = note["id"].removeprefix(boese.origin)
            boese.documents[path] = mutated(note, mutations)
            sent.append(stadt.deliver(mallory, mallory.activity("Announce", note["id"])))
            stranger = Person(boese, f"stranger{number}", mallory.key)
            document = {
                **stranger.document(),
                "summary": "<p>Hallo</p>",
                "icon": {"type": "Image", "url": f"{boese.origin}/i"},
            }
            boese.documents[f"/users/stranger{number}"] = mutated(document, mutations)
            boese.fingers[f"acct:stranger{number}@{boese.domain}"] = mutated(
                {"subject": "x", "links": [{"rel": "self"}]}, mutations
            )
            sent.append(stadt.deliver(stranger, stranger.activity("Like", post.uri)))
        statuses = set(await asyncio.gather(*sent))
        assert statuses <= {202, 401}, statuses

    examples = st.lists(MUTATIONS, min_size=TOGETHER, max_size=TOGETHER)
    await for_examples(examples, check, count=examples_on(stadt))
    await nothing_is_broken(stadt)
    await serves(stadt, nachbar)
