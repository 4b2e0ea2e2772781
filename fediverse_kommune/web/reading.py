"""What the pages show, read as anybody in the street may read it: `readable_by(None)` in every query.

Lists hold public posts only; what is unlisted opens to whoever has its address, and stands in its conversation.
Each function is one unit that reads; a page costs the same few statements however long it is.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import ColumnElement, Select, literal, select, union_all
from sqlalchemy.orm import Session, joinedload

from activitypub.access import readable_by
from activitypub.documents import STATUS_OPTIONS
from activitypub.graph.actors import folded_handle
from activitypub.models import Actor, Announce, Status, Tombstone
from activitypub.models.base import Id
from activitypub.vocabulary import Visibility
from fediverse_kommune.services import timelines
from fediverse_kommune.services.refusals import NotFound
from fediverse_kommune.services.threads import load_thread

PAGE = 20  # posts on a page
FEED = 20  # posts in a feed
DIRECTORY = 24  # actors of each kind on the town's page: the liveliest

# How the directory is divided. A Service posts by itself; it is listed with the offices, which run such things.
KINDS = {"offices": ("Organization", "Service"), "clubs": ("Group",), "people": ("Person",)}


class Line(Struct, frozen=True):
    """A post in a list, and the announce by which it got there, if somebody passed it on."""

    id: int
    status: Status
    announce: Announce | None = None


class Listing(Struct, frozen=True):
    """A page of a list. `older` is the `max_id` of the page behind it, None on the last one."""

    lines: list[Line]
    older: int | None = None


class TownPage(Struct, frozen=True):
    """The newest posts, and who there is, by kind."""

    posts: Listing
    directory: dict[str, list[Actor]]


class ProfilePage(Struct, frozen=True):
    """An actor of ours, what it shows on top, and what it wrote and passed on."""

    actor: Actor
    pinned: list[Status]
    posts: Listing


class ThreadPage(Struct, frozen=True):
    """A post of ours and the conversation around it, as far as it is open."""

    status: Status
    ancestors: list[Status]
    replies: list[Status]


def read_town(session: Session, max_id: int | None) -> TownPage:
    """Return the town's page: its directory stands on the first page only."""
    lines = timelines.public(None, timelines.Filter(local=True))
    posts = _page(session, lines.query, lines.cursor, max_id)
    directory = {} if max_id else {kind: _directory(session, types) for kind, types in KINDS.items()}
    return TownPage(posts, directory)


def read_tag(session: Session, key: str, max_id: int | None) -> Listing:
    """Return what people here wrote with a hashtag, given by its folded key."""
    lines = timelines.tagged(None, key, timelines.Filter(local=True), timelines.TagFilter())
    return _page(session, lines.query, lines.cursor, max_id)


def read_profile(session: Session, username: str, max_id: int | None) -> ProfilePage | None:
    """Return the page of an actor of ours; None if there is none, or not any more."""
    actor = find_resident(session, username)
    if actor is None:
        return None
    pinned = [] if max_id else _pinned(session, actor)
    posts = _written_or_passed_on(session, actor, max_id)
    others = [line for line in posts.lines if line.announce or line.status not in pinned]
    return ProfilePage(actor, pinned, replace(posts, lines=others))


def read_thread(session: Session, username: str, status_id: int) -> ThreadPage | None:
    """Return a post of ours with its conversation; None unless everybody may read it under this address."""
    status = read_status(session, username, status_id)
    if status is None:
        return None
    thread = load_thread(session, status, signed_in=False)
    around = _statuses(session, Status.id.in_([*thread.ancestors, *thread.descendants]))
    found = {row.id: row for row in around}
    return ThreadPage(status, _present(found, thread.ancestors), _present(found, thread.descendants))


def read_status(session: Session, username: str, status_id: int) -> Status | None:
    """Return a post of ours with what a page shows of it; None unless everybody may read it under this address."""
    return session.scalar(
        select(Status)
        .join(Actor, Actor.id == Status.actor_id)
        .where(Status.id == status_id, Actor.handle == folded_handle(username, None), readable_by(None))
        .options(*STATUS_OPTIONS)
    )


def read_feed(session: Session, username: str) -> tuple[Actor, Sequence[Status]] | None:
    """Return an actor of ours and what it wrote last, for feed readers; None if there is no such actor."""
    actor = find_resident(session, username)
    if actor is None:
        return None
    written = _statuses(session, *_public_of(actor), newest=FEED)
    return actor, written


