"""Loading what a page of entities reads, in sets: a page of 20 posts costs as many statements as one post.

A home timeline from cold is six: the token, the lines with their authors and announcers, mentions, hashtags, media,
and what the viewer did with them. `entities/` then turns rows into JSON without asking the database anything.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import literal, or_, select, union_all
from sqlalchemy.orm import Session, joinedload

from activitypub.access import readable_by
from activitypub.documents import STATUS_OPTIONS
from activitypub.instance import LocalInstance
from activitypub.models import Actor, Announce, Block, Follow, Like, Status
from fediverse_kommune.api.entities import Entity
from fediverse_kommune.api.entities.account import account_entity
from fediverse_kommune.api.entities.relationship import Ties
from fediverse_kommune.api.entities.status import ViewerState, announce_entity, status_entity
from fediverse_kommune.api.pagination import Page
from fediverse_kommune.services.refusals import NotFound
from fediverse_kommune.services.timelines import Lines, Query, announce_readable_by


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads an answer (None: nobody in particular), and whose instance it is."""

    instance: LocalInstance
    actor: Actor | None


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of a list: the entities, and the ids by which it goes on."""

    entities: list[Entity]
    ids: list[int]


# ---------------------------------------------------------------------------------------------- statuses


def load_timeline(session: Session, reader: Reader, lines: Lines, page: Page) -> Listing:
    """Return a page of a timeline."""
    rows = _load_lines(session, page.select(lines.query, lines.cursor))
    rows.sort(key=lambda row: row[0], reverse=True)
    state = viewer_state(session, reader, [status.id for _, status, _ in rows])
    entities = [
        announce_entity(announce, status, reader.instance, state)
        if announce
        else status_entity(status, reader.instance, state)
        for _, status, announce in rows
    ]
    return Listing(entities, [line_id for line_id, _, _ in rows])


def _load_lines(session: Session, query: Query) -> list[tuple[int, Status, Announce | None]]:
    """Load the statuses, authors and announcers of some lines in one statement, and the rest in one each."""
    lines = query.subquery()
    rows = session.execute(
        select(lines.c.id, Status, Announce)
        .select_from(lines)
        .join(Status, Status.id == lines.c.status_id)
        .outerjoin(Announce, Announce.id == lines.c.announce_id)
        .options(*STATUS_OPTIONS, joinedload(Announce.actor))
        .execution_options(populate_existing=True)
    )
    return [(line_id, status, announce) for line_id, status, announce in rows]


def load_statuses(session: Session, reader: Reader, ids: Collection[int]) -> dict[int, Status]:
    """Return those of these statuses that the reader may read, with all that their entities need, by id."""
    if not ids:
        return {}
    rows = session.scalars(
        select(Status)
        .where(Status.id.in_(ids), readable_by(reader.actor))
        .options(*STATUS_OPTIONS)
        .execution_options(populate_existing=True)
    )
    return {status.id: status for status in rows}


def status_entities(session: Session, reader: Reader, ids: Sequence[int]) -> dict[int, Entity]:
    """Return the entities of those of these statuses that the reader may read, by id."""
    statuses = load_statuses(session, reader, ids)
    state = viewer_state(session, reader, list(statuses))
    return {
        status_id: status_entity(statuses[status_id], reader.instance, state)
        for status_id in ids
        if status_id in statuses
    }


def show_status(session: Session, reader: Reader, status_id: int) -> Entity:
    """Return a status, or an announce of one, by its id. Raises `NotFound` also for what may not be read."""
    found = status_entities(session, reader, [status_id])
    return found[status_id] if found else show_announce(session, reader, status_id)


def show_announce(session: Session, reader: Reader, announce_id: int) -> Entity:
    """Return an announce with the status it passes on. Raises `NotFound`."""
    announce = session.scalar(
        select(Announce)
        .where(Announce.id == announce_id, announce_readable_by(reader.actor))
        .options(joinedload(Announce.actor))
        .execution_options(populate_existing=True)
    )
    if announce is None:
        raise NotFound
    statuses = load_statuses(session, reader, [announce.status_id])
    if not statuses:
        raise NotFound
    state = viewer_state(session, reader, list(statuses))
    return announce_entity(announce, statuses[announce.status_id], reader.instance, state)


def viewer_state(session: Session, reader: Reader, status_ids: Collection[int]) -> ViewerState:
    """Return what the reader has done with these statuses, in one statement."""
    if reader.actor is None:
        return ViewerState()
    if not status_ids:
        return ViewerState(reader.actor.id)
    done_by_me = (
        select(literal(kind).label("kind"), table.status_id).where(
            table.actor_id == reader.actor.id, table.status_id.in_(status_ids)
        )
        for kind, table in (("like", Like), ("announce", Announce))
    )
    done = [(kind, status_id) for kind, status_id in session.execute(union_all(*done_by_me))]
    return ViewerState(
        reader.actor.id,
        liked=frozenset(status_id for kind, status_id in done if kind == "like"),
        announced=frozenset(status_id for kind, status_id in done if kind == "announce"),
    )


# ---------------------------------------------------------------------------------------------- accounts


def load_accounts(session: Session, reader: Reader, page: Page, query: Query, cursor: Any) -> Listing:
    """Return a page of a list of accounts. `query` selects the cursor and the actor of each row."""
    rows = page.in_order(list(session.execute(page.select(query, cursor))))
    entities = [account_entity(actor, reader.instance) for _, actor in rows]
    return Listing(entities, [cursor_id for cursor_id, _ in rows])


def account_entities(session: Session, reader: Reader, ids: Sequence[int]) -> list[Entity]:
    """Return the accounts with these ids in their order, without those that nobody may see."""
    rows = session.scalars(select(Actor).where(Actor.id.in_(ids), Actor.suspended_at.is_(None)))
    actors = {actor.id: actor for actor in rows}
    return [account_entity(actors[actor_id], reader.instance) for actor_id in ids if actor_id in actors]


def load_ties(session: Session, actor_id: int, others: Iterable[int]) -> Ties:
    """Return all that lies between an actor and others, in two statements."""
    ids = list(others)
    follows = session.scalars(
        select(Follow)
        .where(
            or_(
                (Follow.follower_id == actor_id) & Follow.followed_id.in_(ids),
                (Follow.followed_id == actor_id) & Follow.follower_id.in_(ids),
            )
        )
        .execution_options(populate_existing=True)
    ).all()
    blocks = session.scalars(
        select(Block).where(
            or_(
                (Block.actor_id == actor_id) & Block.target_id.in_(ids),
                (Block.target_id == actor_id) & Block.actor_id.in_(ids),
            )
        )
    ).all()
    return Ties(
        following={row.followed_id: row for row in follows if row.follower_id == actor_id},
        followers={row.follower_id: row for row in follows if row.followed_id == actor_id},
        blocking={row.target_id for row in blocks if row.actor_id == actor_id},
        blocked_by={row.actor_id for row in blocks if row.target_id == actor_id},
    )
