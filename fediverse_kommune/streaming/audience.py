"""Who of those that listen may see a line, and in which timeline: the rules of the timelines, asked for all at once.

The queries of `services/timelines` read nothing but columns of their reader. So a table of readers in place of one
answers for each of them, in one statement: there are no second rules for streams that could differ.
"""

from collections.abc import Collection
from typing import Any, cast

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, aliased

from activitypub.models import Actor, Status
from fediverse_kommune.models import FeedEntry, List, ListEntry
from fediverse_kommune.services import timelines
from fediverse_kommune.services.timelines import Filter, Lines, TagFilter

# Stands for every reader at once. All of them are local, which is what `is_local` of the class says to `readable_by`.
_readers: Any = aliased(Actor, name="reader")
READERS = cast("Actor", _readers)


def home_of(session: Session, actor_ids: Collection[int], *, line_id: int) -> frozenset[int]:
    """Return those of these actors in whose home timeline this line stands."""
    return _who(session, actor_ids, timelines.home(READERS), FeedEntry.id == line_id)


def home_with(session: Session, actor_ids: Collection[int], *, status_id: int) -> frozenset[int]:
    """Return those in whose home timeline this status stands, as itself or passed on."""
    return _who(session, actor_ids, timelines.home(READERS), FeedEntry.status_id == status_id)


def list_of(session: Session, list_id: int, actor_ids: Collection[int], *, line_id: int) -> frozenset[int]:
    """Return the owner of a list, if it is one of these actors and the line stands in it."""
    return _in_list(session, list_id, actor_ids, ListEntry.id == line_id)


def list_with(session: Session, list_id: int, actor_ids: Collection[int], *, status_id: int) -> frozenset[int]:
    """Return the same where this status stands in the list, as itself or passed on."""
    return _in_list(session, list_id, actor_ids, ListEntry.status_id == status_id)


def public(session: Session, actor_ids: Collection[int], *, status_id: int, wanted: Filter) -> frozenset[int]:
    """Return those whose public timeline, with this filter, shows this status."""
    return _who(session, actor_ids, timelines.public(READERS, wanted), Status.id == status_id)


def tagged(session: Session, actor_ids: Collection[int], *, status_id: int, tag: str, local: bool) -> frozenset[int]:
    """Return those whose timeline of this hashtag (its folded key) shows this status."""
    lines = timelines.tagged(READERS, tag, Filter(local=local), TagFilter())
    return _who(session, actor_ids, lines, Status.id == status_id)


def _in_list(session: Session, list_id: int, actor_ids: Collection[int], line: ColumnElement[bool]) -> frozenset[int]:
    row = session.scalar(select(List).where(List.id == list_id, List.actor_id.in_(actor_ids)))
    return frozenset() if row is None else _who(session, {row.actor_id}, timelines.of_list(READERS, row), line)


def _who(session: Session, actor_ids: Collection[int], lines: Lines, line: ColumnElement[bool]) -> frozenset[int]:
    if not actor_ids:
        return frozenset()
    query = lines.query.with_only_columns(_readers.id, maintain_column_froms=True)
    return frozenset(session.scalars(query.where(_readers.id.in_(actor_ids), line)))
