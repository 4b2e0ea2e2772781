"""Home timelines and lists: who among the locals finds a status or an announce in theirs.

Every function is a few statements however many follow: rows are selected and inserted inside the database. The
rules are Mastodon's (https://docs.joinmastodon.org/methods/timelines/#home): a reply shows only to those who follow
the one it answers, what is direct shows in no home timeline, and a status stands once in each. Who follows a hashtag
finds the public posts with it, too.

What somebody does not want to see is left out when it is read (`fediverse_kommune.unwanted`), so that it is there
again when a mute ends. Only an announce by such a hand takes no line: another's announce of the same may come.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    Text,
    and_,
    bindparam,
    cast,
    delete,
    exists,
    func,
    literal,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, aliased

from activitypub.events import ActorBlocked, FollowAccepted, FollowEnded, StatusAnnounced, StatusCreated
from activitypub.models import Actor, Announce, Endorsement, Follow, Status, StatusHashtag
from activitypub.models.base import Id
from activitypub.unit import Unit
from activitypub.vocabulary import Visibility
from fediverse_kommune.fanout.blocks import blocked_between
from fediverse_kommune.inserts import insert_new_row, insert_selected, new_rows_statement
from fediverse_kommune.models import FeedEntry, FollowedTag, List, ListEntry, ListMember
from fediverse_kommune.unwanted import is_silenced, is_unwanted, leaves_home

FEED_LIMIT = 800  # lines of one home timeline; Mastodon keeps as many
LIST_LIMIT = 400  # … and of one list
BACKFILL = 20  # posts of somebody newly followed that the follower finds in the home timeline at once
LIST_BACKFILL = 100  # … and of somebody newly on a list, which is for those who post rarely

COLUMNS = ("actor_id", "id", "status_id", "announce_id")
LIST_COLUMNS = ("list_id", "id", "status_id", "announce_id")

AUTHOR, STATUS, PARENT_AUTHOR = (bindparam(name, type_=Id) for name in ("author", "status", "parent_author"))
LANGUAGE = bindparam("language", type_=String)
_ALSO, _OWNERS = aliased(Follow), aliased(Follow)  # made once: the columns of a fresh alias cost a millisecond


def on_status_created(unit: Unit, event: StatusCreated) -> None:
    """Put a status into the feeds of its author, if local, of the author's local followers, and where tags lead."""
    status = event.status
    if status.visibility is Visibility.DIRECT:
        return
    if status.local:
        insert_new_row(unit, FeedEntry, actor_id=status.actor_id, id=status.id, status_id=status.id)
    if not _is_reply(status) or status.in_reply_to_actor_id is not None:  # else nobody here can see what it answers
        _show_to_followers(unit, status)
    if status.hashtags and status.visibility is Visibility.PUBLIC:
        known = {"author": status.actor_id, "status": status.id}
        unit.run(_statement(unit, FeedEntry, _lines_of_tags), known)


def _show_to_followers(unit: Unit, status: Status) -> None:
    answers_others = _is_reply(status) and status.in_reply_to_actor_id != status.actor_id
    known = {"author": status.actor_id, "status": status.id, "language": status.language}
    if answers_others:
        known["parent_author"] = status.in_reply_to_actor_id
    unit.run(_statement(unit, FeedEntry, _lines_of_reply if answers_others else _lines_of_status), known)
    unit.run(_statement(unit, ListEntry, _list_lines_of_reply if answers_others else _list_lines_of_status), known)


def _statement(unit: Unit, table: type[FeedEntry | ListEntry], rows: Any) -> Any:
    columns = COLUMNS if table is FeedEntry else LIST_COLUMNS
    return new_rows_statement(unit.get_bind().dialect.name, table, columns, rows)


def _lines_of_status() -> Any:
    """Select the line of the status `:status` for every local follower of `:author`."""
    receivers = _receivers(AUTHOR).where(_is_understood(Follow), ~leaves_home(Follow.follower_id, AUTHOR))
    return receivers.with_only_columns(Follow.follower_id, STATUS, STATUS, literal(None, Id))


def _lines_of_reply() -> Any:
    """Select the same for those only who are or follow `:parent_author`."""
    return _lines_of_status().where(_knows(Follow.follower_id, PARENT_AUTHOR))


def _list_lines_of_status() -> Any:
    """Select the line of the status `:status` for every list that `:author` is on."""
    return _lists_with(AUTHOR, _is_understood).with_only_columns(ListMember.list_id, STATUS, STATUS, literal(None, Id))


def _list_lines_of_reply() -> Any:
    """Select the same for lists of those only who are or follow `:parent_author`."""
    return _list_lines_of_status().where(_knows(List.actor_id, PARENT_AUTHOR))


