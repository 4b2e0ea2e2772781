"""What somebody was told: which of it they see, how it is grouped, and how they put it away.

https://docs.joinmastodon.org/methods/notifications/ and https://docs.joinmastodon.org/methods/grouped_notifications/
"""

import re
from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from typing import Any, cast

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import BindParameter, ColumnElement, Select, and_, bindparam, delete, exists, func, not_, select, true
from sqlalchemy.orm import Session, aliased

from activitypub.access import ANY_READER
from activitypub.models import Actor
from activitypub.models.base import Id
from activitypub.unit import Unit
from fediverse_kommune.fanout.telling import GROUPED
from fediverse_kommune.models import ON_REQUEST, Marker, Notification, NotificationType
from fediverse_kommune.services.refusals import NotFound
from fediverse_kommune.unwanted import Party, is_unheard

KINDS = frozenset(kind.value for kind in NotificationType)
USUAL = KINDS - ON_REQUEST
SAMPLES = 8  # accounts of a group that are shown with it; Mastodon's figure

SHAPES = 256  # kinds of questions whose statements are kept; there are more than apps ask

ANY_SENDER = cast("int", bindparam("from_id", type_=Id))
ANY_NEWEST, ANY_BEFORE = (cast("int", bindparam(name, type_=Id)) for name in ("newest_id", "before_id"))
LOWEST_ID: BindParameter[Any] = bindparam("lowest_id", type_=Id)
KEYS: BindParameter[Any] = bindparam("keys", expanding=True)

_ALONE = re.compile(r"ungrouped-([0-9]{1,19})")


class Wanted(Struct, frozen=True):
    """Which notifications are asked for: of these kinds, from one account only, with those that are held back."""

    kinds: frozenset[str] = KINDS
    from_id: int | None = None
    with_filtered: bool = False

    @property
    def shape(self) -> "Wanted":
        """The same for any account: what statements are built from once. `parameters` say which account it is."""
        return self if self.from_id is None else replace(self, from_id=ANY_SENDER)

    @property
    def parameters(self) -> Mapping[str, int]:
        """The parameters of such a statement."""
        return {} if self.from_id is None else {"from_id": self.from_id}


class Group(Struct, frozen=True):
    """A line of the list: its newest notification, and what it stands for. `oldest_id` is that within the page."""

    key: str
    newest: Notification
    size: int
    oldest_id: int
    actor_ids: tuple[int, ...]


def wanted_kinds(
    types: Iterable[str] | None, excluded: Iterable[str] | None, known: Iterable[str] = ()
) -> frozenset[str]:
    """Return the kinds that a client asks for, or all that are usual and those of the others that it says it knows.

    Kinds that do not exist are no error: it may know more than we do.
    """
    return (USUAL | (ON_REQUEST & set(known)) if types is None else KINDS & set(types)) - set(excluded or ())


def shown(row: type[Notification], actor_id: Party, wanted: Wanted) -> ColumnElement[bool]:
    """Return the condition that holds for the notifications (`row`) of an actor that it is shown."""
    sender = aliased(Actor)
    conditions = [
        row.actor_id == actor_id,
        exists().where(sender.id == row.from_actor_id, sender.suspended_at.is_(None)),
        ~is_unheard(actor_id, row.from_actor_id),
    ]
    if wanted.kinds == USUAL:
        conditions.append(row.type.not_in(ON_REQUEST))
    elif wanted.kinds != KINDS:
        conditions.append(row.type.in_(wanted.kinds))
    if wanted.from_id is not None:
        conditions.append(row.from_actor_id == wanted.from_id)
    if not wanted.with_filtered:
        conditions.append(row.filtered.is_(False))
    return and_(*conditions)


# ---------------------------------------------------------------------------------------------------- groups


class Grouping(Struct, frozen=True):
    """How a list is grouped: these kinds are, and what came after `newest_id` or from `before_id` on does not count.

    A client that walks down a list keeps the same `newest_id`, so every group stands where it stood when the walk
    began, however it grows meanwhile: no gaps and no doubles.
    """

    kinds: frozenset[str] = frozenset(GROUPED)
    newest_id: int | None = None
    before_id: int | None = None

    @property
    def shape(self) -> "Grouping":
        """The same at any place of the list: what statements are built from once. `parameters` say where it is."""
        newest_id = None if self.newest_id is None else ANY_NEWEST
        before_id = None if self.before_id is None else ANY_BEFORE
        return Grouping(self.kinds, newest_id, before_id)

    @property
    def parameters(self) -> Mapping[str, int]:
        """The parameters of such a statement."""
        places = {"newest_id": self.newest_id, "before_id": self.before_id}
        return {name: place for name, place in places.items() if place is not None}

    def stands(self, row: type[Notification]) -> ColumnElement[bool]:
        """Return the condition that holds for what counts."""
        if self.newest_id is not None:
            return row.id <= self.newest_id
        return row.id < self.before_id if self.before_id is not None else true()


