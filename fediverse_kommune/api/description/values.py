"""What an expression may stand for, as far as that can be known without a request."""

from collections.abc import Iterable, Mapping
from enum import Enum, EnumType
from types import BuiltinMethodType, FunctionType, ModuleType
from typing import Any

from msgspec import Struct, field

from fediverse_kommune.services.staff import Deed

OURS = "fediverse_kommune."
LOOPED_OVER = (Mapping, EnumType, tuple, list, set, frozenset)


class Parameter(Struct):
    """What can be sent under a name: which reader takes it, whether it has to be there, what an object has inside."""

    reader: str
    required: bool = False
    inside: "Parameters" = field(default_factory=dict)


Parameters = dict[str, Parameter]


class Known(Struct, frozen=True):
    """One of these values, which are there before any request."""

    values: tuple[Any, ...]


class Made(Struct, frozen=True):
    """An object of this class that is made for the request: its call among others."""

    kind: type


class Sent(Struct, frozen=True):
    """The parameters of the request, of an object among them, or of one of several such objects."""

    places: tuple[Parameters, ...]


class Row(Struct, frozen=True):
    """Several values side by side."""

    items: tuple["Value", ...]


Value = Known | Made | Sent | Row | None
"""None is what nothing is known of."""


def either(values: Iterable[Value]) -> Value:
    """Return what one of several values may stand for. Parameters stay parameters whatever else it may be."""
    found = list(values)
    sent = [value for value in found if isinstance(value, Sent)]
    known = [value for value in found if isinstance(value, Known)]
    if sent:
        return Sent(tuple(place for value in sent for place in value.places))
    if len(known) == len(found):
        return Known(tuple(item for value in known for item in value.values)) if found else None
    return found[0] if len(found) == 1 else None


def at(value: Value, place: int) -> Value:
    """Return what is at a place of a value that is unpacked."""
    match value:
        case Row(items) if place < len(items):
            return items[place]
        case Known(values) if all(isinstance(each, tuple) and place < len(each) for each in values):
            return Known(tuple(each[place] for each in values))
        case _:
            return None


def gone_through(value: Value) -> Value:
    """Return what a loop over a value goes through."""
    match value:
        case Row(items):
            return either(items)
        case Known(values) if all(issubclass(type(each), LOOPED_OVER) for each in values):
            return Known(tuple(item for each in values for item in each))
        case Sent():
            return value  # `entries`: what is inside one of them
        case _:
            return None


def of_a_mapping(value: Value) -> Value:
    """Return what a constant mapping may hold under a key that nobody knows."""
    if not isinstance(value, Known) or not all(issubclass(type(each), Mapping) for each in value.values):
        return None
    return Known(tuple(item for each in value.values for item in each.values()))


def functions_of(value: Value) -> Value:
    """Return what may be called of a value; None of everything else."""
    return value if isinstance(value, Known) and all(is_ours(each) or is_deed(each) for each in value.values) else None


def has_parameters(value: Value) -> bool:
    """True for the call, its parameters, and what was made with them."""
    return isinstance(value, Sent | Made) or (isinstance(value, Row) and any(map(has_parameters, value.items)))


# `type` is asked and not `isinstance`: a proxy of Quart says what it stands for, and without a request it cannot.


def is_open(value: Any) -> bool:
    """True for what can be looked into without running anything."""
    return issubclass(type(value), ModuleType | type | Enum | Mapping)


def is_ours(value: Any) -> bool:
    """True for our functions and classes."""
    return issubclass(type(value), FunctionType | type) and value.__module__.startswith(OURS)


def is_deed(value: Any) -> bool:
    """True for what only staff may do."""
    return issubclass(type(value), Deed)


def goes_through_a_mapping(value: Any) -> bool:
    """True for `items`, `keys` and `values` of a constant."""
    return issubclass(type(value), BuiltinMethodType) and value.__name__ in {"items", "keys", "values"}
