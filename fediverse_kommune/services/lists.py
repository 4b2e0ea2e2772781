"""Lists of people, each a timeline of its own, as a local actor keeps them.

https://docs.joinmastodon.org/methods/lists/
"""

from collections.abc import Sequence

from msgspec import Struct
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from activitypub.models import Actor, Follow, new_id
from activitypub.sanitize import safe_name
from activitypub.unit import Unit
from fediverse_kommune.fanout import timelines as feeds
from fediverse_kommune.models import List, ListMember, RepliesPolicy
from fediverse_kommune.services.refusals import Invalid, NotFound

LISTS = 50  # Mastodon's figure, for each actor
TITLE_CHARACTERS = 256  # Mastodon's figure


class ListForm(Struct, frozen=True):
    """What a list is; None leaves it as it is."""

    title: str | None = None
    replies_policy: RepliesPolicy | None = None
    exclusive: bool | None = None


def find_list(session: Session, actor: Actor, list_id: int) -> List:
    """Return an own list. Raises `NotFound` also for somebody else's."""
    row = session.scalar(select(List).where(List.id == list_id, List.actor_id == actor.id))
    if row is None:
        raise NotFound
    return row


def create_list(unit: Unit, actor: Actor, form: ListForm) -> List:
    """Make an empty list and return it. Raises `Invalid` without a title."""
    if (unit.scalar(select(func.count()).where(List.actor_id == actor.id)) or 0) >= LISTS:
        raise Invalid(f"Validation failed: there are {LISTS} lists already")
    row = List(
        id=new_id(unit.now),
        actor_id=actor.id,
        title=_title(form.title or ""),
        replies_policy=form.replies_policy or RepliesPolicy.LIST,
        exclusive=form.exclusive or False,
        created_at=unit.now,
    )
    unit.add(row)
    unit.flush()
    return row


def update_list(unit: Unit, actor: Actor, list_id: int, form: ListForm) -> List:
    """Change what a list is and return it. Raises `NotFound`, `Invalid`."""
    row = find_list(unit, actor, list_id)
    was_exclusive = row.exclusive
    if form.title is not None:
        row.title = _title(form.title)
    if form.replies_policy is not None:
        row.replies_policy = form.replies_policy
    if form.exclusive is not None:
        row.exclusive = form.exclusive
    unit.flush()
    if was_exclusive and not row.exclusive:
        _return_home(unit, actor, _member_ids(unit, row))
    return row


def delete_list(unit: Unit, actor: Actor, list_id: int) -> None:
    """Remove a list; its members stay followed. Raises `NotFound`."""
    row = find_list(unit, actor, list_id)
    members = _member_ids(unit, row) if row.exclusive else []
    unit.execute(delete(List).where(List.id == row.id))
    unit.expunge(row)
    _return_home(unit, actor, members)


def add_members(unit: Unit, actor: Actor, list_id: int, ids: Sequence[int]) -> None:
    """Put people on a list whom its owner follows or has asked to follow, or the owner.

    Raises `NotFound` for a list or somebody where that is not so, and `Invalid` for somebody who is on it already.
    """
    row = find_list(unit, actor, list_id)
    if not ids:
        raise Invalid("account_ids is missing.")
    follows = _follows_of(unit, actor, ids)
    if any(member_id not in follows for member_id in ids):
        raise NotFound
    if set(ids) & set(_member_ids(unit, row)):
        raise Invalid("Validation failed: Account has already been taken")
    unit.add_all(ListMember(id=new_id(unit.now), list_id=row.id, actor_id=member_id) for member_id in ids)
    unit.flush()
    for follow in follows.values():
        if follow.accepted_at is not None:
            feeds.fill_list(unit, row.id, follow)


def remove_members(unit: Unit, actor: Actor, list_id: int, ids: Sequence[int]) -> None:
    """Take people off a list; who is not on it does not matter. Raises `NotFound` for the list."""
    row = find_list(unit, actor, list_id)
    unit.execute(delete(ListMember).where(ListMember.list_id == row.id, ListMember.actor_id.in_(ids)))
    feeds.empty_list(unit, row.id, ids)
    if row.exclusive:
        _return_home(unit, actor, ids)


def _return_home(unit: Unit, actor: Actor, member_ids: Sequence[int]) -> None:
    """Show the latest of those in the home timeline again who were kept out of it, as after a new follow."""
    for follow in _follows_of(unit, actor, member_ids).values():
        if follow.accepted_at is not None:
            feeds.fill_home(unit, follow)


def _follows_of(unit: Unit, actor: Actor, ids: Sequence[int]) -> dict[int, Follow]:
    """Return the actor's follows and requests by whom they are of; that of oneself stands for being there anyway."""
    rows = unit.scalars(select(Follow).where(Follow.follower_id == actor.id, Follow.followed_id.in_(ids)))
    follows = {row.followed_id: row for row in rows}
    if actor.id in ids:
        follows[actor.id] = Follow(
            follower_id=actor.id, followed_id=actor.id, accepted_at=unit.now, show_announces=True
        )
    return follows


def _member_ids(session: Session, row: List) -> list[int]:
    return list(session.scalars(select(ListMember.actor_id).where(ListMember.list_id == row.id)))


def _title(text: str) -> str:
    title = safe_name(text)
    if not title:
        raise Invalid("Validation failed: Title can't be blank")
    if len(title) > TITLE_CHARACTERS:
        raise Invalid(f"The title has more than {TITLE_CHARACTERS} characters.")
    return title
