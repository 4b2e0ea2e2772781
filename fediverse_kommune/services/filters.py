"""What an actor does not want to read: its filters, the words and the posts in them.

Every function belongs to one actor: what somebody else has does not exist (row H02). Each change counts up
`Preference.filters_version`, by which `services/filtering` notices it, and tells the streams.

https://docs.joinmastodon.org/methods/filters/
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from msgspec import Struct
from sqlalchemy import Boolean, ColumnElement, Text, delete, func, literal, select, union_all
from sqlalchemy.orm import Session, selectinload

from activitypub.models import Actor, attach, new_id
from activitypub.models.base import Id
from activitypub.unit import Unit
from fediverse_kommune.events import FiltersChanged
from fediverse_kommune.models import Filter, FilterAction, FilterKeyword, FilterStatus
from fediverse_kommune.services.interactions import find_readable
from fediverse_kommune.services.preferences import stored_preference
from fediverse_kommune.services.refusals import Invalid, NotFound

CONTEXTS = ("home", "notifications", "public", "thread", "account")
FILTERS = 200  # of one actor
KEYWORDS = 500  # of one filter
STATUSES = 500  # of one filter
TITLE_LENGTH = 256
KEYWORD_LENGTH = 512
LONGEST = timedelta(days=36_500)

Part = TypeVar("Part", FilterKeyword, FilterStatus)

WITH_PARTS = (selectinload(Filter.keywords), selectinload(Filter.statuses))


class KeywordForm(Struct, frozen=True):
    """A word of a filter: a new one, or what becomes of the one with `id`. `whole_word` None leaves it."""

    keyword: str | None = None
    whole_word: bool | None = None
    id: int | None = None
    remove: bool = False


class Expiry(Struct, frozen=True):
    """When a filter ends: so many seconds from now, or (None) never."""

    seconds: int | None


class FilterForm(Struct, frozen=True):
    """A filter as somebody filled it in; None leaves a part of an existing one as it is."""

    title: str | None = None
    contexts: Sequence[str] | None = None
    action: str | None = None
    expiry: Expiry | None = None
    keywords: Sequence[KeywordForm] = ()


def filters_of(session: Session, actor_id: int) -> list[Filter]:
    """Return the filters of an actor with all their parts, oldest first, in one statement, for pages from cold."""
    mine = select(Filter.id).where(Filter.actor_id == actor_id)
    words = select(
        FilterKeyword.filter_id,
        FilterKeyword.id.label("part_id"),
        FilterKeyword.keyword,
        FilterKeyword.whole_word,
        literal(None, Id).label("status_id"),
    ).where(FilterKeyword.filter_id.in_(mine))
    posts = select(
        FilterStatus.filter_id, FilterStatus.id, literal(None, Text), literal(None, Boolean), FilterStatus.status_id
    ).where(FilterStatus.filter_id.in_(mine))
    parts = union_all(words, posts).subquery()
    rows = session.execute(
        select(Filter, parts)
        .outerjoin(parts, parts.c.filter_id == Filter.id)
        .where(Filter.actor_id == actor_id)
        .order_by(Filter.id, parts.c.part_id)
    )
    filters: dict[int, Filter] = {}
    keywords, statuses = defaultdict[int, list[FilterKeyword]](list), defaultdict[int, list[FilterStatus]](list)
    for row, filter_id, part_id, keyword, whole_word, status_id in rows:
        filters[row.id] = row
        if keyword is not None:
            part = FilterKeyword(id=part_id, filter_id=filter_id, keyword=keyword, whole_word=whole_word)
            keywords[row.id].append(part)
        elif status_id is not None:
            statuses[row.id].append(FilterStatus(id=part_id, filter_id=filter_id, status_id=status_id))
    return [attach(row, keywords=keywords[row.id], statuses=statuses[row.id]) for row in filters.values()]


def find_filter(session: Session, actor_id: int, filter_id: int) -> Filter:
    """Return one filter of an actor with its parts. Raises `NotFound`."""
    query = select(Filter).where(Filter.id == filter_id, Filter.actor_id == actor_id)
    row = session.scalar(query.options(*WITH_PARTS).execution_options(populate_existing=True))
    if row is None:
        raise NotFound
    return row


def find_keyword(session: Session, actor_id: int, keyword_id: int) -> FilterKeyword:
    """Return a word of one of an actor's filters. Raises `NotFound`."""
    return _find_part(session, FilterKeyword, actor_id, keyword_id)


def find_status(session: Session, actor_id: int, filter_status_id: int) -> FilterStatus:
    """Return a post in one of an actor's filters, by the id of that entry. Raises `NotFound`."""
    return _find_part(session, FilterStatus, actor_id, filter_status_id)


