"""Activities: exactly one actor, an id, an object, and every shape these come in."""

from datetime import UTC, datetime
from typing import Any

import pytest

from activitypub.caps import CAPS
from activitypub.parse import TRANSIENT_TYPES, Unreadable, parse_activity
from activitypub.vocabulary import PUBLIC

ANNA = "https://a.example/users/anna"
POST = "https://b.example/posts/1"


def activity(**more: Any) -> dict[str, Any]:
    return {"id": f"{ANNA}#likes/1", "type": "Like", "actor": ANNA, "object": POST, **more}


def without(key: str, **more: Any) -> dict[str, Any]:
    return {name: value for name, value in activity(**more).items() if name != key}


def test_a_plain_activity() -> None:
    read = parse_activity(activity(to=PUBLIC, cc=[f"{ANNA}/followers"], published="2026-11-23T20:00:00Z"))
    assert (read.id, read.type, read.actor) == (f"{ANNA}#likes/1", "Like", ANNA)
    assert (read.object.uri, read.object.document, read.object.type) == (POST, None, None)
    assert (read.to, read.cc) == ((PUBLIC,), (f"{ANNA}/followers",))
    assert read.published == datetime(2026, 11, 23, 20, tzinfo=UTC)
    assert read.target is None
    assert read.document["type"] == "Like"


@pytest.mark.parametrize("actor", [ANNA, [ANNA], [ANNA, ANNA], {"id": ANNA, "type": "Person"}, [{"id": ANNA}]])
def test_one_actor_in_any_shape(actor: Any) -> None:
    assert parse_activity(activity(actor=actor)).actor == ANNA


@pytest.mark.parametrize(
    "actor",
    [None, "", [], {}, 7, "anna", "acct:anna@a.example", ["x", ANNA], [ANNA, "https://b.example/users/bert"]],
)
def test_no_actor_or_several_are_refused(actor: Any) -> None:
    with pytest.raises(Unreadable, match="actor"):
        parse_activity(activity(actor=actor))


@pytest.mark.parametrize("kind", sorted(TRANSIENT_TYPES))
def test_a_transient_activity_may_lack_an_id_and_gets_one_of_its_actor(kind: str) -> None:
    first = parse_activity(without("id", type=kind))
    again = parse_activity(without("id", type=kind))
    other = parse_activity(without("id", type=kind, object="https://b.example/posts/2"))
    assert first.id.startswith(f"{ANNA}#transient-")
    assert first.id == again.id != other.id


@pytest.mark.parametrize("kind", ["Create", "Like", "Announce", "Follow", "Delete", "Flag", "Unheard"])
def test_every_other_activity_needs_its_id(kind: str) -> None:
    with pytest.raises(Unreadable, match="no id"):
        parse_activity(without("id", type=kind))


@pytest.mark.parametrize("bad", ["", 7, [], "urn:uuid:1", "https://", "javascript:alert(1)", "https://a b/"])
def test_an_id_that_is_no_uri_is_refused_even_where_none_is_needed(bad: Any) -> None:
    with pytest.raises(Unreadable, match="id"):
        parse_activity(activity(id=bad, type="Undo"))


def test_ids_come_in_the_one_spelling_of_their_host() -> None:
    assert parse_activity(activity(actor="HTTPS://A.Example:443/users/anna")).actor == ANNA


@pytest.mark.parametrize("kind", [None, 7, {}, [], "", [7], "x" * 300, "Li\0ke"])
def test_an_activity_without_a_type_is_refused(kind: Any) -> None:
    with pytest.raises(Unreadable, match="type"):
        parse_activity(activity(type=kind))


def test_of_several_types_the_known_one_counts() -> None:
    assert parse_activity(activity(type=["http://activitystrea.ms/schema/1.0/like", "Like"])).type == "Like"
    assert parse_activity(activity(type=["Wave", "Nod"])).type == "Wave"


def test_an_unknown_activity_is_read_and_may_lack_an_object() -> None:
    read = parse_activity(without("object", type="Travel"))
    assert (read.type, read.object.uri, read.object.document) == ("Travel", None, None)


@pytest.mark.parametrize("value", [None, "", 7, [], [None], "not a uri", True])
def test_a_known_activity_needs_an_object(value: Any) -> None:
    with pytest.raises(Unreadable, match="no object"):
        parse_activity(activity(object=value))


def test_an_embedded_object_without_an_id_is_a_document_alone() -> None:
    inner = {"type": "Follow", "id": None, "actor": ANNA}
    read = parse_activity(activity(type="Accept", object=inner))
    assert (read.object.uri, read.object.type) == (None, "Follow")


def test_only_a_report_has_several_objects_and_not_too_many() -> None:
    many = [f"https://b.example/posts/{number}" for number in range(10_000)]
    read = parse_activity(activity(type="Flag", object=many, content="x" * 10_000))
    assert len(read.objects) == CAPS.report_objects
    assert read.object is read.objects[0]
    assert len(read.content or "") == CAPS.report_characters
    with pytest.raises(Unreadable, match="several objects"):
        parse_activity(activity(object=many[:2]))


@pytest.mark.parametrize("spelling", [PUBLIC, "as:Public", "Public"])
def test_the_public_collection_has_one_spelling_afterwards(spelling: str) -> None:
    """Row C09."""
    assert parse_activity(activity(to=spelling)).to == (PUBLIC,)
    assert parse_activity(activity(cc=[spelling, {"id": ANNA}, 7, "x", ANNA])).cc == (PUBLIC, ANNA)


def test_recipients_are_capped() -> None:
    """Row E09."""
    crowd = [f"https://b.example/users/{number}" for number in range(10_000)]
    assert len(parse_activity(activity(to=crowd)).to) == CAPS.tags


def test_the_emoji_of_a_reaction() -> None:
    assert parse_activity(activity(content="🌻")).content == "🌻"
    assert parse_activity(activity(_misskey_reaction="🌻")).content == "🌻"
    assert parse_activity(activity()).content is None
    assert len(parse_activity(activity(content="🌻" * 10_000)).content or "") <= 256


def test_a_target_is_a_reference() -> None:
    target = parse_activity(activity(type="Add", target={"id": f"{ANNA}/featured", "type": "Collection"})).target
    assert target is not None
    assert (target.uri, target.type) == (f"{ANNA}/featured", "Collection")
