"""JSON from strangers: either one ordinary object, or refused with a sentence (rows C06 and C07).

Python's parser takes more than RFC 8259 says and more than a database can hold. What two programs read
differently (a key given twice) or what would raise somewhere later (half a surrogate pair in PostgreSQL) must
end here, before anything is verified or stored. The rules are those of I-JSON (RFC 7493), and a depth.
"""

import json
import math
import re
from typing import Any, NoReturn

import msgspec

MAX_DEPTH = 64

_INT64 = range(-(2**63), 2**63)
# NUL is "u0000" behind an odd number of backslashes; behind an even number it is only text.
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


class HostileJson(ValueError):
    """A body that is no ordinary JSON object. The message is one sentence that says why."""


def read_object(body: bytes) -> dict[str, Any]:
    """Return the one JSON object in `body`.

    Raises `HostileJson` if it is not UTF-8, not JSON, not an object, nested deeper than 64, or holds NaN,
    infinity, integers beyond 64 bits, a key twice, half a surrogate pair or NUL. The caller caps its size.
    """
    try:
        document = _DECODER.decode(body.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise HostileJson("The body is not UTF-8.") from error
    except RecursionError as error:
        raise HostileJson(_TOO_DEEP) from error
    except json.JSONDecodeError as error:
        raise HostileJson(f"The body is not JSON: {error.msg} at character {error.pos}.") from error
    if not isinstance(document, dict):
        raise HostileJson("The body is JSON but not an object.")
    # Fewer brackets than levels allowed: the usual activity is done here.
    if body.count(b"{") + body.count(b"[") > MAX_DEPTH and _is_too_deep(document):
        raise HostileJson(_TOO_DEEP)
    if b"\\u" in body:
        _refuse_unstorable(body, document)
    return document


def write(document: object) -> bytes:
    """Return `document` as compact UTF-8 JSON, keys in their order."""
    return msgspec.json.encode(document)


_TOO_DEEP = f"The body is nested deeper than {MAX_DEPTH} levels."


def _is_too_deep(document: dict[str, Any]) -> bool:
    level: list[Any] = [document]
    for _ in range(MAX_DEPTH):
        level = [
            child
            for parent in level
            for child in (parent.values() if isinstance(parent, dict) else parent)
            if isinstance(child, dict | list)
        ]
        if not level:
            return False
    return True


def _refuse_unstorable(body: bytes, document: dict[str, Any]) -> None:
    if b"\\u0000" in body and _NUL.search(body):
        raise HostileJson("The body holds a NUL character.")
    try:
        write(document)
    except UnicodeEncodeError as error:
        raise HostileJson("The body holds half of a surrogate pair.") from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise HostileJson("An object in the body has the same key twice.")
    return result


def _integer(digits: str) -> int:
    # Twenty characters hold every 64-bit integer; converting thousands of digits costs quadratic time.
    if len(digits) > 20 or (number := int(digits)) not in _INT64:
        raise HostileJson("The body holds an integer that does not fit into 64 bits.")
    return number


def _float(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise HostileJson("The body holds a number that is too large.")
    return number


def _constant(name: str) -> NoReturn:
    raise HostileJson(f"The body holds {name}, which is not JSON.")


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_int=_integer, parse_float=_float, parse_constant=_constant)
