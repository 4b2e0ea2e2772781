"""Hashtags: how much they are used, who follows them, and which somebody shows on the profile.

https://docs.joinmastodon.org/methods/tags/ and https://docs.joinmastodon.org/methods/featured_tags/
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta

from msgspec import Struct
from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session

from activitypub.access import OPEN
from activitypub.graph import featured as graph
from activitypub.hashtags import hashtag_key, hashtag_name
from activitypub.models import Actor, FeaturedTag, Status, StatusHashtag, first_id_at, new_id
from activitypub.unit import Unit
from activitypub.vocabulary import Visibility
from fediverse_kommune.fanout import timelines as feeds
from fediverse_kommune.inserts import insert_new_row
from fediverse_kommune.models import FollowedTag, HashtagRule
from fediverse_kommune.services.refusals import Invalid, NotFound
from outbox import send

DAYS = 7  # of which the use of a hashtag is told
SUGGESTIONS = 10
FOLLOWED_TAGS = 1_000  # by one actor: each costs a look at every post with hashtags
_DAY = 86_400_000 << 16  # as the ids of statuses count time


class Tag(Struct, frozen=True):
    """A hashtag by its folded key, as it is written."""

    key: str
    name: str


class Use(Struct, frozen=True):
    """How often a hashtag was used on a day, and by how many."""

    day: date
    uses: int = 0
    accounts: int = 0


class FeaturedUse(Struct, frozen=True):
    """How many open posts of an actor have a hashtag, and when the last one was written."""

    statuses: int = 0
    last_at: datetime | None = None


def parse_tag(text: str) -> Tag:
    """Return the hashtag that a text names. Raises `NotFound` for what cannot be one."""
    name = hashtag_name(text)
    if name is None:
        raise NotFound
    return Tag(hashtag_key(name), name)


def find_tag(session: Session, text: str) -> Tag:
    """Return a hashtag as moderators want it written, as it was last, or as it is asked for.

    Raises `NotFound` for what cannot be one.
    """
    tag = parse_tag(text)
    last = select(StatusHashtag.name).where(StatusHashtag.tag == tag.key).order_by(StatusHashtag.status_id.desc())
    said = select(HashtagRule.name).where(HashtagRule.tag == tag.key)
    name = session.scalar(select(func.coalesce(said.scalar_subquery(), last.limit(1).scalar_subquery())))
    return Tag(tag.key, name or tag.name)


def count_uses(session: Session, keys: Collection[str], now: datetime) -> Mapping[str, Sequence[Use]]:
    """Return for each hashtag how it was used in public on each day of the week, today first. One statement."""
    days = [(now.astimezone(UTC) - timedelta(days=back)).date() for back in range(DAYS)]
    since = first_id_at(datetime.combine(days[-1], time(), UTC))
    # An id holds the milliseconds since 1970, so a day is a number of it.
    day: ColumnElement[int] = StatusHashtag.status_id // _DAY
    rows = session.execute(
        select(StatusHashtag.tag, day, func.count(), func.count(func.distinct(Status.actor_id)))
        .join(Status, Status.id == StatusHashtag.status_id)
        .where(
            StatusHashtag.tag.in_(keys),
            StatusHashtag.status_id >= since,
            Status.visibility == Visibility.PUBLIC,
            Status.held.is_(False),
        )
        .group_by(StatusHashtag.tag, day)
    )
    counted = {(key, date(1970, 1, 1) + timedelta(days=number)): (uses, users) for key, number, uses, users in rows}
    return {key: [Use(one, *counted.get((key, one), (0, 0))) for one in days] for key in keys}


# ---------------------------------------------------------------------------------------------- following


def follow_tag(unit: Unit, actor: Actor, text: str) -> Tag:
    """Have public posts with a hashtag in the home timeline; a second time changes nothing.

    Raises `NotFound` for what cannot be one, and `Invalid` if there are too many.
    """
    tag = find_tag(unit, text)
    followed = unit.scalar(select(func.count()).where(FollowedTag.actor_id == actor.id)) or 0
    if followed >= FOLLOWED_TAGS:
        raise Invalid(f"You follow {FOLLOWED_TAGS} hashtags already: unfollow one first.")
    row = {"id": new_id(unit.now), "actor_id": actor.id, "tag": tag.key, "name": tag.name, "created_at": unit.now}
    insert_new_row(unit, FollowedTag, **row)
    return tag


def unfollow_tag(unit: Unit, actor: Actor, text: str) -> Tag:
    """Have them there no longer, nor those that only this hashtag brought. Raises `NotFound` for what cannot be one."""
    tag = find_tag(unit, text)
    gone = delete(FollowedTag).where(FollowedTag.actor_id == actor.id, FollowedTag.tag == tag.key)
    if unit.execute(gone.returning(FollowedTag.id)).first() is not None:
        feeds.on_tag_unfollowed(unit, actor.id, tag.key)
    return tag


def followed_among(session: Session, actor: Actor, keys: Collection[str]) -> frozenset[str]:
    """Return which of these hashtags an actor follows."""
    mine = select(FollowedTag.tag).where(FollowedTag.actor_id == actor.id, FollowedTag.tag.in_(keys))
    return frozenset(session.scalars(mine))


# ---------------------------------------------------------------------------------------------- featuring


def feature_tag(unit: Unit, actor: Actor, text: str) -> FeaturedTag:
    """Show a hashtag on the profile and tell followers; one that is there stays. Raises `Invalid`."""
    name = hashtag_name(text)
    if name is None:
        raise Invalid("Validation failed: Tag is invalid")
    tag = find_tag(unit, name)
    existing = graph.find_featured_tag(unit, actor.id, tag.key)
    if existing is not None:
        return existing
    if graph.count_featured_tags(unit, actor.id) >= graph.FEATURED_TAGS:
        raise Invalid(f"Validation failed: {graph.FEATURED_TAGS} hashtags are featured already")
    row = graph.feature_tag(unit, actor, tag.key, name)
    send.send_add_hashtag(unit, actor, row)
    return row


def unfeature_tag(unit: Unit, actor: Actor, row_id: int) -> None:
    """Show a hashtag there no longer, by the id of its row. Raises `NotFound`."""
    row = unit.get(FeaturedTag, row_id)
    if row is None or row.actor_id != actor.id:
        raise NotFound
    _unfeature(unit, actor, row)


def unfeature_named(unit: Unit, actor: Actor, text: str) -> Tag:
    """Show a hashtag there no longer, by its name; it need not be there. Raises `NotFound` for what cannot be one."""
    tag = find_tag(unit, text)
    row = graph.find_featured_tag(unit, actor.id, tag.key)
    if row is not None:
        _unfeature(unit, actor, row)
    return tag


def featured_by(session: Session, actor_id: int) -> list[FeaturedTag]:
    """Return what an actor shows, in the order in which it was chosen."""
    query = select(FeaturedTag).where(FeaturedTag.actor_id == actor_id).order_by(FeaturedTag.id)
    return list(session.scalars(query))


def featured_among(session: Session, actor: Actor, keys: Collection[str]) -> frozenset[str]:
    """Return which of these hashtags an actor shows."""
    mine = select(FeaturedTag.tag).where(FeaturedTag.actor_id == actor.id, FeaturedTag.tag.in_(keys))
    return frozenset(session.scalars(mine))


def count_featured(session: Session, actor_id: int, keys: Collection[str]) -> Mapping[str, FeaturedUse]:
    """Return how often an actor used each of these hashtags in open posts. One statement."""
    rows = session.execute(
        select(StatusHashtag.tag, func.count(), func.max(Status.published_at))
        .join(Status, Status.id == StatusHashtag.status_id)
        .where(*_open_posts_of(actor_id), StatusHashtag.tag.in_(keys))
        .group_by(StatusHashtag.tag)
    )
    return {key: FeaturedUse(uses, last_at) for key, uses, last_at in rows}


def suggest_featured(session: Session, actor: Actor) -> list[Tag]:
    """Return the hashtags that an actor uses most in open posts and does not show yet."""
    shown = select(FeaturedTag.tag).where(FeaturedTag.actor_id == actor.id)
    rows = session.execute(
        select(StatusHashtag.tag, func.max(StatusHashtag.name))
        .join(Status, Status.id == StatusHashtag.status_id)
        .where(*_open_posts_of(actor.id), StatusHashtag.tag.not_in(shown))
        .group_by(StatusHashtag.tag)
        .order_by(func.count().desc(), StatusHashtag.tag)
        .limit(SUGGESTIONS)
    )
    return [Tag(key, name) for key, name in rows]


def _open_posts_of(actor_id: int) -> tuple[ColumnElement[bool], ...]:
    return (Status.actor_id == actor_id, Status.visibility.in_(OPEN), Status.held.is_(False))


def _unfeature(unit: Unit, actor: Actor, row: FeaturedTag) -> None:
    graph.unfeature_tag(unit, row)
    send.send_remove_hashtag(unit, actor, row)
