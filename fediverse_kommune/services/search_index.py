"""The index of full-text search: FTS5 on SQLite, `tsvector` on PostgreSQL. What differs between them ends here.

In it are the posts that somebody here may find: those of our people, those that name one of them or that one of them
keeps or passed on, and those of authors who let their public posts be found (FEP-5feb), or that say so themselves
(FEP-268d). Who finds what is decided when somebody searches (`search_statuses`), by what holds then. Where an author
elsewhere decides otherwise, the old posts follow in the background. An index that is broken keeps nobody from writing:
`fediverse-kommune db reindex` makes it anew.

https://www.sqlite.org/fts5.html, https://www.postgresql.org/docs/current/textsearch.html
"""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    TextClause,
    and_,
    column,
    delete,
    exists,
    func,
    literal_column,
    or_,
    select,
    table,
    text,
    true,
)
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session, selectinload

from activitypub import search_consent
from activitypub.models import Actor, Announce, Like, Mention, Status
from activitypub.unit import Unit, UnitsOfWork
from fediverse_kommune.inserts import insert_or_update_rows
from fediverse_kommune.models import Bookmark, SearchRevision
from fediverse_kommune.services.filtering import searchable_text
from fediverse_kommune.services.search_words import stems

log = logging.getLogger(__name__)

BATCH = 500  # posts that are indexed in one unit
REVISED = 100  # posts that are looked at in one unit while the server runs
AT_ONCE = 5  # authors whose posts are looked at in one round

_FTS = table("search_index", column("rowid", Integer), column("words"))
_TSVECTOR = table("search_index", column("status_id", Integer), column("document"))
_SIMPLE: ColumnElement[Any] = literal_column("'simple'::regconfig")

_DELETE: Mapping[str, TextClause] = {
    "sqlite": text("DELETE FROM search_index WHERE rowid = :id"),
    "postgresql": text("DELETE FROM search_index WHERE status_id = :id"),
}
_INSERT: Mapping[str, TextClause] = {
    "sqlite": text("INSERT INTO search_index (rowid, words) VALUES (:id, :words)"),
    "postgresql": text(
        "INSERT INTO search_index (status_id, document) VALUES (:id, to_tsvector('simple'::regconfig, :words))"
    ),
}


def put(unit: Unit, statuses: Sequence[Status]) -> None:
    """Index statuses, those that are in the index anew. What fails is logged and fails alone."""
    _write(unit, [{"id": status.id, "words": " ".join(stems(searchable_text(status)))} for status in statuses])


def matching(session: Session, terms: Sequence[Sequence[str]], without: Sequence[Sequence[str]]) -> ColumnElement[bool]:
    """Return the condition on `Status` for texts that hold all of `terms` and none of `without`: stems in a row."""
    if session.get_bind().dialect.name == "postgresql":
        return _matching_vectors(terms, without)
    conditions: list[ColumnElement[bool]] = [true()]
    if terms:
        conditions.append(Status.id.in_(_with(" AND ".join(map(_quoted, terms)))))
    if without:
        conditions.append(Status.id.not_in(_with(" OR ".join(map(_quoted, without)))))
    return and_(*conditions)


async def rebuild(db: UnitsOfWork) -> int:
    """Make the index anew, some posts at a time; return how many are in it. Raises `StorageUnavailable`."""
    await db.write(_clear)
    count, last = 0, 0
    while True:
        indexed, seen = await db.write(_index_next, last)
        count += indexed
        if seen is None:
            return count
        last = seen


def is_wanted() -> ColumnElement[bool]:
    """Return the condition on `Status` for what belongs into the index."""
    here = select(Actor.id).where(Actor.domain.is_(None))
    ties = (Mention, Like, Announce, Bookmark)
    kept = (exists().where(rows.status_id == Status.id, rows.actor_id.in_(here)) for rows in ties)
    indexable = exists().where(Actor.id == Status.actor_id, Actor.indexable)
    return or_(Status.local, search_consent.names_some(), and_(search_consent.said().is_(None), indexable), *kept)


