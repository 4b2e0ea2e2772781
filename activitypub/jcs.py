"""JSON in the one spelling that can be signed: RFC 8785, the JSON Canonicalization Scheme."""

import math
from typing import Any

import msgspec

# Beyond it, JavaScript's numbers, which the scheme is made of, are no longer whole.
_LARGEST = 2**53
_ENCODER = msgspec.json.Encoder(order="sorted")


class NotCanonical(ValueError):
    """The value has no canonical form."""


def canonical(value: Any) -> bytes:
    """Return a JSON value as read by `strict_json` in its canonical form. Raises `NotCanonical`."""
    try:
        return _ENCODER.encode(_ready(value))
    except UnicodeEncodeError as error:
        raise NotCanonical("half of a character has no canonical form") from error


def _ready(value: Any) -> Any:
    """Return a value that the encoder writes as the scheme wants it."""
    kind = type(value)
    if kind is str or value is None or kind is bool:
        return value
    if kind is dict:
        ready = {name: _ready(each) for name, each in value.items()}
        return ready if all(map(str.isascii, ready)) else _sorted(ready)
    if kind is list:
        return [_ready(each) for each in value]
    if kind is float:
        return msgspec.Raw(_number(value).encode())
    if kind is not int:
        raise NotCanonical(f"{kind.__name__} is no JSON")
    if abs(value) > _LARGEST:
        raise NotCanonical(f"{value} has no canonical form")
    return value


def _sorted(ready: dict[str, Any]) -> msgspec.Raw:
    """Return an object with its names sorted by the units of UTF-16 (section 3.2.3); the encoder sorts by UTF-8."""
    names = sorted(ready, key=lambda name: name.encode("utf-16-be"))
    return msgspec.Raw(
        b"{%s}" % b",".join(b"%s:%s" % tuple(map(_ENCODER.encode, (name, ready[name]))) for name in names)
    )


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