def _lines_of_tags() -> Any:
    """Select the line of the status `:status` for everybody who follows one of its hashtags."""
    return (
        select(FollowedTag.actor_id, STATUS, STATUS, literal(None, Id))
        .join(StatusHashtag, StatusHashtag.tag == FollowedTag.tag)
        .where(StatusHashtag.status_id == STATUS, FollowedTag.actor_id != AUTHOR, ~is_silenced(AUTHOR))
        .distinct()
    )


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
        ~leaves_home(Follow.follower_id, announce.actor_id),
        *_may_see_announce(Follow.follower_id, announce, status),
    )
    insert_selected(unit, FeedEntry, COLUMNS, receivers.with_only_columns(Follow.follower_id, *line))
    lists = _lists_with(announce.actor_id, lambda follow: follow.show_announces).where(
        *_may_see_announce(List.actor_id, announce, status)
    )
    insert_selected(unit, ListEntry, LIST_COLUMNS, lists.with_only_columns(ListMember.list_id, *line))


def _may_see_announce(
    receiver: InstrumentedAttribute[int], announce: Announce, status: Status
) -> list[ColumnElement[bool]]:
    conditions = [
        receiver != status.actor_id,
        ~blocked_between(receiver, status.actor_id),
        ~is_unwanted(receiver, announce.actor_id),
    ]
    if status.visibility is Visibility.PRIVATE:
        conditions.append(_follows(receiver, status.actor_id))
    return conditions


def on_follow_accepted(unit: Unit, event: FollowAccepted) -> None:
    """Show a new follower, if local, the latest that the followed actor posted or passed on."""
    show_latest(unit, event.follow)


def show_latest(unit: Unit, follow: Follow) -> None:
    """Put the latest of the followed actor where a local follower looks, each line at its place in time."""
    fill_home(unit, follow)
    _fill_lists(unit, follow, List.actor_id == follow.follower_id)


def fill_home(unit: Unit, follow: Follow) -> None:
    """Put the latest of the followed actor into the home timeline of a local follower who wants to see it there."""
    lines = _latest(follow, BACKFILL).subquery()
    shown = (Actor.id == follow.follower_id, Actor.domain.is_(None), ~leaves_home(Actor.id, follow.followed_id))
    entries = (
        select(Actor.id, lines.c.id, lines.c.status_id, lines.c.announce_id)
        .join_from(Actor, lines, true())
        .where(*shown)
    )
    insert_selected(unit, FeedEntry, COLUMNS, entries)


def fill_list(unit: Unit, list_id: int, follow: Follow) -> None:
    """Put the latest of somebody who is on a list now into it; `follow` is that of the list's owner."""
    _fill_lists(unit, follow, List.id == list_id)


def _fill_lists(unit: Unit, follow: Follow, which: ColumnElement[bool]) -> None:
    lines = _latest(follow, LIST_BACKFILL).subquery()
    entries = (
        select(ListMember.list_id, lines.c.id, lines.c.status_id, lines.c.announce_id)
        .join(List, List.id == ListMember.list_id)
        .join(lines, true())
        .where(ListMember.actor_id == follow.followed_id, which)
    )
    insert_selected(unit, ListEntry, LIST_COLUMNS, entries)


def empty_list(unit: Unit, list_id: int, member_ids: Sequence[int]) -> None:
    """Take what some posted or announced out of a list they are no longer on."""
    for member_id in member_ids:
        _forget(unit, ListEntry, ListEntry.list_id == list_id, member_id)


def on_follow_ended(unit: Unit, event: FollowEnded) -> None:
    """Take what somebody posted or announced out of the feed of one who no longer follows, and them off all lists."""
    owner, other = event.follower_id, event.followed_id
    lists = select(List.id).where(List.actor_id == owner)
    _forget(unit, FeedEntry, FeedEntry.actor_id == owner, other)
    _forget(unit, ListEntry, ListEntry.list_id.in_(lists), other)
    on_list = delete(ListMember).where(ListMember.list_id.in_(lists), ListMember.actor_id == other)
    shown = delete(Endorsement).where(Endorsement.actor_id == owner, Endorsement.target_id == other)
    for statement in (on_list, shown):
        unit.execute(statement.execution_options(synchronize_session=False))


def on_actor_blocked(unit: Unit, event: ActorBlocked) -> None:
    """Take each out of the other's feed and lists, also what third parties announced of them."""
    actor_id, target_id = event.block.actor_id, event.block.target_id
    for owner, other in ((actor_id, target_id), (target_id, actor_id)):
        lists = select(List.id).where(List.actor_id == owner)
        _forget(unit, FeedEntry, FeedEntry.actor_id == owner, other, also_announced=True)
        _forget(unit, ListEntry, ListEntry.list_id.in_(lists), other, also_announced=True)


