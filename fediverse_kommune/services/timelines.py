"""What stands in which timeline: queries for lines, each with the id it is sorted by. Nothing is run here.

A line is a status or somebody's announce of one: (id, status_id, announce_id). Its id is that of what stands there, so
statuses and announces sort together. Every query holds `readable_by`, so a page is as full as its limit allows.
"""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from sqlalchemy import ColumnElement, Select, and_, exists, func, literal, or_, select, true, union_all
from sqlalchemy.orm import aliased

from activitypub.access import OPEN, readable_by
from activitypub.models import Actor, Announce, DomainAllow, Follow, Media, Mention, Status, StatusHashtag
from activitypub.models.base import Id
from activitypub.vocabulary import Visibility
from fediverse_kommune.models import FeedEntry, List, ListEntry, ListMember, RepliesPolicy, StatusCard
from fediverse_kommune.unwanted import is_out_of_sight, is_silenced, is_unwanted, leaves_home, mentions_unwanted

_NEIGHBOUR = aliased(Actor)
IS_PUBLIC = Status.visibility == Visibility.PUBLIC

Query = Select[*tuple[Any, ...]]


class Lines(Struct, frozen=True):
    """A query for the columns id, status_id and announce_id, and the column to sort and to page by."""

    query: Query
    cursor: Any


class Filter(Struct, frozen=True):
    """Which statuses a reader wants to see in a public timeline."""

    local: bool = False
    remote: bool = False
    only_media: bool = False


class TagFilter(Struct, frozen=True):
    """Further hashtags of a hashtag timeline, by their folded keys."""

    any: Sequence[str] = ()
    all: Sequence[str] = ()
    none: Sequence[str] = ()


class ProfileFilter(Struct, frozen=True):
    """Which lines of one actor a reader wants to see."""

    only_media: bool = False
    pinned: bool = False
    exclude_replies: bool = False
    exclude_announces: bool = False
    tag: str | None = None


def home(actor: Actor) -> Lines:
    """Return what fan-out put into the feed of `actor`, without what it may no longer read or want to see."""
    poster = func.coalesce(Announce.actor_id, Status.actor_id)
    elsewhere = and_(poster != actor.id, leaves_home(actor.id, poster))
    query = (
        select(FeedEntry.id, FeedEntry.status_id, FeedEntry.announce_id)
        .join(Status, Status.id == FeedEntry.status_id)
        .outerjoin(Announce, Announce.id == FeedEntry.announce_id)
        .where(FeedEntry.actor_id == actor.id, readable_by(actor), _wanted_line(actor), ~elsewhere)
    )
    return Lines(query, FeedEntry.id)


def of_list(actor: Actor, row: List) -> Lines:
    """Return what fan-out put into a list of `actor`, as far as its policy for replies lets it show."""
    query = (
        select(ListEntry.id, ListEntry.status_id, ListEntry.announce_id)
        .join(Status, Status.id == ListEntry.status_id)
        .outerjoin(Announce, Announce.id == ListEntry.announce_id)
        .where(ListEntry.list_id == row.id, readable_by(actor), _wanted_line(actor), _is_shown_by(row))
    )
    return Lines(query, ListEntry.id)


def direct(actor: Actor) -> Lines:
    """Return the direct posts that `actor` wrote or is named in."""
    line = (Status.id.label("id"), Status.id.label("status_id"), literal(None, Id).label("announce_id"))
    is_direct, named = Status.visibility == Visibility.DIRECT, aliased(Mention)
    written = select(*line).where(Status.actor_id == actor.id, is_direct)
    received = (
        select(*line)
        .join(named, named.status_id == Status.id)
        .where(named.actor_id == actor.id, Status.actor_id != actor.id)
        .where(is_direct, readable_by(actor), is_welcome(actor))
    )
    lines = union_all(written, received).subquery()
    return Lines(select(lines), lines.c.id)


def is_welcome(reader: Actor | None) -> ColumnElement[bool]:
    """Return the condition on `Status` for what may stand in a thread: not by whom the reader does not want to see.

    An answer that waits for the reader's consent stands among the requests instead.
    """
    if reader is None:
        return ~is_silenced(Status.actor_id)
    hidden = or_(is_unwanted(reader.id, Status.actor_id), is_out_of_sight(reader.id, Status.actor_id))
    return or_(Status.actor_id == reader.id, and_(Status.held.is_(False), ~hidden))