def create_filter(unit: Unit, actor_id: int, form: FilterForm) -> Filter:
    """Create a filter with its words. Raises `Invalid`; `NotFound` if a word has an id, for none exists yet."""
    _check_room(unit, Filter.actor_id == actor_id, FILTERS, "filters")
    row = Filter(
        id=new_id(unit.now),
        actor_id=actor_id,
        title=_title(form.title or ""),
        contexts=_contexts(form.contexts or ()),
        action=_action(form.action or FilterAction.WARN),
        created_at=unit.now,
        expires_at=_expires_at(unit, form.expiry),
    )
    unit.add(row)
    unit.flush()
    _change_keywords(unit, row.id, {}, [word for word in form.keywords if not word.remove])
    return _changed(unit, actor_id, row.id)


def update_filter(unit: Unit, actor_id: int, filter_id: int, form: FilterForm) -> Filter:
    """Change a filter and the words that are named. Raises `NotFound`, `Invalid`."""
    row = find_filter(unit, actor_id, filter_id)
    if form.title is not None:
        row.title = _title(form.title)
    if form.contexts is not None:
        row.contexts = _contexts(form.contexts)
    if form.action is not None:
        row.action = _action(form.action)
    if form.expiry is not None:
        row.expires_at = _expires_at(unit, form.expiry)
    unit.flush()
    _change_keywords(unit, row.id, {word.id: word for word in row.keywords}, form.keywords)
    return _changed(unit, actor_id, row.id)


def delete_filter(unit: Unit, actor_id: int, filter_id: int) -> None:
    """Delete a filter with all that is in it. Raises `NotFound`."""
    row = find_filter(unit, actor_id, filter_id)
    unit.execute(delete(Filter).where(Filter.id == row.id))  # what is in it goes by ON DELETE CASCADE
    _note_change(unit, actor_id)


def add_keyword(unit: Unit, actor_id: int, filter_id: int, form: KeywordForm) -> FilterKeyword:
    """Add a word to a filter. Raises `NotFound`, `Invalid`."""
    row = find_filter(unit, actor_id, filter_id)
    (added,) = _change_keywords(unit, row.id, {word.id: word for word in row.keywords}, [form])
    _note_change(unit, actor_id)
    return added


def update_keyword(unit: Unit, actor_id: int, keyword_id: int, form: KeywordForm) -> FilterKeyword:
    """Change a word of a filter. Raises `NotFound`, `Invalid`."""
    row = find_keyword(unit, actor_id, keyword_id)
    _fill(row, form)
    _note_change(unit, actor_id)
    return row


def remove_keyword(unit: Unit, actor_id: int, keyword_id: int) -> None:
    """Take a word out of its filter. Raises `NotFound`."""
    unit.delete(find_keyword(unit, actor_id, keyword_id))
    _note_change(unit, actor_id)


def add_status(unit: Unit, actor: Actor, filter_id: int, status_id: int) -> FilterStatus:
    """Put a single post into a filter. Raises `NotFound` also for a post that may not be read, and `Invalid`."""
    row = find_filter(unit, actor.id, filter_id)
    status = find_readable(unit, actor, status_id)
    if any(entry.status_id == status.id for entry in row.statuses):
        raise Invalid("This post is in the filter already.")
    if len(row.statuses) >= STATUSES:
        raise Invalid(f"A filter has at most {STATUSES} posts.")
    entry = FilterStatus(id=new_id(unit.now), filter_id=row.id, status_id=status.id)
    unit.add(entry)
    _note_change(unit, actor.id)
    return entry


def remove_status(unit: Unit, actor_id: int, filter_status_id: int) -> FilterStatus:
    """Take a post out of a filter and return what the entry was. Raises `NotFound`."""
    row = find_status(unit, actor_id, filter_status_id)
    unit.delete(row)
    _note_change(unit, actor_id)
    return row


# --------------------------------------------------------------------------------- one word each: version 1


def old_filters_of(session: Session, actor_id: int) -> list[tuple[Filter, FilterKeyword]]:
    """Return the words of all filters of an actor, each as the filter that version 1 knows."""
    return [(row, word) for row in filters_of(session, actor_id) for word in row.keywords]


def find_old_filter(session: Session, actor_id: int, keyword_id: int) -> tuple[Filter, FilterKeyword]:
    """Return one of them. Raises `NotFound`."""
    word = find_keyword(session, actor_id, keyword_id)
    return find_filter(session, actor_id, word.filter_id), word