def on_tag_unfollowed(unit: Unit, actor_id: int, tag: str) -> None:
    """Take out of a home timeline what only this hashtag brought there."""
    followed = select(Follow.followed_id).where(Follow.follower_id == actor_id, Follow.accepted_at.is_not(None))
    others = select(FollowedTag.tag).where(FollowedTag.actor_id == actor_id)
    other = aliased(StatusHashtag)
    has_other = exists().where(other.status_id == Status.id, other.tag.in_(others))
    brought = (
        select(Status.id)
        .join(StatusHashtag, and_(StatusHashtag.status_id == Status.id, StatusHashtag.tag == tag))
        .where(Status.actor_id != actor_id, Status.actor_id.not_in(followed), ~has_other)
    )
    unit.execute(
        delete(FeedEntry)
        .where(FeedEntry.actor_id == actor_id, FeedEntry.announce_id.is_(None), FeedEntry.status_id.in_(brought))
        .execution_options(synchronize_session=False)
    )


def trim_feeds(unit: Unit) -> None:
    """Drop what stands below the limit of each feed and list. Housekeeping, not part of a request."""
    _trim(unit, FeedEntry, FeedEntry.actor_id, FEED_LIMIT)
    _trim(unit, ListEntry, ListEntry.list_id, LIST_LIMIT)


def _trim(unit: Unit, table: type[FeedEntry | ListEntry], owner: InstrumentedAttribute[int], limit: int) -> None:
    place = func.row_number().over(partition_by=owner, order_by=table.id.desc()).label("place")
    ranked = select(owner.label("owner"), table.id, place).subquery()
    full = select(ranked.c.owner, func.max(ranked.c.id).label("last")).where(ranked.c.place > limit)
    last = full.group_by(ranked.c.owner).subquery()
    below = exists().where(last.c.owner == owner, table.id <= last.c.last)
    unit.execute(delete(table).where(below).execution_options(synchronize_session=False))


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


def _lists_with(member: int | ColumnElement[int], wants: Any) -> Select[Any]:
    """Select the lists that a member is on and whose owner follows it, as it `wants` of the follow, or is it."""
    followed = exists().where(
        _OWNERS.follower_id == List.actor_id,
        _OWNERS.followed_id == member,
        _OWNERS.accepted_at.is_not(None),
        wants(_OWNERS),
    )
    return (
        select(ListMember.list_id)
        .join(List, List.id == ListMember.list_id)
        .where(
            ListMember.actor_id == member,
            or_(List.actor_id == member, followed),
            ~blocked_between(List.actor_id, member),
        )
    )


def _knows(receiver: InstrumentedAttribute[int], author: ColumnElement[int]) -> ColumnElement[bool]:
    return or_(receiver == author, _follows(receiver, author))


def _follows(receiver: InstrumentedAttribute[int], actor_id: int | ColumnElement[int]) -> ColumnElement[bool]:
    """True for a receiver who follows this actor, too."""
    return exists().where(_ALSO.follower_id == receiver, _ALSO.followed_id == actor_id, _ALSO.accepted_at.is_not(None))


def _is_understood(follow: type[Follow]) -> ColumnElement[bool]:
    """True if the follower wants posts in the language `:language`, or in all, or nobody said which one it is."""
    return or_(
        follow.languages.is_(None), LANGUAGE.is_(None), cast(follow.languages, Text).like('%"' + LANGUAGE + '"%')
    )


def _line(status_id: int, announce_id: int | None) -> tuple[ColumnElement[Any], ...]:
    """Return the columns of an entry after its owner: id, status and announce."""
    return literal(announce_id or status_id, Id), literal(status_id, Id), literal(announce_id, Id)


def _is_reply(status: Status) -> bool:
    return status.in_reply_to_uri is not None


def _latest(follow: Follow, limit: int) -> Select[Any]:
    """Select the newest lines of an actor for one who follows: no replies but its own threads, nothing direct."""
    actor_id = follow.followed_id
    own_thread = or_(Status.in_reply_to_uri.is_(None), Status.in_reply_to_actor_id == actor_id)
    shown = and_(Status.actor_id == actor_id, Status.visibility != Visibility.DIRECT, own_thread)
    if follow.languages:
        shown = and_(shown, or_(Status.language.is_(None), Status.language.in_(follow.languages)))
    posted: Any = select(
        Status.id.label("id"), Status.id.label("status_id"), literal(None, Id).label("announce_id")
    ).where(shown)
    if follow.show_announces:
        open_to_all = Announce.visibility.in_((Visibility.PUBLIC, Visibility.UNLISTED))
        passed_on = select(Announce.id, Announce.status_id, Announce.id).where(
            Announce.actor_id == actor_id, open_to_all
        )
        posted = union_all(posted, passed_on)
    lines = posted.subquery()
    return select(lines).order_by(lines.c.id.desc()).limit(limit)


def _forget(
    unit: Unit,
    table: type[FeedEntry | ListEntry],
    owned: ColumnElement[bool],
    other: int,
    *,
    also_announced: bool = False,
) -> None:
    """Remove the lines of `other` from a feed, or from lists."""
    written = table.status_id.in_(select(Status.id).where(Status.actor_id == other))
    posted = written if also_announced else and_(table.announce_id.is_(None), written)
    passed_on = table.announce_id.in_(select(Announce.id).where(Announce.actor_id == other))
    unit.execute(delete(table).where(owned, or_(posted, passed_on)).execution_options(synchronize_session=False))