def public(reader: Actor | None, wanted: Filter) -> Lines:
    """Return public posts of everybody; replies only within an author's own thread."""
    own_thread = or_(Status.in_reply_to_uri.is_(None), Status.in_reply_to_actor_id == Status.actor_id)
    return Lines(_posts(own_thread, _public(reader, wanted)), Status.id)


def county(reader: Actor | None, wanted: Filter) -> Lines:
    """Return public posts from here and from the servers that are allowed by name, and what is for the county only."""
    covered = ("." + _NEIGHBOUR.host + ":").like("%." + DomainAllow.domain + ":%")
    allowed = exists().where(_NEIGHBOUR.id == Status.actor_id, covered)
    own_thread = or_(Status.in_reply_to_uri.is_(None), Status.in_reply_to_actor_id == Status.actor_id)
    seen = _public(reader, wanted, or_(Status.visibility == Visibility.PUBLIC, Status.bubble_only))
    return Lines(_posts(or_(Status.local, allowed), own_thread, seen), Status.id)


def tagged(reader: Actor | None, tag: str, wanted: Filter, more: TagFilter) -> Lines:
    """Return public posts with a hashtag. All tags are folded keys (`activitypub.hashtags.hashtag_key`)."""
    first = _has_tag([tag, *more.any])
    others = and_(true(), *(_has_tag([key]) for key in more.all))
    without = ~_has_tag(more.none) if more.none else true()
    return Lines(_posts(first, others, without, _public(reader, wanted)), Status.id)


def linking(reader: Actor | None, card_id: int) -> Lines:
    """Return public posts that show the preview of a page."""
    shows = exists().where(StatusCard.status_id == Status.id, StatusCard.card_id == card_id)
    return Lines(_posts(shows, _public(reader, Filter())), Status.id)


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
    if reader is not None and reader.id != actor_id:
        passed_on = passed_on.where(~is_unwanted(reader.id, Status.actor_id))
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


def _public(reader: Actor | None, wanted: Filter, seen: ColumnElement[bool] = IS_PUBLIC) -> ColumnElement[bool]:
    """Public, not by somebody the reader does not want to see, and not for the eyes of followers alone."""
    conditions = [seen, readable_by(reader), ~is_silenced(Status.actor_id)]
    if reader is not None:
        conditions.append(or_(Status.actor_id == reader.id, ~is_unwanted(reader.id, Status.actor_id)))
    if wanted.local != wanted.remote:
        conditions.append(Status.local.is_(wanted.local))
    if wanted.only_media:
        conditions.append(_has_media())
    return and_(*conditions)


def _wanted_line(reader: Actor) -> ColumnElement[bool]:
    """One's own, or neither by nor of anybody nor naming anybody whom the reader does not want to see."""
    by_unwanted = is_unwanted(reader.id, Status.actor_id, Announce.actor_id)
    return or_(Status.actor_id == reader.id, and_(~by_unwanted, ~mentions_unwanted(reader.id, Status.id)))


def _is_shown_by(row: List) -> ColumnElement[bool]:
    """True for a line that the policy of a list for replies lets show: answers to oneself and the owner always.

    Fan-out leaves out answers to whom the owner does not follow, so "followed" needs no further condition.
    """
    if row.replies_policy is RepliesPolicy.FOLLOWED:
        return true()
    answered = Status.in_reply_to_actor_id
    shown = [
        ListEntry.announce_id.is_not(None),
        Status.in_reply_to_uri.is_(None),
        answered == Status.actor_id,
        answered == row.actor_id,
    ]
    if row.replies_policy is RepliesPolicy.LIST:
        shown.append(exists().where(ListMember.list_id == row.id, ListMember.actor_id == answered))
    return or_(*shown)


def _has_media() -> ColumnElement[bool]:
    return exists().where(Media.status_id == Status.id)


def _has_tag(tags: Sequence[str]) -> ColumnElement[bool]:
    return exists().where(StatusHashtag.status_id == Status.id, StatusHashtag.tag.in_(tags))
