"""JSON in the one spelling that can be signed: RFC 8785, the JSON Canonicalization Scheme."""

import json
import math
from collections.abc import Iterator
from typing import Any

# Beyond it, JavaScript's numbers, which the scheme is made of, are no longer whole.
_LARGEST = 2**53


class NotCanonical(ValueError):
    """The value has no canonical form."""


def canonical(value: Any) -> bytes:
    """Return a JSON value as read by `strict_json` in its canonical form. Raises `NotCanonical`."""
    try:
        return "".join(_written(value)).encode("utf-8")
    except UnicodeEncodeError as error:
        raise NotCanonical("half of a character has no canonical form") from error


def _written(value: Any) -> Iterator[str]:
    match value:
        case None | bool() | str():
            yield json.dumps(value, ensure_ascii=False)
        case int():
            if abs(value) > _LARGEST:
                raise NotCanonical(f"{value} has no canonical form")
            yield str(value)
        case float():
            yield _number(value)
        case list():
            yield "["
            for position, entry in enumerate(value):
                yield "," if position else ""
                yield from _written(entry)
            yield "]"
        case dict():
            yield "{"
            # Sorted by the units of UTF-16 (section 3.2.3).
            for position, name in enumerate(sorted(value, key=lambda name: name.encode("utf-16-be", "surrogatepass"))):
                yield "," if position else ""
                yield f"{json.dumps(name, ensure_ascii=False)}:"
                yield from _written(value[name])
            yield "}"
        case _:
            raise NotCanonical(f"{type(value).__name__} is no JSON")


def _number(value: float) -> str:
    """Return a number as ECMAScript writes it (section 3.2.2.3): Python finds the same digits, with other exponents."""
    if not math.isfinite(value):
        raise NotCanonical("not a number")
    if value == 0:
        return "0"
    sign, digits, point = _parts(value)
    count = len(digits)
    if count <= point <= 21:
        text = digits + "0" * (point - count)
    elif 0 < point <= 21:
        text = f"{digits[:point]}.{digits[point:]}"
    elif -6 < point <= 0:
        text = f"0.{'0' * -point}{digits}"
    else:
        mantissa = digits if count == 1 else f"{digits[0]}.{digits[1:]}"
        text = f"{mantissa}e{point - 1:+d}"
    return sign + text


def _parts(value: float) -> tuple[str, str, int]:
    """Return sign, significant digits, and how many of them stand before the point."""
    mantissa, _, exponent = f"{abs(value)!r}".partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = whole + fraction
    point = len(whole) + int(exponent or 0)
    leading = len(digits) - len(digits.lstrip("0"))
    return ("-" if value < 0 else ""), digits.strip("0") or "0", point - leading
