"""Home timelines: who among the locals finds a status or an announce in theirs.

Every function is one or two statements however many follow: rows are selected and inserted inside the database. The
rules are Mastodon's (https://docs.joinmastodon.org/methods/timelines/#home): a reply shows only to those who follow
the one it answers, what is direct shows in no home timeline, and a status stands once in each.
"""

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    bindparam,
    delete,
    exists,
    func,
    literal,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.orm import aliased

from activitypub.events import ActorBlocked, FollowAccepted, FollowEnded, StatusAnnounced, StatusCreated
from activitypub.models import Actor, Announce, Follow, Status
from activitypub.models.base import Id
from activitypub.unit import Unit
from activitypub.vocabulary import Visibility
from fediverse_kommune.fanout.blocks import blocked_between
from fediverse_kommune.inserts import insert_new_row, insert_selected, new_rows_statement
from fediverse_kommune.models import FeedEntry

FEED_LIMIT = 800  # lines of one home timeline; Mastodon keeps as many
BACKFILL = 20  # posts of somebody newly followed that the follower finds in the home timeline at once

COLUMNS = ("actor_id", "id", "status_id", "announce_id")


def on_status_created(unit: Unit, event: StatusCreated) -> None:
    """Put a status into the feeds of its author, if local, and of the author's local followers."""
    status = event.status
    if status.visibility is Visibility.DIRECT:
        return
    if status.local:
        insert_new_row(unit, FeedEntry, actor_id=status.actor_id, id=status.id, status_id=status.id)
    if _is_reply(status) and status.in_reply_to_actor_id is None:
        return  # an answer to something that nobody here can see
    answers_others = _is_reply(status) and status.in_reply_to_actor_id != status.actor_id
    rows = _lines_of_reply if answers_others else _lines_of_status
    statement = new_rows_statement(unit.get_bind().dialect.name, FeedEntry, COLUMNS, rows)
    known = {"author": status.actor_id, "status": status.id}
    unit.run(statement, known | ({"parent_author": status.in_reply_to_actor_id} if answers_others else {}))


def _lines_of_status() -> Any:
    """Select the line of the status `:status` for every local follower of `:author`."""
    line = bindparam("status", type_=Id)
    receivers = _receivers(bindparam("author", type_=Id))
    return receivers.with_only_columns(Follow.follower_id, line, line, literal(None, Id))


def _lines_of_reply() -> Any:
    """Select the same for those only who are or follow `:parent_author`."""
    return _lines_of_status().where(_knows_parent(bindparam("parent_author", type_=Id)))


def on_status_announced(unit: Unit, event: StatusAnnounced) -> None:
    """Put an announce into the feeds of the announcer, if local, and of local followers who want announces."""
    announce, status = event.announce, event.status
    if announce.visibility is Visibility.DIRECT:
        return
    own = Actor.id == announce.actor_id
    line = _line(status.id, announce.id)
    insert_selected(unit, FeedEntry, COLUMNS, select(Actor.id, *line).where(own, Actor.domain.is_(None)))
    receivers = _receivers(announce.actor_id).where(
        Follow.show_announces,
        Follow.follower_id != status.actor_id,
        ~blocked_between(Follow.follower_id, status.actor_id),
    )
    if status.visibility is Visibility.PRIVATE:
        receivers = receivers.where(_follows(status.actor_id))
    insert_selected(unit, FeedEntry, COLUMNS, receivers.with_only_columns(Follow.follower_id, *line))


def on_follow_accepted(unit: Unit, event: FollowAccepted) -> None:
    """Show a new follower, if local, the latest that the followed actor posted or passed on."""
    follow = event.follow
    lines = _latest(follow.followed_id, announces=follow.show_announces).subquery()
    entries = (
        select(Actor.id, lines.c.id, lines.c.status_id, lines.c.announce_id)
        .join_from(Actor, lines, true())
        .where(Actor.id == follow.follower_id, Actor.domain.is_(None))
    )
    insert_selected(unit, FeedEntry, COLUMNS, entries)


def on_follow_ended(unit: Unit, event: FollowEnded) -> None:
    """Take what somebody posted or announced out of the feed of one who no longer follows."""
    _forget(unit, event.follower_id, event.followed_id)


