"""Parameters, however clients spell them."""

from typing import Any

import pytest

from fediverse_kommune.api.params import Params, _nest
from fediverse_kommune.services.refusals import Invalid


@pytest.mark.parametrize(
    ("pairs", "nested"),
    [
        ([("a", "1")], {"a": "1"}),
        ([("a", "1"), ("a", "2")], {"a": ["1", "2"]}),
        ([("a[]", "1"), ("a[]", "2")], {"a": ["1", "2"]}),
        ([("a[][]", "1"), ("a[][]", "2")], {"a": ["1", "2"]}),
        ([("a[b]", "1"), ("a[c]", "2")], {"a": {"b": "1", "c": "2"}}),
        ([("a[b][]", "1"), ("a[b][]", "2")], {"a": {"b": ["1", "2"]}}),
        ([("a[0][x]", "1"), ("a[1][x]", "2")], {"a": {"0": {"x": "1"}, "1": {"x": "2"}}}),
        ([("a[][x]", "1"), ("a[][y]", "2"), ("a[][x]", "3")], {"a": [{"x": "1", "y": "2"}, {"x": "3"}]}),
        ([("a", "1"), ("a[b]", "2")], {"a": {"b": "2"}}),
        ([("a[b", "1")], {"a[b": "1"}),
        ([("[]", "1")], {"[]": "1"}),
        ([("a[b][c][d][e][f]", "1")], {"a[b][c][d][e][f]": "1"}),
    ],
)
def test_names_with_brackets_nest(pairs: list[tuple[str, str]], nested: dict[str, Any]) -> None:
    assert _nest(pairs) == nested


def test_a_list_is_read_however_it_was_sent() -> None:
    for value in (["1", "2"], ("1", "2"), {"0": "1", "1": "2"}, [1, 2]):
        sent = list(value) if isinstance(value, tuple) else value
        assert Params({"id": sent}).many("id") == ["1", "2"]
    assert Params({"id": "1"}).many("id") == ["1"]
    assert Params({}).many("id") is None


def test_ids_leave_out_what_none_can_be() -> None:
    sent = ["1", "1", "abc", "-", str(2**63), "٣", "2", " 3"]
    assert Params({"id": sent}).ids("id") == [1, 2]


def test_entries_are_read_by_index_or_as_a_list() -> None:
    for value in ({"0": {"name": "a"}, "1": {"name": "b"}}, [{"name": "a"}, {"name": "b"}]):
        entries = Params({"fields": value}).entries("fields")
        assert entries is not None
        assert [entry.text("name") for entry in entries] == ["a", "b"]


@pytest.mark.parametrize("reader", ["text", "boolean", "integer", "focus"])
def test_an_object_is_no_single_value(reader: str) -> None:
    with pytest.raises(Invalid):
        getattr(Params({"a": {"b": "c"}}), reader)("a")


@pytest.mark.parametrize("value", ["1.5", "1e3", "0x1", "²", "1_000", str(2**63), "-" + "9" * 30])
def test_a_number_is_one_of_64_bits(value: str) -> None:
    with pytest.raises(Invalid):
        Params({"a": value}).integer("a")


def test_what_was_not_sent_is_none_and_what_is_missing_is_named() -> None:
    empty = Params({})
    assert (empty.text("a"), empty.boolean("a"), empty.integer("a"), empty.focus("a")) == (None,) * 4
    for params in (empty, Params({"a": "  "})):
        with pytest.raises(Invalid, match="a is missing"):
            params.required("a")