def grouped_kinds(asked: Iterable[str] | None) -> frozenset[str]:
    """Return the kinds to group: all that can be, or those of them that a client asks for."""
    return frozenset(GROUPED if asked is None else GROUPED & set(asked))


def heads(actor_id: Party, wanted: Wanted, grouping: Grouping) -> Select[Notification]:
    """Select the newest notification of each group: where in the list the group stands."""
    newer = aliased(Notification)
    is_overtaken = exists().where(
        shown(newer, actor_id, wanted),
        newer.group_key == Notification.group_key,
        newer.id > Notification.id,
        grouping.stands(newer),
    )
    query = select(Notification).where(shown(Notification, actor_id, wanted))
    return query.where(not_(and_(Notification.type.in_(grouping.kinds), is_overtaken)))


def groups_of(
    session: Session, actor_id: int, wanted: Wanted, grouping: Grouping, newest: Collection[Notification]
) -> list[Group]:
    """Return the groups that have these notifications at their head, in their order, in one statement."""
    keys = {row.group_key for row in newest if row.type in grouping.kinds}
    members: dict[str, list[Any]] = {}
    if keys:
        asked = {"reader_id": actor_id, "keys": list(keys), "lowest_id": min(row.id for row in newest)}
        parameters = {**asked, **wanted.parameters, **grouping.parameters}
        for member in session.execute(_members(wanted.shape, grouping.shape), parameters):
            members.setdefault(member.group_key, []).append(member)
    return [_group(row, members.get(row.group_key)) for row in newest]


@lru_cache(maxsize=SHAPES)
def _members(wanted: Wanted, grouping: Grouping) -> Select[*tuple[Any, ...]]:
    """Select the newest members of groups, newest first, with how many there are and the oldest from `lowest_id` on."""
    row = Notification
    by_group: dict[str, Any] = {"partition_by": row.group_key}
    ranked = (
        select(
            row.group_key,
            row.id,
            row.from_actor_id,
            func.row_number().over(**by_group, order_by=row.id.desc()).label("place"),
            func.count().over(**by_group).label("size"),
            func.min(row.id).filter(row.id >= LOWEST_ID).over(**by_group).label("oldest_id"),
        )
        .where(shown(row, ANY_READER.id, wanted), row.group_key.in_(KEYS), grouping.stands(row))
        .subquery()
    )
    return select(ranked).where(ranked.c.place <= SAMPLES).order_by(ranked.c.id.desc())


def _group(newest: Notification, members: list[Any] | None) -> Group:
    if members is None:
        return Group(f"ungrouped-{newest.id}", newest, 1, newest.id, (newest.from_actor_id,))
    first = members[0]
    actor_ids = tuple(dict.fromkeys(member.from_actor_id for member in members))
    return Group(newest.group_key, newest, first.size, first.oldest_id, actor_ids)


def in_group(actor_id: int, key: str) -> ColumnElement[bool]:
    """Return the condition that holds for the notifications of one group of an actor.

    Any notification may be asked for by itself as "ungrouped-<id>": a client may have asked for no groups of its kind.
    """
    alone = _ALONE.fullmatch(key)
    which = Notification.id == int(alone[1]) if alone and int(alone[1]) < 2**63 else Notification.group_key == key
    return and_(Notification.actor_id == actor_id, which)


# ---------------------------------------------------------------------------------------- counting, putting away


def unread_count(session: Session, actor_id: int, wanted: Wanted, *, grouping: Grouping | None, limit: int) -> int:
    """Return how many notifications, or groups of them, came after what was read last; `limit` at most."""
    read = select(Marker.last_read_id).where(Marker.actor_id == actor_id, Marker.timeline == "notifications")
    query = (
        heads(actor_id, wanted, grouping)
        if grouping
        else select(Notification).where(shown(Notification, actor_id, wanted))
    )
    unread = query.where(Notification.id > func.coalesce(read.scalar_subquery(), 0))
    counted = unread.with_only_columns(Notification.id).limit(limit).subquery()
    return session.scalar(select(func.count()).select_from(counted)) or 0


def dismiss(unit: Unit, actor_id: int, notification_id: int) -> None:
    """Remove one's own notification. Somebody else's does not exist (row H02). Raises `NotFound`."""
    mine = (Notification.actor_id == actor_id) & (Notification.id == notification_id)
    if not unit.run(delete(Notification).where(mine)).rowcount:
        raise NotFound


def dismiss_group(unit: Unit, actor_id: int, key: str) -> None:
    """Remove a group of one's own notifications, if there is one: what is gone has been dismissed."""
    unit.run(delete(Notification).where(in_group(actor_id, key)))


def clear(unit: Unit, actor_id: int) -> None:
    """Remove all that somebody was told."""
    unit.run(delete(Notification).where(Notification.actor_id == actor_id))
