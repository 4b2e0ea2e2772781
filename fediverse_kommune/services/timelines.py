"""What stands in which timeline: queries for lines, each with the id it is sorted by. Nothing is run here.

A line is a status or somebody's announce of one: (id, status_id, announce_id). Its id is that of what stands there, so
statuses and announces sort together. Every query holds `readable_by`, so a page is as full as its limit allows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, literal, or_, select, true, union_all

from activitypub.access import OPEN, readable_by
from activitypub.models import Actor, Announce, Block, DomainBlock, Follow, Media, Severity, Status, StatusHashtag
from activitypub.models.base import Id
from activitypub.vocabulary import Visibility
from fediverse_kommune.models import FeedEntry

Query = Select[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Lines:
    """A query for the columns id, status_id and announce_id, and the column to sort and to page by."""

    query: Query
    cursor: Any


@dataclass(frozen=True, slots=True)
class Filter:
    """Which statuses a reader wants to see in a public timeline."""

    local: bool = False
    remote: bool = False
    only_media: bool = False


@dataclass(frozen=True, slots=True)
class TagFilter:
    """Further hashtags of a hashtag timeline, by their folded keys."""

    any: Sequence[str] = ()
    all: Sequence[str] = ()
    none: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class ProfileFilter:
    """Which lines of one actor a reader wants to see."""

    only_media: bool = False
    pinned: bool = False
    exclude_replies: bool = False
    exclude_announces: bool = False
    tag: str | None = None


def home(actor: Actor) -> Lines:
    """Return what fan-out put into the feed of `actor`, without what it may no longer read."""
    query = (
        select(FeedEntry.id, FeedEntry.status_id, FeedEntry.announce_id)
        .join(Status, Status.id == FeedEntry.status_id)
        .where(FeedEntry.actor_id == actor.id, readable_by(actor))
    )
    return Lines(query, FeedEntry.id)


def public(reader: Actor | None, wanted: Filter) -> Lines:
    """Return public posts of everybody; replies only within an author's own thread."""
    own_thread = or_(Status.in_reply_to_uri.is_(None), Status.in_reply_to_actor_id == Status.actor_id)
    return Lines(_posts(own_thread, _public(reader, wanted)), Status.id)


def tagged(reader: Actor | None, tag: str, wanted: Filter, more: TagFilter) -> Lines:
    """Return public posts with a hashtag. All tags are folded keys (`activitypub.hashtags.hashtag_key`)."""
    first = _has_tag([tag, *more.any])
    others = and_(true(), *(_has_tag([key]) for key in more.all))
    without = ~_has_tag(more.none) if more.none else true()
    return Lines(_posts(first, others, without, _public(reader, wanted)), Status.id)


def profile(reader: Actor | None, actor_id: int, wanted: ProfileFilter) -> Lines:
    """Return what an actor posted and passed on, as far as `reader` may read it."""
    conditions = [Status.actor_id == actor_id, readable_by(reader)]
    if wanted.only_media:
        conditions.append(_has_media())
    if wanted.pinned:
        conditions.append(Status.pinned_at.is_not(None))
    if wanted.exclude_replies:
        conditions.append(or_(Status.in_reply_to_uri.is_(None), Status.in_reply_to_actor_id == actor_id))
    if wanted.tag is not None:
        conditions.append(_has_tag([wanted.tag]))
    posted = _posts(*conditions)
    if wanted.exclude_announces or wanted.only_media or wanted.pinned or wanted.tag is not None:
        return Lines(posted, Status.id)
    passed_on = (
        select(Announce.id, Announce.status_id, Announce.id)
        .join(Status, Status.id == Announce.status_id)
        .where(Announce.actor_id == actor_id, announce_readable_by(reader), readable_by(reader))
    )
    lines = union_all(posted, passed_on).subquery()
    return Lines(select(lines), lines.c.id)


def announce_readable_by(reader: Actor | None) -> ColumnElement[bool]:
    """Return the condition on `Announce` under which `reader` may know of it; the status has its own."""
    if reader is None:
        return Announce.visibility.in_(OPEN)
    follows = exists().where(
        Follow.follower_id == reader.id, Follow.followed_id == Announce.actor_id, Follow.accepted_at.is_not(None)
    )
    return or_(Announce.visibility.in_(OPEN), Announce.actor_id == reader.id, follows)


def _posts(*conditions: ColumnElement[bool]) -> Query:
    line = (Status.id.label("id"), Status.id.label("status_id"), literal(None, Id).label("announce_id"))
    return select(*line).where(*conditions)


def _public(reader: Actor | None, wanted: Filter) -> ColumnElement[bool]:
    """Public, not by somebody the reader blocks, and not from where only followers should see anything."""
    conditions = [Status.visibility == Visibility.PUBLIC, readable_by(reader), ~_is_silenced()]
    if reader is not None:
        blocked = exists().where(Block.actor_id == reader.id, Block.target_id == Status.actor_id)
        conditions.append(~blocked)
    if wanted.local != wanted.remote:
        conditions.append(Status.local.is_(wanted.local))
    if wanted.only_media:
        conditions.append(_has_media())
    return and_(*conditions)


def _is_silenced() -> ColumnElement[bool]:
    """True for an author whose domain, or one above it, the moderators have silenced (row I01)."""
    # "." in front and ":" behind, so that one pattern finds the domain, what is below it, and a test network's ports.
    covered = ("." + Actor.host + ":").like("%." + DomainBlock.domain + ":%")
    silenced = exists().where(DomainBlock.severity == Severity.SILENCE, covered)
    return and_(Status.local.is_(False), exists().where(Actor.id == Status.actor_id, silenced))


def _has_media() -> ColumnElement[bool]:
    return exists().where(Media.status_id == Status.id)


def _has_tag(tags: Sequence[str]) -> ColumnElement[bool]:
    return exists().where(StatusHashtag.status_id == Status.id, StatusHashtag.tag.in_(tags))
