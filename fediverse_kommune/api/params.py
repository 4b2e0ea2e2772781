"""What a client sent, read alike from the query, a form, a multipart form and JSON.

Apps differ in all of it: arrays come as `id[]=1`, as `id=1&id=2` and as JSON, booleans as true, "true", 1 and "on",
objects as `source[privacy]` or nested. Readers name the parameters they take, so nothing else in a body has any effect
(row K07), and what cannot be understood is refused with a sentence instead of being guessed.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from quart import Request, Websocket
from quart.datastructures import FileStorage

from activitypub.strict_json import HostileJson, read_object
from fediverse_kommune.services.refusals import Invalid

MAX_PAIRS = 1_000
MAX_LIST = 1_000
_KEY = re.compile(r"([^\[\]]+)((?:\[[^\[\]]{0,64}\]){0,4})")
_TRUE = frozenset({"1", "true", "on", "t", "yes"})
_FALSE = frozenset({"0", "false", "off", "f", "no", ""})
_FOCUS = re.compile(r"\s*(-?\d{1,3}(?:\.\d{0,20})?)\s*,\s*(-?\d{1,3}(?:\.\d{0,20})?)\s*")
_INTEGER = re.compile(r"-?[0-9]{1,19}")
_INT64 = range(-(2**63), 2**63)


class Params:
    """The parameters of one request. Every reader raises `Invalid` if the value is not of its kind."""

    def __init__(
        self, values: Mapping[str, Any], files: Mapping[str, FileStorage] | None = None, *, within: str = ""
    ) -> None:
        self._values = values
        self._files = files or {}
        self._within = within  # the object that they are in, so that an error can name them: "poll[options]"

    def __contains__(self, name: str) -> bool:
        return name in self._values or name in self._files

    def is_filled(self, name: str) -> bool:
        """True if something was sent that is not empty."""
        return bool(self._values.get(name)) or name in self._files

    def _named(self, name: str) -> str:
        return f"{self._within}[{name}]" if self._within else name

    def text(self, name: str) -> str | None:
        """Return a text as it was sent; None if it was not. Of several the last counts."""
        value = self._values.get(name)
        if isinstance(value, list):
            value = value[-1] if value else None
        if isinstance(value, bool):
            return "true" if value else "false"
        if value is None or isinstance(value, str):
            return value
        if isinstance(value, int | float):
            return str(value)
        raise Invalid(f"{self._named(name)} is a text, not a list of things.")

    def required(self, name: str) -> str:
        """Return a text that must be there and not be blank."""
        value = self.text(name)
        if value is None or not value.strip():
            raise Invalid(f"{self._named(name)} is missing.")
        return value

    def boolean(self, name: str) -> bool | None:
        """Return a truth value; None if it was not sent."""
        value = self.text(name)
        if value is None:
            return None
        if value.lower() in _TRUE:
            return True
        if value.lower() in _FALSE:
            return False
        raise Invalid(f"{self._named(name)} is true or false, not {value[:40]!r}.")

    def integer(self, name: str) -> int | None:
        """Return a 64-bit integer; None if it was not sent or is blank."""
        value = self.text(name)
        if value is None or not value.strip():
            return None
        if not _INTEGER.fullmatch(value.strip()) or (number := int(value)) not in _INT64:
            raise Invalid(f"{self._named(name)} is a number, not {value[:40]!r}.")
        return number

    def instant(self, name: str) -> datetime | None:
        """Return a moment (ISO 8601), in UTC where no zone is named; None if it was not sent or is blank."""
        value = self.text(name)
        if value is None or not value.strip():
            return None
        try:
            moment = datetime.fromisoformat(value.strip())
            return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
        except (ValueError, OverflowError):
            raise Invalid(f"{self._named(name)} is a time such as 2026-12-24T18:00:00Z, not {value[:40]!r}.") from None

    def focus(self, name: str) -> tuple[float, float] | None:
        """Return a focal point, two numbers from -1 to 1 with a comma between; None if it was not sent (row F11)."""
        value = self.text(name)
        if not value:
            return None
        match = _FOCUS.fullmatch(value)
        if match is None or not all(-1 <= float(part) <= 1 for part in match.groups()):
            raise Invalid(f"{self._named(name)} is two numbers from -1 to 1 with a comma between, such as 0.0,-0.5.")
        return float(match[1]), float(match[2])

    def many(self, name: str) -> list[str] | None:
        """Return a list of texts, however it was sent; None if it was not."""
        value = self._values.get(name)
        if value is None:
            return None
        items = value if isinstance(value, list) else list(value.values()) if isinstance(value, dict) else [value]
        return [
            text
            for item in items[:MAX_LIST]
            if (text := Params({name: item}, within=self._within).text(name)) is not None
        ]

    def one_id(self, name: str) -> int | None:
        """Return an id; None if it was not sent or cannot be one of ours. Of several the first counts."""
        return next(iter(self.ids(name)), None)

    def ids(self, name: str) -> list[int]:
        """Return a list of ids, each once, in order; what cannot be an id of ours is left out."""
        numbers = (int(text) for text in self.many(name) or [] if _INTEGER.fullmatch(text))
        return list(dict.fromkeys(number for number in numbers if number in _INT64))

    def nested(self, name: str) -> "Params":
        """Return the parameters of an object inside this one; empty if it was not sent."""
        value = self._values.get(name)
        if value is None or value == "":
            return Params({}, within=self._named(name))
        if not isinstance(value, dict):
            raise Invalid(f"{self._named(name)} is an object.")
        return Params(value, within=self._named(name))

    def entries(self, name: str) -> "list[Params] | None":
        """Return a list of objects, sent as a list or under the indexes 0, 1, 2 …; None if it was not sent."""
        value = self._values.get(name)
        if value is None:
            return None
        items = list(value.values()) if isinstance(value, dict) else value
        if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
            raise Invalid(f"{self._named(name)} is a list of objects.")
        return [Params(item, within=self._named(name)) for item in items[:MAX_LIST]]

    def file(self, name: str) -> FileStorage | None:
        """Return an uploaded file; None if there is none or it has no name and no content."""
        return self._files.get(name)


async def read_params(request: Request | Websocket) -> Params:
    """Read query and body; what the body names counts more. Raises `Invalid` for a body that cannot be read.

    Mastodon.py sends JSON even with a GET, and Rails reads it.
    """
    pairs = list(request.args.items(multi=True))
    if isinstance(request, Websocket):
        return Params(_nest(pairs))
    if request.mimetype == "application/json" or request.mimetype.endswith("+json"):
        return Params(_nest(pairs) | _read_json(await request.data))
    if request.method in {"GET", "HEAD"}:
        return Params(_nest(pairs))
    form, files = await request.form, await request.files
    uploads = {name: file for name, file in files.items() if file.filename or file.stream}
    return Params(_nest([*pairs, *form.items(multi=True)]), uploads)


def _read_json(body: bytes) -> dict[str, Any]:
    if not body.strip():
        return {}
    try:
        return read_object(body)
    except HostileJson as error:
        raise Invalid(str(error)) from error


def _nest(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Turn `a[b][]=c` into {"a": {"b": ["c"]}}, as Rails does; a name that comes twice becomes a list."""
    root: dict[str, Any] = {}
    for count, (key, value) in enumerate(pairs):
        if count >= MAX_PAIRS:
            raise Invalid(f"There are more than {MAX_PAIRS} parameters.")
        if "\x00" in key or "\x00" in value:
            raise Invalid("A parameter holds a NUL character.")
        match = _KEY.fullmatch(key)
        path = list(_parts(match)) if match else [key]
        while path[-2:] == ["", ""]:  # `id[][]=1`, as Mastodon.py writes some lists
            path.pop()
        _place(root, path, value)
    return root


def _parts(match: re.Match[str]) -> Iterator[str]:
    yield match[1]
    yield from match[2][1:-1].split("][") if match[2] else ()


def _place(node: dict[str, Any], path: list[str], value: str) -> None:
    name, *rest = path
    if not rest:
        node[name] = value if name not in node else [*_as_list(node[name]), value]
    elif rest == [""]:
        node[name] = [*_as_list(node.get(name, [])), value]
    elif rest[0] == "":
        items = node[name] = _as_list(node.get(name, []))
        # A key that the last object has already begins the next one: a[][id]=1&a[][text]=x&a[][id]=2
        if not items or not isinstance(items[-1], dict) or rest[1] in items[-1]:
            items.append({})
        _place(items[-1], rest[1:], value)
    else:
        child = node.get(name)
        if not isinstance(child, dict):
            child = node[name] = {}
        _place(child, rest, value)


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
