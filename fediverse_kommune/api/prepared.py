"""Statements built once, with bound parameters: to build one of these takes several times as long as to run it."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import cache
from typing import Any, cast

from msgspec import Struct
from sqlalchemy import ColumnElement, Executable, Integer, and_, bindparam, select
from sqlalchemy.orm import joinedload
from sqlalchemy.sql.elements import BindParameter

from activitypub.access import ANY_READER
from activitypub.models import Actor, Announce, Status
from activitypub.models.base import Id
from fediverse_kommune.api.kept_statuses import with_stamps
from fediverse_kommune.api.pagination import Page
from fediverse_kommune.models import PreviewCard, StatusCard
from fediverse_kommune.services import timelines
from fediverse_kommune.services.timelines import Lines, Query

Condition = Callable[..., Any]
"""From a reader (None: nobody in particular) to a condition on `Status`."""

Build = Callable[..., Lines]
"""From a reader to the lines of a timeline. Two that are equal build the same."""

# What comes along with a status in its own row. Mentions, hashtags and files are attached by `attach_parts`.
JOINED = (
    joinedload(Status.actor),
    joinedload(Status.poll),
    joinedload(Status.quote),
    joinedload(PreviewCard.author),
)

STATUS_IDS: BindParameter[Any] = bindparam("status_ids", type_=Id, expanding=True)


class ProfileLines(Struct, frozen=True):
    """Builds the lines of the actor `profile_id`; `own` if that is the reader. `wanted` names no hashtag."""

    wanted: timelines.ProfileFilter
    own: bool

    def __call__(self, reader: Actor | None) -> Lines:
        """See `timelines.profile`."""
        actor_id = ANY_READER.id if self.own else cast("int", bindparam("profile_id", type_=Id))
        return timelines.profile(reader, actor_id, self.wanted)


@cache
def timeline_statement(build: Build, positions: tuple[str, ...], *, signed_in: bool) -> Executable:
    """Return the statement for a page of a timeline; its parameters are those of `page_parameters`."""
    lines = build(ANY_READER if signed_in else None)
    return line_statement(any_page(positions).select(lines.query, lines.cursor))


def any_page(positions: Iterable[str]) -> Page:
    """Return a page whose limit and positions come when the statement is run: see `page_parameters`."""
    given: dict[str, Any] = {name: bindparam(name, type_=Id) for name in positions}
    return Page(limit=cast("int", bindparam("limit", type_=Integer)), **given)


def positions_of(page: Page) -> tuple[str, ...]:
    """Return which positions a page was asked for by."""
    return tuple(name for name in ("max_id", "since_id", "min_id") if getattr(page, name) is not None)


def page_parameters(reader: Actor | None, page: Page) -> Mapping[str, Any]:
    """Return the parameters of a page for its reader."""
    named = {name: getattr(page, name) for name in ("limit", *positions_of(page))}
    return named | {"reader_id": reader.id} if reader else named


def line_statement(query: Query) -> Executable:
    """Return the statement for some lines with the stamps of their statuses, and who passed them on."""
    lines = query.subquery()
    return (
        with_stamps(
            select(lines.c.id, Status.id, Announce)
            .select_from(lines)
            .join(Status, Status.id == lines.c.status_id)
            .outerjoin(Announce, Announce.id == lines.c.announce_id)
        )
        .options(joinedload(Announce.actor))
        .execution_options(populate_existing=True)
    )


@cache
def readable_statement(conditions: tuple[Condition, ...], *, signed_in: bool) -> Executable:
    """Return the statement for the stamps of those of `status_ids` for which `conditions` hold."""
    return with_stamps(select(Status.id)).where(*_which(conditions, signed_in=signed_in))


@cache
def card_statement(conditions: tuple[Condition, ...], *, signed_in: bool) -> Executable:
    """Return the statement for those of `status_ids` for which `conditions` hold, each with the card it shows."""
    return (
        select(Status, PreviewCard)
        .outerjoin(StatusCard, StatusCard.status_id == Status.id)
        .outerjoin(PreviewCard, and_(PreviewCard.id == StatusCard.card_id, PreviewCard.fetched_at.is_not(None)))
        .where(*_which(conditions, signed_in=signed_in))
        .options(*JOINED)
        .execution_options(populate_existing=True)
    )


def status_parameters(reader: Actor | None, ids: Collection[int]) -> Mapping[str, Any]:
    """Return the parameters of a statement about some statuses for its reader."""
    return {"status_ids": list(ids)} | ({"reader_id": reader.id} if reader else {})


def _which(conditions: tuple[Condition, ...], *, signed_in: bool) -> Iterator[ColumnElement[bool]]:
    yield Status.id.in_(STATUS_IDS)
    yield from (condition(ANY_READER if signed_in else None) for condition in conditions)
