"""INSERT that leaves alone what is there already: how a thing that arrives twice is shown once."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Insert, Select, func
from sqlalchemy.orm import Session

from activitypub.models import Base
from activitypub.on_conflict import insert_for


def insert_new_rows(session: Session, table: type[Base], rows: Sequence[dict[str, Any]]) -> None:
    """Insert `rows` in one statement, except those which a unique constraint already knows."""
    if rows:
        session.execute(_insert(session, table).on_conflict_do_nothing(), rows)


def insert_new_rows_returning(session: Session, table: type[Base], rows: Sequence[dict[str, Any]]) -> set[int]:
    """Do the same, and return the ids of those that are new. `rows` carry their ids."""
    if not rows:
        return set()
    key = next(iter(table.__table__.primary_key))
    return set(session.scalars(_insert(session, table).on_conflict_do_nothing().returning(key), rows))


def insert_or_update_rows(
    session: Session, table: type[Base], rows: Sequence[dict[str, Any]], *, key: Sequence[str], changes: Sequence[str]
) -> None:
    """Insert `rows` in one statement; where the `key` (a unique constraint) is there already, take over `changes`.

    What is null in a row changes nothing.
    """
    if rows:
        insert = _insert(session, table)
        known = table.__table__.c
        taken_over = {name: func.coalesce(insert.excluded[name], known[name]) for name in changes}
        session.execute(insert.on_conflict_do_update(index_elements=key, set_=taken_over), rows)


def insert_new_row(session: Session, table: type[Base], **row: Any) -> bool:
    """Insert one row; False if a unique constraint already knows it."""
    key = next(iter(table.__table__.primary_key))
    statement = _insert(session, table).values(row).on_conflict_do_nothing().returning(key)
    return session.execute(statement).first() is not None


def insert_selected(session: Session, table: type[Base], columns: Sequence[str], rows: Select[Any]) -> None:
    """Insert what `rows` selects into `columns`, inside the database, except what is there already."""
    session.execute(_insert(session, table).from_select(columns, rows).on_conflict_do_nothing())


@cache
def new_rows_statement(
    dialect_name: str, table: type[Base], columns: Sequence[str], rows: Callable[[], Select[Any]]
) -> Insert:
    """Return `insert_selected` as a statement that is built once; `rows` makes a SELECT with bound parameters."""
    statement: Insert = insert_for(dialect_name, table).from_select(columns, rows()).on_conflict_do_nothing()
    return statement


def _insert(session: Session, table: type[Base]) -> Any:
    return insert_for(session.get_bind().dialect.name, table)