def create_old_filter(unit: Unit, actor_id: int, form: FilterForm) -> tuple[Filter, FilterKeyword]:
    """Create a filter of one word, which is its title, too. Raises `Invalid`."""
    row = create_filter(unit, actor_id, form)
    return row, row.keywords[0]


def update_old_filter(unit: Unit, actor_id: int, keyword_id: int, form: FilterForm) -> tuple[Filter, FilterKeyword]:
    """Change a word, and its filter if that holds no other: version 1 does not know the others it would change.

    Raises `NotFound`, `Invalid`.
    """
    row, word = find_old_filter(unit, actor_id, keyword_id)
    for wanted in form.keywords:
        _fill(word, wanted)
    same = _says_the_same(row, form)
    if not same and len(row.keywords) > 1:
        raise Invalid("This filter has several keywords, so this app cannot change where or how long it applies.")
    if not same:
        update_filter(unit, actor_id, row.id, FilterForm(None, form.contexts, form.action, form.expiry))
    _note_change(unit, actor_id)
    return find_old_filter(unit, actor_id, keyword_id)


def _says_the_same(row: Filter, form: FilterForm) -> bool:
    return (
        (form.contexts is None or set(form.contexts) == set(row.contexts))
        and (form.action is None or form.action == row.action)
        and (form.expiry is None or (form.expiry.seconds is None and row.expires_at is None))
    )


# ----------------------------------------------------------------------------------------------- the steps


def _find_part(session: Session, kind: type[Part], actor_id: int, part_id: int) -> Part:
    query = select(kind).join(Filter, Filter.id == kind.filter_id)
    row = session.scalar(query.where(kind.id == part_id, Filter.actor_id == actor_id))
    if row is None:
        raise NotFound
    return row


def _change_keywords(
    unit: Unit, filter_id: int, present: dict[int, FilterKeyword], forms: Iterable[KeywordForm]
) -> list[FilterKeyword]:
    """Add, change and remove words; return those that are new. One with an id that the filter has not is `NotFound`."""
    added = []
    for form in forms:
        if form.id is None:
            word = FilterKeyword(id=new_id(unit.now), filter_id=filter_id, whole_word=True)
            _fill(word, form)
            unit.add(word)
            added.append(word)
        elif form.id not in present:
            raise NotFound
        elif form.remove:
            unit.delete(present.pop(form.id))
        else:
            _fill(present[form.id], form)
    if len(present) + len(added) > KEYWORDS:
        raise Invalid(f"A filter has at most {KEYWORDS} keywords.")
    unit.flush()
    return added


def _fill(word: FilterKeyword, form: KeywordForm) -> None:
    if form.keyword is not None or word.keyword is None:
        text = (form.keyword or "").strip()
        if not text:
            raise Invalid("keyword is missing.")
        if len(text) > KEYWORD_LENGTH:
            raise Invalid(f"A keyword has at most {KEYWORD_LENGTH} characters.")
        word.keyword = text
    if form.whole_word is not None:
        word.whole_word = form.whole_word


def _title(text: str) -> str:
    if not text.strip():
        raise Invalid("title is missing.")
    if len(text) > TITLE_LENGTH:
        raise Invalid(f"The title has more than {TITLE_LENGTH} characters.")
    return text.strip()


def _contexts(names: Sequence[str]) -> list[str]:
    unknown = [name for name in names if name not in CONTEXTS]
    if unknown or not names:
        raise Invalid(f"context is at least one of {', '.join(CONTEXTS)}.")
    return [name for name in CONTEXTS if name in names]


def _action(word: str) -> FilterAction:
    try:
        return FilterAction(word)
    except ValueError:
        raise Invalid(f"filter_action is one of {', '.join(FilterAction)}.") from None


def _expires_at(unit: Unit, expiry: Expiry | None) -> datetime | None:
    if expiry is None or expiry.seconds is None:
        return None
    if not 0 <= expiry.seconds <= LONGEST.total_seconds():
        raise Invalid("expires_in is a number of seconds, of a hundred years at most.")
    return unit.now + timedelta(seconds=expiry.seconds)


def _check_room(unit: Unit, condition: ColumnElement[bool], most: int, what: str) -> None:
    if (unit.scalar(select(func.count()).select_from(Filter).where(condition)) or 0) >= most:
        raise Invalid(f"You have {most} {what} already.")


def _changed(unit: Unit, actor_id: int, filter_id: int) -> Filter:
    _note_change(unit, actor_id)
    return find_filter(unit, actor_id, filter_id)


def _note_change(unit: Unit, actor_id: int) -> None:
    stored_preference(unit, actor_id).filters_version += 1
    unit.flush()
    unit.publish(FiltersChanged(actor_id))
