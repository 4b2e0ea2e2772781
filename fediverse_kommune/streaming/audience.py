"""Who of those that listen may see a line, and in which timeline: the rules of the timelines, asked for all at once.

The queries of `services/timelines` read nothing but columns of their reader. So a table of readers in place of one
answers for each of them, in one statement: there are no second rules for streams that could differ.
"""

from collections.abc import Collection
from functools import cache
from typing import Any, cast

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, aliased

from activitypub.models import Actor, Status
from fediverse_kommune.models import FeedEntry, List, ListEntry
from fediverse_kommune.services import timelines
from fediverse_kommune.services.timelines import Filter, Lines, Query, TagFilter

# Stands for every reader at once. All of them are local, which is what `is_local` of the class says to `readable_by`.
_readers: Any = aliased(Actor, name="reader")
READERS = cast("Actor", _readers)


def home_of(session: Session, actor_ids: Collection[int], *, line_id: int) -> frozenset[int]:
    """Return those of these actors in whose home timeline this line stands."""
    return _who(session, actor_ids, _home_of(), line_id)


def home_with(session: Session, actor_ids: Collection[int], *, status_id: int) -> frozenset[int]:
    """Return those in whose home timeline this status stands, as itself or passed on."""
    return _who(session, actor_ids, _home_with(), status_id)


def list_of(session: Session, list_id: int, actor_ids: Collection[int], *, line_id: int) -> frozenset[int]:
    """Return the owner of a list, if it is one of these actors and the line stands in it."""
    return _in_list(session, list_id, actor_ids, ListEntry.id, line_id)


def list_with(session: Session, list_id: int, actor_ids: Collection[int], *, status_id: int) -> frozenset[int]:
    """Return the same where this status stands in the list, as itself or passed on."""
    return _in_list(session, list_id, actor_ids, ListEntry.status_id, status_id)


def public(session: Session, actor_ids: Collection[int], *, status_id: int, wanted: Filter) -> frozenset[int]:
    """Return those whose public timeline, with this filter, shows this status."""
    return _who(session, actor_ids, _public(wanted), status_id)


def tagged(session: Session, actor_ids: Collection[int], *, status_id: int, tag: str, local: bool) -> frozenset[int]:
    """Return those whose timeline of this hashtag (its folded key) shows this status."""
    lines = timelines.tagged(READERS, tag, Filter(local=local), TagFilter())
    return _who(session, actor_ids, _readers_of(lines, Status.id), status_id)


def _in_list(session: Session, list_id: int, actor_ids: Collection[int], column: Any, line_id: int) -> frozenset[int]:
    row = session.scalar(select(List).where(List.id == list_id, List.actor_id.in_(actor_ids)))
    if row is None:
        return frozenset()
    return _who(session, {row.actor_id}, _readers_of(timelines.of_list(READERS, row), column), line_id)


def _who(session: Session, actor_ids: Collection[int], readers: Query, line_id: int) -> frozenset[int]:
    if not actor_ids:
        return frozenset()
    return frozenset(session.scalars(readers, {"actor_ids": list(actor_ids), "line_id": line_id}))


# Every post and every boost asks these: they are built once.


@cache
def _home_of() -> Query:
    return _readers_of(timelines.home(READERS), FeedEntry.id)


@cache
def _home_with() -> Query:
    return _readers_of(timelines.home(READERS), FeedEntry.status_id)


@cache
def _public(wanted: Filter) -> Query:
    return _readers_of(timelines.public(READERS, wanted), Status.id)


def _readers_of(lines: Lines, column: Any) -> Query:
    """Return the query for those of `actor_ids` who find the line or status `line_id` in these lines."""
    query = lines.query.with_only_columns(_readers.id, maintain_column_froms=True)
    return query.where(_readers.id.in_(bindparam("actor_ids", expanding=True)), column == bindparam("line_id"))
