"""JSON from strangers is one ordinary object or refused (rows C06, C07); never another exception."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activitypub.strict_json import MAX_DEPTH, HostileJson, read_object, write

NESTED = b'{"a":' * MAX_DEPTH + b"1" + b"}" * MAX_DEPTH


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b'{"a":1}x', "not JSON"),
        (b'{"a":1,}', "not JSON"),
        (b"{'a':1}", "not JSON"),
        (b'{"a":01}', "not JSON"),
        (b'{"a":"\n"}', "not JSON"),
        (b'{"a":"\x00"}', "not JSON"),
        (b'\xef\xbb\xbf{"a":1}', "not JSON"),
        (b"[]", "not an object"),
        (b"null", "not an object"),
        (b'"text"', "not an object"),
        (b"1", "not an object"),
        (b'{"a":"\xff"}', "not UTF-8"),
        (b'{"a":"\xed\xa0\x80"}', "not UTF-8"),
        (b'{"a":"\xc0\xaf"}', "not UTF-8"),
        ('{"a":1}'.encode("utf-16"), "not UTF-8"),
        ('{"a":1}'.encode("utf-32"), "not UTF-8"),
        (b'{"a":NaN}', "NaN"),
        (b'{"a":[Infinity]}', "Infinity"),
        (b'{"a":-Infinity}', "-Infinity"),
        (b'{"a":1e999}', "too large"),
        (b'{"a":-1e999}', "too large"),
        (b'{"a":9223372036854775808}', "64 bits"),
        (b'{"a":-9223372036854775809}', "64 bits"),
        (b'{"a":' + b"9" * 5_000 + b"}", "64 bits"),
        (b'{"a":' + b"9" * 1_000_000 + b"}", "64 bits"),
        (b'{"a":1,"a":1}', "twice"),
        (b'{"a":[{"id":"x","b":2,"id":"y"}]}', "twice"),
        (b'{"id":1,"\\u0069d":2}', "twice"),
        (b'{"a":"\\ud800"}', "surrogate"),
        (b'{"a":"\\uDE00\\uD83D"}', "surrogate"),
        (b'{"\\udfff":1}', "surrogate"),
        (b'{"a":"\\\\\\ud800"}', "surrogate"),
        (b'{"a":"\\u0000"}', "NUL"),
        (b'{"a":"\\\\\\u0000"}', "NUL"),
        (b'{"a":' + NESTED + b"}", "deeper"),
        (b'{"a":' + b"[" * MAX_DEPTH + b"]" * MAX_DEPTH + b"}", "deeper"),
        (b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "deeper"),
        (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "deeper"),
        (b"[" * 100_000, "deeper"),
        (b'{"a":[' * 100_000, "deeper"),
    ],
    ids=lambda value: repr(value[:24]),
)
def test_what_is_not_ordinary_is_refused_with_a_reason(body: bytes, reason: str) -> None:
    with pytest.raises(HostileJson, match=reason) as refusal:
        read_object(body)
    assert len(str(refusal.value)) < 200


@pytest.mark.parametrize(
    ("body", "document"),
    [
        (b"{}", {}),
        (b' {"a" : 1}\n', {"a": 1}),
        (b'{"a":9223372036854775807,"b":-9223372036854775808}', {"a": 2**63 - 1, "b": -(2**63)}),
        (b'{"a":1e30,"b":-0.5}', {"a": 1e30, "b": -0.5}),
        (b'{"a":"\\ud83d\\ude00"}', {"a": "\U0001f600"}),
        (b'{"a":"\\\\ud800 \\\\u0000"}', {"a": "\\ud800 \\u0000"}),
        (b'{"a":{"b":1},"c":{"b":1}}', {"a": {"b": 1}, "c": {"b": 1}}),
        ('{"ä":"ß"}'.encode(), {"ä": "ß"}),
    ],
)
def test_what_is_ordinary_is_read(body: bytes, document: dict[str, Any]) -> None:
    assert read_object(body) == document


def test_the_depth_allowed_is_exact() -> None:
    read_object(NESTED)
    read_object(b'{"a":[' + b"[],{}," * 1_000 + b"[]]}")


@given(st.binary(max_size=200))
def test_bytes_raise_nothing_else(body: bytes) -> None:
    with suppress(HostileJson):
        read_object(body)


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
)
KEYS = st.text('abc\n"\\ä', max_size=3)
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner), max_leaves=20)


@given(st.dictionaries(KEYS, VALUES, max_size=5))
def test_what_we_write_we_read(document: dict[str, Any]) -> None:
    assert read_object(write(document)) == document
    assert read_object(json.dumps(document).encode()) == document


def test_written_documents_are_compact_utf8() -> None:
    assert write({"name": "Bürger", "n": [1, None]}) == '{"name":"Bürger","n":[1,null]}'.encode()
