"""What moderators decide about trends and hashtags: each decision holds at once, and stands in the log.

Mastodon's routes for it are in its source (`api/v1/admin/trends`, `api/v1/admin/tags`); its documentation describes
the reading half. https://docs.joinmastodon.org/methods/admin/trends/
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from enum import Enum
from functools import cache

from msgspec import Struct
from sqlalchemy import ColumnElement, Select, String, bindparam, cast, delete, exists, func, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session

from activitypub.access import OPEN, readable_by
from activitypub.hashtags import hashtag_key, hashtag_name
from activitypub.models import Status, StatusHashtag
from activitypub.unit import Unit
from activitypub.uris import host_of
from fediverse_kommune.events import TrendsReviewed
from fediverse_kommune.inserts import insert_new_row
from fediverse_kommune.models import HashtagRule, PreviewCard, TrendKind, TrendReview
from fediverse_kommune.services.refusals import Invalid, NotFound
from fediverse_kommune.services.staff import Done, Officer, Permission, deed
from fediverse_kommune.services.tags import Tag, find_tag

TAXONOMIES = Permission.MANAGE_TAXONOMIES
KEPT = timedelta(days=180)  # decisions about single posts and pages

Key = ColumnElement[str] | InstrumentedAttribute[str]


class Undecided(Enum):
    """What becomes of that about which nothing was decided; NO_MATTER: nor does it matter what was decided."""

    SHOWN = "shown"
    HIDDEN = "hidden"
    NO_MATTER = "no matter"


class Publisher(Struct, frozen=True):
    """A site whose pages are linked to: its origin, and what was decided about it (None: nothing yet)."""

    origin: str
    review: TrendReview | None

    @property
    def domain(self) -> str:
        """The host, by which moderators name it."""
        return host_of(self.origin)


class TagChange(Struct, frozen=True):
    """What is to be different about a hashtag; None leaves it as it is."""

    name: str | None = None
    trendable: bool | None = None
    usable: bool | None = None
    listable: bool | None = None


# --------------------------------------------------------------------------------------------------- deeds


@deed("trend.approve", TAXONOMIES)
def approve(unit: Unit, _officer: Officer, kind: TrendKind, subject: str) -> Done[None]:
    """Let something be a trend; a site, all of its pages that nothing else was decided about. Raises `NotFound`."""
    return _decide(unit, kind, subject, allowed=True)


@deed("trend.reject", TAXONOMIES)
def reject(unit: Unit, _officer: Officer, kind: TrendKind, subject: str) -> Done[None]:
    """Let something not be a trend. Raises `NotFound`."""
    return _decide(unit, kind, subject, allowed=False)


@deed("tag.update", TAXONOMIES)
def update_tag(unit: Unit, _officer: Officer, text: str, change: TagChange) -> Done[None]:
    """Change how a hashtag may be used. Raises `NotFound` for one that nobody uses, `Invalid` for another's name."""
    tag = _used_tag(unit, text)
    if change.name is not None and hashtag_key(hashtag_name(change.name) or "") != tag.key:
        raise Invalid("Validation failed: Display name can only differ in capitals from the hashtag")
    row = unit.get(HashtagRule, tag.key)
    if row is None:
        insert_new_row(unit, HashtagRule, tag=tag.key, name=None, usable=True, listable=True)
        row = unit.get_one(HashtagRule, tag.key)
    row.name = row.name if change.name is None else hashtag_name(change.name)
    row.usable = row.usable if change.usable is None else change.usable
    row.listable = row.listable if change.listable is None else change.listable
    unit.flush()
    if change.trendable is not None:
        _store(unit, TrendKind.TAG, tag.key, allowed=change.trendable)
    unit.publish(TrendsReviewed())
    said = {"name": change.name, "trendable": change.trendable, "usable": change.usable, "listable": change.listable}
    return Done(f"#{tag.name}", None, {name: value for name, value in said.items() if value is not None})


def _decide(unit: Unit, kind: TrendKind, subject: str, *, allowed: bool) -> Done[None]:
    key, shown = _found(unit, kind, subject)
    _store(unit, kind, key, allowed=allowed)
    unit.publish(TrendsReviewed())
    return Done(shown, None, {"kind": kind.value})


def _found(session: Session, kind: TrendKind, subject: str) -> tuple[str, str]:
    """Return by what a decision is kept, and what people call the thing. Raises `NotFound`."""
    match kind:
        case TrendKind.TAG:
            tag = _used_tag(session, subject)
            return tag.key, f"#{tag.name}"
        case TrendKind.PUBLISHER:
            origin = find_publisher(session, subject).origin
            return origin, host_of(origin)
        case TrendKind.LINK:
            shown = session.scalar(select(PreviewCard.url).where(PreviewCard.id == int(subject)))
        case TrendKind.STATUS:
            shown = session.scalar(select(Status.uri).where(Status.id == int(subject), readable_by(None)))
    if shown is None:
        raise NotFound
    return subject, shown


