"""Loading what a page of notifications is about: posts, warnings, reports and more, each kind in sets."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from msgspec import Struct
from sqlalchemy import Executable, select
from sqlalchemy.orm import Session, joinedload
from sqlalchemy.sql.base import ExecutableOption

from activitypub.access import ANY_READER
from activitypub.models import Actor, EmojiReaction, Report
from fediverse_kommune.api.entities import Entity
from fediverse_kommune.api.entities.account import partial_account_entity
from fediverse_kommune.api.entities.account_warning import account_warning_entity
from fediverse_kommune.api.entities.collection import collection_entity
from fediverse_kommune.api.entities.emoji_reaction import chosen_emoji_entity
from fediverse_kommune.api.entities.notification import notification_entity
from fediverse_kommune.api.entities.notification_fallback import Fallbacks, notification_fallback_entity
from fediverse_kommune.api.entities.notification_group import (
    notification_group_entity,
    paged_group_entity,
)
from fediverse_kommune.api.entities.notification_request import notification_request_entity
from fediverse_kommune.api.entities.relationship_severance_event import relationship_severance_event_entity
from fediverse_kommune.api.entities.report import report_entity
from fediverse_kommune.api.pagination import Page
from fediverse_kommune.api.preload import Listing, Reader, account_entities, status_entities
from fediverse_kommune.api.prepared import any_page, page_parameters, positions_of
from fediverse_kommune.models import AccountWarning, Notification, NotificationRequest, Severance
from fediverse_kommune.services import notification_policies, notifications
from fediverse_kommune.services.collections import collections_by_id
from fediverse_kommune.services.notifications import Group, Grouping, Wanted
from fediverse_kommune.services.refusals import NotFound


def list_notifications(
    session: Session, reader: Reader, wanted: Wanted, page: Page, fallbacks: Fallbacks | None = None
) -> Listing:
    """Return a page of what somebody was told, newest first, each thing by itself."""
    me = _me(reader)
    statement = _page_statement(wanted.shape, None, positions_of(page))
    rows = page.in_order(session.scalars(statement, {**page_parameters(me, page), **wanted.parameters}).all())
    return Listing(_entities(session, reader, rows, fallbacks), [row.id for row in rows])


@lru_cache(maxsize=notifications.SHAPES)
def _page_statement(wanted: Wanted, grouping: Grouping | None, positions: tuple[str, ...]) -> Executable:
    """Return the statement for a page of notifications, or of the newest of each group, with their senders."""
    me = ANY_READER.id
    query = (
        select(Notification).where(notifications.shown(Notification, me, wanted))
        if grouping is None
        else notifications.heads(me, wanted, grouping)
    )
    return any_page(positions).select(query, Notification.id).options(_SENDER)


def show_notification(session: Session, reader: Reader, notification_id: int, fallbacks: Fallbacks | None) -> Entity:
    """Return one notification, also one that is held back. Raises `NotFound`."""
    everything = notifications.shown(Notification, _me(reader).id, Wanted(with_filtered=True))
    query = select(Notification).where(everything, Notification.id == notification_id).options(_SENDER)
    entities = _entities(session, reader, session.scalars(query).all(), fallbacks)
    if not entities:
        raise NotFound
    return entities[0]


# -------------------------------------------------------------------------------------------------------- groups


def list_groups(
    session: Session,
    reader: Reader,
    wanted: Wanted,
    grouping: Grouping,
    page: Page,
    fallbacks: Fallbacks | None,
    *,
    partial: bool,
) -> Listing:
    """Return a page of groups with all that they name, as one entity."""
    me = _me(reader)
    parameters = {**page_parameters(me, page), **wanted.parameters, **grouping.parameters}
    statement = _page_statement(wanted.shape, grouping.shape, positions_of(page))
    newest = page.in_order(session.scalars(statement, parameters).all())
    groups = notifications.groups_of(session, me.id, wanted, grouping, newest)
    subjects = load_subjects(session, reader, newest, fallbacks)
    entity = _grouped(session, reader, groups, subjects, paged_group_entity, partial=partial)
    return Listing([entity], [row.id for row in newest])


def show_group(session: Session, reader: Reader, key: str, fallbacks: Fallbacks | None = None) -> Entity:
    """Return one group with all that it names. Raises `NotFound`."""
    me, everything = _me(reader).id, Wanted(with_filtered=True)
    which = notifications.in_group(me, key)
    shown = notifications.shown(Notification, me, everything)
    query = select(Notification).where(which, shown).order_by(Notification.id.desc()).limit(1)
    newest = session.scalars(query.options(_SENDER)).all()
    # Asked for as "ungrouped-…", it is shown so.
    grouping = Grouping() if newest and newest[0].group_key == key else Grouping(kinds=frozenset())
    groups = notifications.groups_of(session, me, everything, grouping, newest)
    subjects = load_subjects(session, reader, newest, fallbacks)
    entity = _grouped(session, reader, groups, subjects, notification_group_entity, partial=False)
    if not entity["notification_groups"]:
        raise NotFound
    return entity


def list_group_accounts(session: Session, reader: Reader, key: str, page: Page) -> Listing:
    """Return a page of who stands behind a group, newest first. Raises `NotFound` if there is no such group."""
    me = _me(reader).id
    which = notifications.in_group(me, key)
    query = select(Notification.id, Notification.from_actor_id).where(
        which, notifications.shown(Notification, me, Wanted(with_filtered=True))
    )
    rows = page.in_order(session.execute(page.select(query, Notification.id)).all())
    if not rows and session.scalar(select(Notification.id).where(which).limit(1)) is None:
        raise NotFound
    entities = account_entities(session, reader, list(dict.fromkeys(actor_id for _, actor_id in rows)))
    return Listing(entities, [row_id for row_id, _ in rows])


def _grouped(
    session: Session,
    reader: Reader,
    groups: Sequence[Group],
    subjects: "Subjects",
    group_entity: Callable[[Group, Entity], Entity],
    *,
    partial: bool,
) -> Entity:
    """Return groups, and every account and status that they name once."""
    groups = [group for group in groups if subjects.has(group.newest)]
    in_full = {group.actor_ids[0] for group in groups}
    ids = list(dict.fromkeys(actor_id for group in groups for actor_id in group.actor_ids))
    found = {actor.id: actor for actor in session.scalars(select(Actor).where(Actor.id.in_(ids)))}
    small = [actor_id for actor_id in ids if partial and actor_id not in in_full]
    entity: Entity = {
        "accounts": account_entities(session, reader, [actor_id for actor_id in ids if actor_id not in set(small)]),
        "statuses": list(subjects.statuses.values()),
        "notification_groups": [group_entity(group, subjects.of_group(group.newest)) for group in groups],
    }
    if partial:
        entity["partial_accounts"] = [partial_account_entity(found[actor_id], reader.instance) for actor_id in small]
    return entity


# ------------------------------------------------------------------------------------------------------ requests


def list_requests(session: Session, reader: Reader, page: Page) -> Listing:
    """Return a page of those who ask to be heard."""
    query = notification_policies.requests_of(_me(reader).id)
    cursor = NotificationRequest.id
    rows = page.in_order(session.execute(page.select(query, cursor)).all())
    return Listing(_request_entities(session, reader, rows), [request.id for request, _ in rows])


def show_request(session: Session, reader: Reader, request_id: int) -> Entity:
    """Return one who asks to be heard. Raises `NotFound`."""
    query = notification_policies.requests_of(_me(reader).id)
    rows = session.execute(query.where(NotificationRequest.id == request_id)).all()
    if not rows:
        raise NotFound
    return _request_entities(session, reader, rows)[0]


def _request_entities(session: Session, reader: Reader, rows: Sequence[Any]) -> list[Entity]:
    ids = [request.last_status_id for request, _ in rows if request.last_status_id is not None]
    statuses = status_entities(session, reader, ids)
    return [
        notification_request_entity(request, held_back, statuses.get(request.last_status_id), reader.instance)
        for request, held_back in rows
    ]


# ------------------------------------------------------------------------------------------------------ subjects


class Subjects(Struct, frozen=True):
    """The entities of what notifications are about, by kind and id."""

    statuses: Mapping[int, Entity]
    warnings: Mapping[int, Entity]
    severances: Mapping[int, Entity]
    reports: Mapping[int, Entity]
    collections: Mapping[int, Entity]
    reactions: Mapping[int, Entity]
    fallbacks: Fallbacks | None

    def has(self, row: Notification) -> bool:
        """True if what the notification is about may be read (still)."""
        is_readable = row.status_id is None or row.status_id in self.statuses
        is_there = row.reaction_id is None or row.reaction_id in self.reactions
        return is_readable and is_there and (row.collection_id is None or row.collection_id in self.collections)

    def of(self, row: Notification) -> Entity:
        """Return what a notification carries besides its own attributes."""
        about: Entity = {} if row.status_id is None else {"status": self.statuses[row.status_id]}
        return about | self._others(row)

    def of_group(self, row: Notification) -> Entity:
        """Return the same for a group, beside which the statuses stand by themselves."""
        about: Entity = {} if row.status_id is None else {"status_id": str(row.status_id)}
        return about | self._others(row)

    def _others(self, row: Notification) -> Entity:
        about: Entity = {}
        if row.reaction_id is not None:
            about |= self.reactions[row.reaction_id]
        if row.warning_id is not None:
            about["moderation_warning"] = self.warnings[row.warning_id]
        if row.severance_id is not None:
            about["event"] = self.severances[row.severance_id]
        if row.report_id is not None:
            about["report"] = self.reports[row.report_id]
        if row.collection_id is not None:
            about["collection"] = self.collections[row.collection_id]
        if self.fallbacks and self.fallbacks.are_needed(row):
            details = about["moderation_warning"]["text"] if row.warning_id is not None else None
            about["fallback"] = notification_fallback_entity(row, self.fallbacks.locale, details or None)
        return about


def load_subjects(
    session: Session, reader: Reader, rows: Sequence[Notification], fallbacks: Fallbacks | None
) -> Subjects:
    """Load what some notifications are about: a statement for each kind that occurs, whatever their number."""
    me = _me(reader)
    statuses = status_entities(session, reader, _ids(row.status_id for row in rows))
    warnings = _load(session, AccountWarning, _ids(row.warning_id for row in rows))
    severances = _load(session, Severance, _ids(row.severance_id for row in rows))
    shown = collections_by_id(session, me, _ids(row.collection_id for row in rows))
    reactions = _load(session, EmojiReaction, _ids(row.reaction_id for row in rows))
    reports = _load(session, Report, _ids(row.report_id for row in rows), joinedload(Report.target))
    return Subjects(
        statuses,
        {row.id: account_warning_entity(row, me, reader.instance) for row in warnings},
        {row.id: relationship_severance_event_entity(row) for row in severances},
        {row.id: report_entity(row, row.target, reader.instance) for row in reports},
        {row_id: collection_entity(row, reader.instance) for row_id, row in shown.items()},
        {row.id: chosen_emoji_entity(row) for row in reactions},
        fallbacks,
    )


def _entities(
    session: Session, reader: Reader, rows: Sequence[Notification], fallbacks: Fallbacks | None
) -> list[Entity]:
    """Return the entities; one about a post that may not be read any more is left out."""
    subjects = load_subjects(session, reader, rows, fallbacks)
    return [notification_entity(row, subjects.of(row), reader.instance) for row in rows if subjects.has(row)]


def _load(session: Session, table: type[Any], ids: Sequence[int], *options: ExecutableOption) -> Sequence[Any]:
    return session.scalars(select(table).where(table.id.in_(ids)).options(*options)).all() if ids else []


def _ids(values: Iterable[int | None]) -> list[int]:
    return list(dict.fromkeys(value for value in values if value is not None))


def _me(reader: Reader) -> Actor:
    if reader.actor is None:
        raise AssertionError("notifications need Auth.PERSON")
    return reader.actor


_SENDER = joinedload(Notification.from_actor)