def plan_revision(unit: Unit, actor_id: int) -> None:
    """Have all posts of an author looked at again: the author decided otherwise about being found."""
    row = {"actor_id": actor_id, "after_id": 0, "created_at": unit.now}
    insert_or_update_rows(unit, SearchRevision, [row], key=("actor_id",), changes=("after_id",))


def revisions(session: Session) -> Sequence[int]:
    """Return authors whose posts are to be looked at again."""
    return session.scalars(select(SearchRevision.actor_id).order_by(SearchRevision.created_at).limit(AT_ONCE)).all()


def revise(unit: Unit, actor_id: int) -> None:
    """Look at the next posts of an author: what belongs into the index now is put there, what does not goes."""
    mine = select(SearchRevision).where(SearchRevision.actor_id == actor_id)
    row = unit.scalar(mine.with_for_update(skip_locked=True))
    if row is None:
        return
    statuses = unit.scalars(
        select(Status)
        .where(Status.actor_id == actor_id, Status.id > row.after_id)
        .options(selectinload(Status.media), selectinload(Status.poll))
        .order_by(Status.id)
        .limit(REVISED)
    ).all()
    wanted = set(unit.scalars(select(Status.id).where(Status.id.in_([status.id for status in statuses]), is_wanted())))
    _write(unit, [{"id": status.id} for status in statuses if status.id not in wanted])
    put(unit, [status for status in statuses if status.id in wanted])
    if len(statuses) == REVISED:
        row.after_id = statuses[-1].id
    else:
        unit.delete(row)
    unit.flush()


def _with(query: str) -> Any:
    return select(_FTS.c.rowid).where(literal_column("search_index").op("MATCH")(query))


def _quoted(term: Sequence[str]) -> str:
    # Stems hold neither quotes nor anything else that FTS5 reads as an operator.
    return f'"{" ".join(term)}"'


def _matching_vectors(terms: Sequence[Sequence[str]], without: Sequence[Sequence[str]]) -> ColumnElement[bool]:
    holds = [_TSVECTOR.c.document.op("@@")(func.phraseto_tsquery(_SIMPLE, " ".join(term))) for term in terms]
    lacks = [_TSVECTOR.c.document.op("@@")(func.phraseto_tsquery(_SIMPLE, " ".join(term))) for term in without]
    conditions: list[ColumnElement[bool]] = [true()]
    if holds:
        conditions.append(Status.id.in_(select(_TSVECTOR.c.status_id).where(*holds)))
    if lacks:
        conditions.append(Status.id.not_in(select(_TSVECTOR.c.status_id).where(or_(*lacks))))
    return and_(*conditions)


def _write(unit: Unit, rows: Sequence[dict[str, Any]]) -> None:
    """Replace what the index knows of the posts in these rows; without "words" they go."""
    if not rows:
        return
    dialect = unit.get_bind().dialect.name
    try:
        with unit.begin_nested():
            unit.run(_DELETE[dialect], [{"id": row["id"]} for row in rows])
            if "words" in rows[0]:
                unit.run(_INSERT[dialect], rows)
    except DatabaseError as error:
        log.warning("posts cannot be found, 'fediverse-kommune db reindex' mends that: %s", error.orig)


def _clear(unit: Unit) -> None:
    unit.execute(delete(_FTS if unit.get_bind().dialect.name == "sqlite" else _TSVECTOR))


def _index_next(unit: Unit, after: int) -> tuple[int, int | None]:
    """Index the next posts above an id; return how many, and the id to go on from."""
    statuses = unit.scalars(
        select(Status)
        .where(Status.id > after, is_wanted())
        .options(selectinload(Status.media), selectinload(Status.poll))
        .order_by(Status.id)
        .limit(BATCH)
    ).all()
    put(unit, statuses)
    return len(statuses), statuses[-1].id if len(statuses) == BATCH else None