def _used_tag(session: Session, text: str) -> Tag:
    tag = find_tag(session, text)
    if session.scalar(select(StatusHashtag.tag).where(StatusHashtag.tag == tag.key).limit(1)) is None:
        raise NotFound
    return tag


def _store(unit: Unit, kind: TrendKind, subject: str, *, allowed: bool) -> None:
    unit.execute(delete(TrendReview).where(TrendReview.kind == kind, TrendReview.subject == subject))
    insert_new_row(unit, TrendReview, kind=kind, subject=subject, allowed=allowed, reviewed_at=unit.now)


def sweep(unit: Unit) -> None:
    """Forget what was decided about posts and pages long ago: they are no news any more."""
    passing = TrendReview.kind.in_((TrendKind.STATUS, TrendKind.LINK))
    unit.execute(delete(TrendReview).where(passing, TrendReview.reviewed_at < unit.now - KEPT))


# ------------------------------------------------------------------------------------------------- reading


def may_trend(rest: Undecided, *subjects: tuple[TrendKind, Key]) -> ColumnElement[bool]:
    """Return the condition that holds for what may be a trend: by the first decision about one of these, if any."""
    if rest is Undecided.NO_MATTER:
        return true()
    decisions = [
        select(TrendReview.allowed).where(TrendReview.kind == kind, TrendReview.subject == subject).scalar_subquery()
        for kind, subject in subjects
    ]
    return func.coalesce(*decisions, rest is Undecided.SHOWN).is_(True)


def by_number(column: InstrumentedAttribute[int]) -> ColumnElement[str]:
    """Return an id as reviews name it."""
    return cast(column, String)


def reviews_of(session: Session, kind: TrendKind, subjects: Collection[str]) -> Mapping[str, TrendReview]:
    """Return what was decided about some of these, by what they are kept as."""
    rows = session.scalars(select(TrendReview).where(TrendReview.kind == kind, TrendReview.subject.in_(subjects)))
    return {row.subject: row for row in rows}


def rules_of(session: Session, keys: Collection[str]) -> Mapping[str, HashtagRule]:
    """Return how some of these hashtags may be used, where that was said."""
    return {row.tag: row for row in session.scalars(select(HashtagRule).where(HashtagRule.tag.in_(keys)))}


def unusable_among(unit: Unit, keys: Collection[str]) -> frozenset[str]:
    """Return which of these hashtags become no links in what people here write."""
    return frozenset(unit.run(_unusable(), {"keys": list(keys)}).scalars()) if keys else frozenset()


@cache
def _unusable() -> Select[str]:
    wanted = HashtagRule.tag.in_(bindparam("keys", type_=String, expanding=True))
    return select(HashtagRule.tag).where(wanted, HashtagRule.usable.is_(False))


def publishers_of(session: Session, card_ids: Sequence[int]) -> list[Publisher]:
    """Return the sites of these pages that name one, each once, in the order of their pages."""
    named = PreviewCard.id.in_(card_ids), PreviewCard.provider_url != ""
    rows = session.execute(select(PreviewCard.id, PreviewCard.provider_url).where(*named))
    found = {row.id: row.provider_url for row in rows}
    origins = list(dict.fromkeys(found[card_id] for card_id in card_ids if card_id in found))
    reviews = reviews_of(session, TrendKind.PUBLISHER, origins)
    return [Publisher(origin, reviews.get(origin)) for origin in origins]


def find_publisher(session: Session, domain: str) -> Publisher:
    """Return a site some page of which is known here. Raises `NotFound`."""
    origins = [f"{scheme}://{domain}" for scheme in ("https", "http")]
    origin = session.scalar(select(PreviewCard.provider_url).where(PreviewCard.provider_url.in_(origins)).limit(1))
    if origin is None:
        raise NotFound
    return Publisher(origin, session.get(TrendReview, (TrendKind.PUBLISHER, origin)))


def all_tags(session: Session, limit: int, offset: int) -> list[Tag]:
    """Return the hashtags of posts that are for everybody, the one that was used last first."""
    last = func.max(StatusHashtag.status_id)
    is_open = exists().where(Status.id == StatusHashtag.status_id, Status.visibility.in_(OPEN), Status.held.is_(False))
    rows = session.execute(
        select(StatusHashtag.tag, func.max(StatusHashtag.name))
        .where(is_open)
        .group_by(StatusHashtag.tag)
        .order_by(last.desc(), StatusHashtag.tag)
        .limit(limit)
        .offset(offset)
    )
    return [Tag(key, name) for key, name in rows]