def on_actor_blocked(unit: Unit, event: ActorBlocked) -> None:
    """Take each out of the other's feed, also what third parties announced of them."""
    actor_id, target_id = event.block.actor_id, event.block.target_id
    for owner, other in ((actor_id, target_id), (target_id, actor_id)):
        _forget(unit, owner, other, also_announced=True)


def trim_feeds(unit: Unit) -> None:
    """Drop what stands below the limit of each feed. Housekeeping, not part of a request."""
    place = func.row_number().over(partition_by=FeedEntry.actor_id, order_by=FeedEntry.id.desc()).label("place")
    ranked = select(FeedEntry.actor_id, FeedEntry.id, place).subquery()
    full = select(ranked.c.actor_id, func.max(ranked.c.id).label("last")).where(ranked.c.place > FEED_LIMIT)
    last = full.group_by(ranked.c.actor_id).subquery()
    below = exists().where(last.c.actor_id == FeedEntry.actor_id, FeedEntry.id <= last.c.last)
    unit.execute(delete(FeedEntry).where(below).execution_options(synchronize_session=False))


# ------------------------------------------------------------------------------------------------ conditions


def _receivers(actor_id: int | ColumnElement[int]) -> Select[Any]:
    """Select the follows of local actors who follow `actor_id` and have no block with them either way."""
    return (
        select(Follow.follower_id)
        .join(Actor, Actor.id == Follow.follower_id)
        .where(
            Follow.followed_id == actor_id,
            Follow.accepted_at.is_not(None),
            Actor.domain.is_(None),
            ~blocked_between(Follow.follower_id, actor_id),
        )
    )


def _knows_parent(parent_author: ColumnElement[int]) -> ColumnElement[bool]:
    return or_(Follow.follower_id == parent_author, _follows(parent_author))


def _follows(actor_id: int | ColumnElement[int]) -> ColumnElement[bool]:
    """True for a receiver who follows this actor, too."""
    also = aliased(Follow)
    return exists().where(
        also.follower_id == Follow.follower_id, also.followed_id == actor_id, also.accepted_at.is_not(None)
    )


def _line(status_id: int, announce_id: int | None) -> tuple[ColumnElement[Any], ...]:
    """Return the columns of an entry after its owner: id, status and announce."""
    return literal(announce_id or status_id, Id), literal(status_id, Id), literal(announce_id, Id)


def _is_reply(status: Status) -> bool:
    return status.in_reply_to_uri is not None


def _latest(actor_id: int, *, announces: bool) -> Select[Any]:
    """Select the newest lines of an actor for its followers: no replies but its own threads, nothing direct."""
    own_thread = or_(Status.in_reply_to_uri.is_(None), Status.in_reply_to_actor_id == actor_id)
    shown = and_(Status.actor_id == actor_id, Status.visibility != Visibility.DIRECT, own_thread)
    posted: Any = select(
        Status.id.label("id"), Status.id.label("status_id"), literal(None, Id).label("announce_id")
    ).where(shown)
    if announces:
        open_to_all = Announce.visibility.in_((Visibility.PUBLIC, Visibility.UNLISTED))
        passed_on = select(Announce.id, Announce.status_id, Announce.id).where(
            Announce.actor_id == actor_id, open_to_all
        )
        posted = union_all(posted, passed_on)
    lines = posted.subquery()
    return select(lines).order_by(lines.c.id.desc()).limit(BACKFILL)


def _forget(unit: Unit, owner: int, other: int, *, also_announced: bool = False) -> None:
    """Remove the lines of `other` from the feed of `owner`."""
    written = FeedEntry.status_id.in_(select(Status.id).where(Status.actor_id == other))
    posted = written if also_announced else and_(FeedEntry.announce_id.is_(None), written)
    passed_on = FeedEntry.announce_id.in_(select(Announce.id).where(Announce.actor_id == other))
    unit.execute(
        delete(FeedEntry)
        .where(FeedEntry.actor_id == owner, or_(posted, passed_on))
        .execution_options(synchronize_session=False)
    )