def find_resident(session: Session, username: str) -> Actor | None:
    """Return the actor of ours with this name, unless it is suspended or stands for the server itself."""
    return session.scalar(
        select(Actor).where(
            Actor.handle == folded_handle(username, None),
            Actor.domain.is_(None),
            Actor.suspended_at.is_(None),
            Actor.type != "Application",
        )
    )


def is_gone(session: Session, uri: str) -> bool:
    """True if what had this id was deleted here."""
    return session.get(Tombstone, uri) is not None


def row_id(text: str) -> int:
    """Return the number of a row. Raises `NotFound` for what no row can have."""
    if not (text.isascii() and text.isdigit() and len(text) <= 19 and int(text) < 2**63):
        raise NotFound
    return int(text)


# ------------------------------------------------------------------------------------------------- the steps


def _page(session: Session, query: Select[*tuple[Any, ...]], cursor: Any, max_id: int | None) -> Listing:
    """Return a page of lines (id, status_id, announce_id), newest first. One more is read, to know if there is more."""
    if max_id is not None:
        query = query.where(cursor < max_id)
    lines = session.execute(query.order_by(cursor.desc()).limit(PAGE + 1)).all()
    shown = lines[:PAGE]
    return Listing(_loaded(session, shown), older=shown[-1].id if len(lines) > PAGE else None)


def _loaded(session: Session, lines: Sequence[Any]) -> list[Line]:
    statuses = {row.id: row for row in _statuses(session, Status.id.in_([line.status_id for line in lines]))}
    announces = _announces(session, [line.announce_id for line in lines if line.announce_id])
    # What was deleted between the statements is simply not there any more.
    return [
        Line(line.id, statuses[line.status_id], announces.get(line.announce_id))
        for line in lines
        if line.status_id in statuses
    ]


def _statuses(session: Session, *conditions: ColumnElement[bool], newest: int | None = None) -> Sequence[Status]:
    """Return readable statuses with what a page shows of them, newest first."""
    query = select(Status).where(*conditions, readable_by(None)).order_by(Status.id.desc()).limit(newest)
    return session.scalars(query.options(*STATUS_OPTIONS)).all()


def _announces(session: Session, ids: Iterable[int]) -> dict[int, Announce]:
    rows = session.scalars(select(Announce).where(Announce.id.in_(ids)).options(joinedload(Announce.actor)))
    return {row.id: row for row in rows}


def _public_of(actor: Actor) -> tuple[ColumnElement[bool], ...]:
    return (Status.actor_id == actor.id, Status.visibility == Visibility.PUBLIC, Status.held.is_(False))


def _pinned(session: Session, actor: Actor) -> list[Status]:
    rows = _statuses(session, *_public_of(actor), Status.pinned_at.is_not(None))
    return sorted(rows, key=lambda row: (row.pinned_at, row.id), reverse=True)


def _written_or_passed_on(session: Session, actor: Actor, max_id: int | None) -> Listing:
    """Return a page of what an actor wrote, and of what it passed on.

    Each half is bounded by itself, so that an index ends the search however much the actor has written.
    """
    written = select(Status.id.label("id"), Status.id.label("status_id"), literal(None, Id).label("announce_id")).where(
        *_public_of(actor), readable_by(None)
    )
    passed_on = (
        select(Announce.id, Announce.status_id, Announce.id)
        .join(Status, Status.id == Announce.status_id)
        .where(
            Announce.actor_id == actor.id,
            Announce.visibility == Visibility.PUBLIC,
            Status.visibility == Visibility.PUBLIC,
            readable_by(None),
        )
    )
    halves = []
    for half, cursor in ((written, Status.id), (passed_on, Announce.id)):
        bounded = half if max_id is None else half.where(cursor < max_id)
        halves.append(select(bounded.order_by(cursor.desc()).limit(PAGE + 1).subquery()))
    lines = union_all(*halves).subquery()
    return _page(session, select(lines), lines.c.id, None)


def _directory(session: Session, types: tuple[str, ...]) -> list[Actor]:
    """Return who wants to be found, those first who wrote last."""
    lively = Actor.last_status_at.desc().nulls_last()
    query = select(Actor).where(
        Actor.domain.is_(None), Actor.discoverable, Actor.suspended_at.is_(None), Actor.type.in_(types)
    )
    return list(session.scalars(query.order_by(lively, Actor.handle).limit(DIRECTORY)))


def _present(found: dict[int, Status], ids: Iterable[int]) -> list[Status]:
    return [found[status_id] for status_id in ids if status_id in found]
