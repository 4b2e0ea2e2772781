"""Loading what a page of entities reads, in sets: a page of 20 posts costs as many statements as one post.

A home timeline from cold is five, and a sixth if anything in it quotes: the token; the lines with who passed them on
and the stamps of what is kept (`kept_statuses`); the statuses that are not, with authors, polls, quotes and cards; what
is quoted; mentions, hashtags and files; what the viewer did with them. Warm it is the lines and what the viewer did.
`entities/` then turns rows into JSON without asking the database anything.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace
from sqlalchemy import Executable, literal, select, union_all
from sqlalchemy.orm import Session, joinedload

from activitypub.access import ANY_READER, readable_by
from activitypub.instance import LocalInstance
from activitypub.models import Actor, Announce, Like, PollVote, Status
from activitypub.unit import Unit
from fediverse_kommune.api.entities import Entity
from fediverse_kommune.api.entities.account import account_entity
from fediverse_kommune.api.entities.filter import filter_result_entity
from fediverse_kommune.api.entities.status import ViewerState, announce_entity, status_entity
from fediverse_kommune.api.kept_statuses import KeptStatuses, Stamp
from fediverse_kommune.api.pagination import Page
from fediverse_kommune.api.preload_events import reactions_of, takings_of
from fediverse_kommune.api.preload_parts import attach_parts
from fediverse_kommune.api.preload_quotes import Facts, facts_about, quoted_ids
from fediverse_kommune.api.prepared import (
    STATUS_IDS,
    Build,
    Condition,
    card_statement,
    line_statement,
    page_parameters,
    positions_of,
    readable_statement,
    status_parameters,
    timeline_statement,
)
from fediverse_kommune.models import Bookmark, PreviewCard, ThreadMute
from fediverse_kommune.services.filtering import ActorFilters
from fediverse_kommune.services.refusals import NotFound
from fediverse_kommune.services.timelines import Lines, Query, announce_readable_by

Cards = Mapping[Status, PreviewCard | None]
"""Statuses, each with the card it shows."""


class Reader(Struct, frozen=True):
    """Who reads an answer (None: nobody in particular), whose instance it is, when, and where it will stand.

    `context` is what filters call the place; with none, posts are marked and none is left out. `kept` are the posts
    that need not be loaded again.
    """

    instance: LocalInstance
    actor: Actor | None
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    filters: ActorFilters | None = None
    context: str | None = None
    kept: KeptStatuses | None = None


class Listing(Struct, frozen=True):
    """A page of a list: the entities, and the ids by which it goes on."""

    entities: list[Entity]
    ids: list[int]


# ---------------------------------------------------------------------------------------------- statuses


def load_timeline(session: Session, /, reader: Reader, lines: Lines | Build, page: Page, **parameters: int) -> Listing:
    """Return a page of a timeline: of `lines`, or of what builds them, which is built once for all readers.

    `parameters` are those that `lines` binds itself.
    """
    if isinstance(lines, Lines):
        rows = _load_lines(session, line_statement(page.select(lines.query, lines.cursor)), {})
    else:
        statement = timeline_statement(lines, positions_of(page), signed_in=reader.actor is not None)
        rows = _load_lines(session, statement, {**page_parameters(reader.actor, page), **parameters})
    rows.sort(key=lambda row: row[0], reverse=True)
    stamps = {status_id: stamp for _, status_id, _, stamp in rows}
    found = _recall_or_load(session, reader, stamps)
    state = load_surroundings(session, reader, found, stamps)
    statuses = {status.id: status for status in found}
    entities = [
        announce_entity(announce, statuses[status_id], reader.instance, state)
        if announce
        else status_entity(statuses[status_id], reader.instance, state)
        for _, status_id, announce, _ in rows
        if status_id not in state.hidden
    ]
    return Listing(entities, [line_id for line_id, _, _, _ in rows])


def _load_lines(
    session: Session, statement: Executable, parameters: Mapping[str, Any]
) -> list[tuple[int, int, Announce | None, Stamp]]:
    rows = session.execute(statement, parameters)
    return [(line_id, status_id, announce, Stamp(*stamp)) for line_id, status_id, announce, *stamp in rows]


def _recall_or_load(session: Session, reader: Reader, stamps: Mapping[int, Stamp]) -> Cards:
    """Return these statuses, each with the card it shows: from memory, and the others in one statement."""
    kept = reader.kept.recall(stamps) if reader.kept else {}
    missing = stamps.keys() - {status.id for status in kept}
    return {**kept, **_load_cards(session, reader, missing)}


def load_statuses(session: Session, reader: Reader, ids: Collection[int]) -> dict[int, Status]:
    """Return those of these statuses that the reader may read, with mentions, hashtags and files, by id."""
    statuses = list(_select_statuses(session, reader, ids))
    attach_parts(session, statuses)
    return {status.id: status for status in statuses}


def status_entities(session: Session, reader: Reader, ids: Sequence[int], *conditions: Condition) -> dict[int, Entity]:
    """Return the entities of those of these statuses that the reader may read, by id; only where `conditions` hold."""
    found, stamps = _find_statuses(session, reader, ids, *conditions)
    state = load_surroundings(session, reader, found, stamps)
    statuses = {status.id: status for status in found}
    return {
        status_id: status_entity(statuses[status_id], reader.instance, state)
        for status_id in ids
        if status_id in statuses and status_id not in state.hidden
    }


def _find_statuses(
    session: Session, reader: Reader, ids: Collection[int], *conditions: Condition
) -> tuple[Cards, Mapping[int, Stamp]]:
    """Return those of these statuses that the reader may read, with the stamps of those that can be kept.

    What a unit has written and not committed is read from its own rows.
    """
    if reader.kept is None or isinstance(session, Unit) or not ids:
        return _select_statuses(session, reader, ids, *conditions), {}
    statement = readable_statement((readable_by, *conditions), signed_in=reader.actor is not None)
    rows = session.execute(statement, status_parameters(reader.actor, ids))
    stamps = {status_id: Stamp(*stamp) for status_id, *stamp in rows}
    return _recall_or_load(session, reader, stamps), stamps


def reported_statuses(session: Session, reader: Reader, ids: Collection[int]) -> dict[int, Entity]:
    """Return the entities of these statuses for moderators, whoever may read them otherwise: they were reported."""
    found = _load_cards(session, reader, ids)
    state = load_surroundings(session, reader, found)
    return {status.id: status_entity(status, reader.instance, state) for status in found}


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
    found = _select_statuses(session, reader, [announce.status_id] if announce else [])
    if announce is None or not found:
        raise NotFound
    state = load_surroundings(session, reader, found)
    return announce_entity(announce, next(iter(found)), reader.instance, state)


def _select_statuses(session: Session, reader: Reader, ids: Collection[int], *conditions: Condition) -> Cards:
    """Load those of these statuses that the reader may read, each with the card it shows."""
    return _load_cards(session, reader, ids, readable_by, *conditions)


def _load_cards(session: Session, reader: Reader, ids: Collection[int], *conditions: Condition) -> Cards:
    """Load statuses, each with the card it shows if its page has been read."""
    if not ids:
        return {}
    statement = card_statement(conditions, signed_in=reader.actor is not None)
    return {row[0]: row[1] for row in session.execute(statement, status_parameters(reader.actor, ids))}


def load_surroundings(
    session: Session, reader: Reader, statuses: Cards, stamps: Mapping[int, Stamp] | None = None
) -> ViewerState:
    """Return what goes with these statuses and what they quote, in three statements at most.

    Mentions, hashtags and files are attached to them; `statuses` come as `_select_statuses` loads them. With `stamps`
    they are kept for other readers, as far as they can be.
    """
    kept = reader.kept if stamps else None
    quoted = _load_quoted(session, reader, statuses)
    everything = {**statuses, **quoted}
    shared = kept.shared_of(statuses) if kept else {}
    # A kept status has its parts; the same one quoted by another of the page has just been loaded without.
    attach_parts(session, [status for status in everything if status in quoted or status.id not in shared])
    if kept and stamps:
        kept.keep({status: card for status, card in statuses.items() if status.id not in shared}, stamps)
        shared = kept.shared_of(statuses)
    facts = [
        *facts_about(reader.actor, reader.now, everything, quoted),
        *takings_of(reader.actor, everything),
        *reactions_of(reader.actor, everything),
    ]
    state = _viewer_state(session, reader, list(everything), facts)
    cards = {status.id: card for status, card in everything.items() if card is not None}
    state = replace(state, cards=cards, quoted={status.id: status for status in quoted}, shared=shared)
    return _with_filters(session, reader, state, list(everything))


def _with_filters(session: Session, reader: Reader, state: ViewerState, statuses: Sequence[Status]) -> ViewerState:
    """Add what the reader's filters say of these statuses; statements only after a filter has changed."""
    if reader.filters is None or not statuses:
        return state
    found = reader.filters.apply(session, statuses, reader.context)
    results = {
        status_id: [filter_result_entity(match) for match in matches] for status_id, matches in found.matches.items()
    }
    return replace(state, filtered=results, hidden=found.hidden)


