"""Pages of a list, newest first, and the `Link` header that leads from one to the next.

`max_id` goes back in time from an id, `since_id` takes the newest above one, `min_id` the oldest above it: the last
one is how a client that was away fills its gap without skipping anything.

https://docs.joinmastodon.org/api/guidelines/#pagination
"""

from collections.abc import Sequence
from typing import Any, TypeVar
from urllib.parse import urlencode

from msgspec import Struct
from sqlalchemy import ColumnElement, Select
from sqlalchemy.orm import InstrumentedAttribute

from fediverse_kommune.api.params import Params

Cursor = ColumnElement[int] | InstrumentedAttribute[int]
Item = TypeVar("Item")
Query = TypeVar("Query", bound=Select[*tuple[Any, ...]])


class Page(Struct, frozen=True):
    """What part of a list was asked for."""

    limit: int
    max_id: int | None = None
    since_id: int | None = None
    min_id: int | None = None

    @property
    def upwards(self) -> bool:
        """True if the page is the one just above an id, and is read from its lower end."""
        return self.min_id is not None

    def select(self, query: Query, cursor: Cursor) -> Query:
        """Narrow a query to this page of a list in the order of `cursor`. `in_order` its rows afterwards."""
        if self.max_id is not None:
            query = query.where(cursor < self.max_id)
        if self.since_id is not None:
            query = query.where(cursor > self.since_id)
        if self.min_id is not None:
            query = query.where(cursor > self.min_id)
        return query.order_by(cursor.asc() if self.upwards else cursor.desc()).limit(self.limit)

    def in_order(self, rows: Sequence[Item]) -> list[Item]:
        """Return the rows of the page newest first, whichever way they were read."""
        return list(reversed(rows)) if self.upwards else list(rows)


def read_page(params: Params, *, default: int, most: int) -> Page:
    """Read the page a client asks for, with `read_limit`."""
    return Page(
        limit=read_limit(params, default=default, most=most),
        max_id=params.integer("max_id"),
        since_id=params.integer("since_id"),
        min_id=params.integer("min_id"),
    )


def read_limit(params: Params, *, default: int, most: int) -> int:
    """Read how many a client asks for. A limit outside 1 … `most` is moved to the next one inside."""
    asked = params.integer("limit")
    return default if asked is None else max(1, min(asked, most))


def link_header(url: str, query: Sequence[tuple[str, str]], ids: Sequence[int]) -> str | None:
    """Return the value of `Link` (RFC 8288) for a page that shows the rows with these ids; None for an empty page.

    `url` is the address of the list and `query` what the client asked of it, without the position.
    """
    if not ids:
        return None
    older, newer = min(ids), max(ids)
    return f'<{_url(url, query, max_id=older)}>; rel="next", <{_url(url, query, min_id=newer)}>; rel="prev"'


def offset_links(url: str, query: Sequence[tuple[str, str]], *, offset: int, limit: int, shown: int) -> str | None:
    """Return the value of `Link` for a list that is counted through; None if this page is all there is."""
    places = (
        ("next", offset + limit if shown == limit else None),
        ("prev", max(0, offset - limit) if offset else None),
    )
    kept = [(name, value) for name, value in query if name != "offset"]
    links = (
        f'<{url}?{urlencode([*kept, ("offset", place)])}>; rel="{relation}"'
        for relation, place in places
        if place is not None
    )
    return ", ".join(links) or None


POSITION = frozenset({"max_id", "since_id", "min_id"})


def _url(url: str, query: Sequence[tuple[str, str]], **position: int) -> str:
    kept = [(name, value) for name, value in query if name not in POSITION]
    return f"{url}?{urlencode([*kept, *position.items()])}"
