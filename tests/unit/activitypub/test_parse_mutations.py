"""Whatever JSON stands anywhere in a document, reading it raises nothing but `Unreadable` (row C08).

What is read is within the caps and of the declared types, whatever was sent (rows E06, E07, E19, F11, G05, L06, L07).
"""

import contextlib
import copy
import math
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from activitypub.caps import CAPS
from activitypub.parse import Unreadable, parse_activity, parse_actor, parse_status
from activitypub.parse_status import CONTENT_CHARACTERS
from activitypub.properties import EARLIEST, LATEST
from activitypub.uris import MAX_URI_LENGTH
from activitypub.vocabulary import Activity, Reference
from tests.payload_files import Payload, payloads

PAYLOADS = list(payloads())
# What JSON-LD processors and those who sign never let us rely on, and what we never read.
NOT_READ = {"@context", "signature"}
HUGE = "🏛\u0000<b>\u202e" * 60_000
REPLACEMENTS: tuple[Any, ...] = (
    None,
    True,
    -1,
    10**4000,
    math.nan,
    math.inf,
    "",
    "javascript:alert(1)",
    HUGE,
    [],
    {},
    [[[]]],
    [None, 7, {"id": 3, "type": {}, "href": []}],
    {"id": [], "type": None, "url": {"href": {}}, "0": 0},
)
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=40)
    | st.sampled_from(["Note", "Group", "Public", "https://a.example/x", "9999-12-31T23:59:60+99:99", "PT1S", "1"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["id", "type", "url", "href", "name", "0", "content", "mediaType"]), inner, max_size=5
        )
    ),
    max_leaves=12,
)


def nodes(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in a document, as its container and the key or index within."""
    for container, key, _ in places(value):
        yield container, key


def places(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[Any, Any, tuple[str, ...]]]:
    """Every place in a document, and the names that lead to it; of the entries of a list each is called "*"."""
    keys = value.keys() - NOT_READ if isinstance(value, dict) else range(len(value) if isinstance(value, list) else 0)
    for key in sorted(keys):
        here = (*path, key if isinstance(key, str) else "*")
        yield value, key, here
        yield from places(value[key], here)


def kinds_of(document: dict[str, Any]) -> tuple[str, str]:
    """Return the types of a document and of what it is about."""
    about = document.get("object")
    return str(document.get("type")), str(about.get("type") if isinstance(about, dict) else None)


def read_all(document: dict[str, Any]) -> None:
    """Read a document in every way there is; each gives a sane value or `Unreadable`."""
    embedded = document.get("object")
    for candidate in (document, embedded if isinstance(embedded, dict) else {}):
        for read in (parse_activity, parse_status, parse_actor):
            with contextlib.suppress(Unreadable):
                assert_sane(read(candidate))


def assert_sane(value: Any) -> None:
    """Check a value of the vocabulary, and all values in it."""
    match value:
        case None | bool():
            pass
        case str():
            assert "\0" not in value
            assert len(value) <= CONTENT_CHARACTERS
        case datetime():
            assert value.tzinfo is UTC
            assert EARLIEST <= value <= LATEST
        case int() | float():
            assert -180 <= value <= 1e15
        case tuple():
            assert len(value) <= CAPS.tags
            for each in value:
                assert_sane(each)
        case dict():
            assert_sane((*value.keys(), *value.values()))
        case _:
            for name, each in fields_of(value):
                assert_sane(each)
                if each is not None and (name == "uri" or name.endswith("url")):
                    assert each.startswith(("https://", "http://"))
                    assert len(each) <= MAX_URI_LENGTH


def fields_of(value: Any) -> Iterator[tuple[str, Any]]:
    """The fields of a value of the vocabulary, but for the raw documents it came from."""
    for name in value.__struct_fields__:
        if not (isinstance(value, Activity | Reference) and name == "document"):
            yield name, getattr(value, name)


@pytest.mark.parametrize("replacement", REPLACEMENTS, ids=lambda value: str(value)[:12])
@pytest.mark.parametrize("folder", sorted({each.name.partition("/")[0] for each in PAYLOADS}))
def test_any_node_replaced(folder: str, replacement: Any) -> None:
    tried = set()  # what stands in one place in many posts of one kind is read by the same lines
    for each in PAYLOADS:
        if each.name.startswith(f"{folder}/"):
            for container, key, path in list(places(each.document)):
                if (kinds_of(each.document), path) in tried:
                    continue
                tried.add((kinds_of(each.document), path))
                original = container[key]
                container[key] = replacement
                read_all(each.document)
                container[key] = original


@settings(max_examples=400, deadline=None)
@given(each=st.sampled_from(PAYLOADS), data=st.data())
def test_several_nodes_replaced_by_any_json(each: Payload, data: st.DataObject) -> None:
    document = copy.deepcopy(each.document)
    for _ in range(data.draw(st.integers(1, 4))):
        container, key = data.draw(st.sampled_from(list(nodes(document))))
        container[key] = data.draw(json_values)
    read_all(document)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.text(max_size=12), json_values, max_size=8))
def test_any_object_at_all(document: dict[str, Any]) -> None:
    read_all(document)