def _load_quoted(session: Session, reader: Reader, statuses: Iterable[Status]) -> Cards:
    """Return what the statuses of a page quote with the consent of its authors, as far as the reader may read it."""
    return _select_statuses(session, reader, quoted_ids(statuses))


def _viewer_state(session: Session, reader: Reader, statuses: Sequence[Status], facts: Facts) -> ViewerState:
    """Return what the reader has done with these statuses, and what is true of them, in one statement."""
    done: dict[str, set[int]] = defaultdict(set)
    votes: dict[int, list[int]] = defaultdict(list)
    for kind, status_id, choice in _state_rows(session, reader, statuses, facts):
        done[kind].add(status_id)
        if kind == "vote":
            votes[status_id].append(choice)
    return ViewerState(
        reader.actor.id if reader.actor else None,
        reader.actor.uri if reader.actor else "",
        liked=frozenset(done["like"]),
        announced=frozenset(done["announce"]),
        bookmarked=frozenset(done["bookmark"]),
        muted=frozenset(done["mute"]),
        votes=votes,
        facts={kind: frozenset(ids) for kind, ids in done.items()},
        now=reader.now,
    )


def _state_rows(session: Session, reader: Reader, statuses: Sequence[Status], facts: Facts) -> Iterable[Any]:
    if reader.actor is None or not statuses:
        return session.execute(union_all(*facts)) if facts else ()
    parameters = status_parameters(reader.actor, [status.id for status in statuses])
    return session.execute(union_all(*_done_by_reader(), *facts) if facts else _all_done_by_reader(), parameters)


@cache
def _all_done_by_reader() -> Executable:
    return union_all(*_done_by_reader())


@cache
def _done_by_reader() -> Facts:
    """Select what the reader has done with statuses: what, with which, and for a vote the choice."""
    rows = (
        select(literal(kind).label("kind"), table.status_id, literal(0)).where(
            table.actor_id == ANY_READER.id, table.status_id.in_(STATUS_IDS)
        )
        for kind, table in (("like", Like), ("announce", Announce), ("bookmark", Bookmark))
    )
    votes = select(literal("vote"), PollVote.status_id, PollVote.choice).where(
        PollVote.actor_id == ANY_READER.id, PollVote.status_id.in_(STATUS_IDS)
    )
    mutes = (
        select(literal("mute"), Status.id, literal(0))
        .join(ThreadMute, ThreadMute.conversation_uri == Status.conversation_uri)
        .where(ThreadMute.actor_id == ANY_READER.id, Status.id.in_(STATUS_IDS))
    )
    return [*rows, votes, mutes]


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
