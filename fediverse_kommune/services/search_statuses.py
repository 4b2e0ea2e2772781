"""Finding posts by what they say. Never more than the reader may read, and only what is for finding.

One finds one's own posts, those that name one, those one likes, passed on or keeps; and public posts of authors who
consent (`indexable`, FEP-5feb). What says by whom it may be found (`searchableBy`, FEP-268d) is found by them, and else
by those alone who have done something with it.
"""

from collections.abc import Sequence

from msgspec import Struct
from sqlalchemy import ColumnElement, and_, exists, false, or_, select
from sqlalchemy.orm import Session

from activitypub import search_consent
from activitypub.access import readable_by
from activitypub.graph.actors import find_by_handle
from activitypub.instance import LocalInstance
from activitypub.models import Actor, Announce, Like, Media, Mention, Poll, Quote, Status
from activitypub.models.base import first_id_at
from activitypub.vocabulary import Visibility
from fediverse_kommune.models import Bookmark, StatusCard
from fediverse_kommune.services.search_index import matching
from fediverse_kommune.services.search_query import Query
from fediverse_kommune.services.timelines import is_welcome
from webfinger.handle import InvalidHandle, parse_handle

LAST_ID = 2**63 - 1  # what the column holds; dates after the year 6429 come later


class StatusSearch(Struct, frozen=True):
    """What posts are wanted, and which part of them. `author_id` narrows to one author."""

    query: Query
    limit: int
    offset: int = 0
    max_id: int | None = None
    min_id: int | None = None
    author_id: int | None = None


def find_statuses(session: Session, reader: Actor, asked: StatusSearch, instance: LocalInstance) -> Sequence[int]:
    """Return the ids of the posts that are found, newest first. Raises `DatabaseError` if the index is broken."""
    query = asked.query
    if query.is_empty:
        return []
    conditions = [
        _is_findable(reader, query),
        readable_by(reader),
        is_welcome(reader),
        matching(session, query.terms, query.without),
        *_operators(session, reader, query, instance),
    ]
    if asked.author_id is not None:
        conditions.append(Status.actor_id == asked.author_id)
    if asked.max_id is not None:
        conditions.append(Status.id < asked.max_id)
    if asked.min_id is not None:
        conditions.append(Status.id > asked.min_id)
    found = select(Status.id).where(*conditions).order_by(Status.id.desc())
    return session.scalars(found.limit(asked.limit).offset(asked.offset)).all()


def _is_findable(reader: Actor, query: Query) -> ColumnElement[bool]:
    said, for_me = search_consent.said(), search_consent.names(reader)
    kept = (
        exists().where(rows.status_id == Status.id, rows.actor_id == reader.id) for rows in (Like, Announce, Bookmark)
    )
    named = exists().where(Mention.status_id == Status.id, Mention.actor_id == reader.id)
    library = or_(Status.actor_id == reader.id, and_(named, or_(said.is_(None), for_me)), *kept)
    if query.library_only:
        return library
    indexable = exists().where(Actor.id == Status.actor_id, Actor.indexable)
    is_public = Status.visibility == Visibility.PUBLIC
    consents = or_(and_(said.is_(None), indexable, is_public), for_me)
    return and_(consents, is_public) if query.public_only else or_(library, consents)


def _operators(session: Session, reader: Actor, query: Query, instance: LocalInstance) -> list[ColumnElement[bool]]:
    conditions = [_if(holds, _by(session, reader, handle, instance)) for handle, holds in query.authors]
    conditions += [_if(holds, _has(name)) for name, holds in query.properties]
    conditions += [_if(holds, _speaks(language)) for language, holds in query.languages]
    if query.since is not None:
        conditions.append(Status.id >= min(first_id_at(query.since), LAST_ID))
    if query.until is not None:
        conditions.append(Status.id < min(first_id_at(query.until), LAST_ID))
    return conditions


def _if(holds: bool, condition: ColumnElement[bool]) -> ColumnElement[bool]:  # noqa: FBT001 (a word of the query)
    return condition if holds else ~condition


def _by(session: Session, reader: Actor, written: str, instance: LocalInstance) -> ColumnElement[bool]:
    """Return the condition for one author: "me", "@name" or "@name@domain"; nobody for what is no handle of anybody."""
    if written.lower() == "me":
        return Status.actor_id == reader.id
    name, _, domain = written.removeprefix("@").partition("@")
    try:
        handle = parse_handle(f"{name}@{domain or instance.account_domain}", test_network=instance.test_network)
    except InvalidHandle:
        return false()
    author = find_by_handle(session, handle.username, None if handle.domain in instance.hosts else handle.domain)
    return false() if author is None else Status.actor_id == author.id


def _has(name: str) -> ColumnElement[bool]:
    match name:
        case "media":
            return exists().where(Media.status_id == Status.id)
        case "poll":
            return exists().where(Poll.status_id == Status.id)
        case "embed":
            quotes = exists().where(Quote.status_id == Status.id)
            return or_(quotes, exists().where(StatusCard.status_id == Status.id))
        case "reply":
            return Status.in_reply_to_uri.is_not(None)
        case _:
            return Status.sensitive.is_(True)


def _speaks(language: str) -> ColumnElement[bool]:
    """True for a language and its variants: "de" also finds "de-simple". What has none speaks none."""
    return and_(
        Status.language.is_not(None),
        or_(Status.language.ilike(language), Status.language.istartswith(f"{language}-", autoescape=True)),
    )
