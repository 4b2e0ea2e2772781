"""What open streams are told: small signals in the transaction of what happened, heard of once it is committed.

A signal names what happened. Who may see it is asked when it is sent (`fediverse_kommune/streaming`); only who had seen
what is gone has to be asked before it goes. `unit.publish` of a signal of `streaming/signals.py` is all that other
rooms need for what is no event of the graph.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from sqlalchemy import select, union, union_all

from activitypub.events import AnnounceUndone, StatusAnnounced, StatusCreated, StatusDeleted, StatusEdited
from activitypub.models import Actor, Mention, Status, StatusHashtag
from activitypub.unit import Unit
from activitypub.vocabulary import Visibility
from fediverse_kommune import events
from fediverse_kommune.models import ON_REQUEST, FeedEntry, List, ListEntry
from fediverse_kommune.streaming.signals import (
    AnnouncementPublished,
    AnnouncementReacted,
    AnnouncementRemoved,
    FiltersChanged,
    LineRemoved,
    NotificationsMerged,
    Notified,
    StatusPassedOn,
    StatusRewritten,
    StatusWritten,
    portions,
)


def on_status_created(unit: Unit, event: StatusCreated) -> None:
    """Tell of a new status."""
    unit.publish(StatusWritten(event.status.id))


def on_status_edited(unit: Unit, event: StatusEdited) -> None:
    """Tell that a status says something else."""
    unit.publish(StatusRewritten(event.status.id))


def on_status_announced(unit: Unit, event: StatusAnnounced) -> None:
    """Tell that a status was passed on."""
    unit.publish(StatusPassedOn(event.announce.id, event.status.id))


def on_status_deleted(unit: Unit, event: StatusDeleted) -> None:
    """Tell those who had the status, or an announce of it, that it is gone; and all, if it was public."""
    status = unit.get(Status, event.status_id)
    if status is None:
        return
    tags = tuple(unit.scalars(select(StatusHashtag.tag).where(StatusHashtag.status_id == status.id)))
    lines = _lines(unit, status)
    for line_id, actor_ids in lines.items():
        _tell_of_removal(unit, line_id, actor_ids)
    if status.visibility is Visibility.PUBLIC:
        unit.publish(LineRemoved(status.id, [], public=True, local=status.local, tags=tags))


def on_announce_undone(unit: Unit, event: AnnounceUndone) -> None:
    """Tell those who had the announce that it is gone."""
    of_home = select(FeedEntry.actor_id).where(FeedEntry.announce_id == event.announce_id)
    of_lists = select(List.actor_id).join(ListEntry).where(ListEntry.announce_id == event.announce_id)
    _tell_of_removal(unit, event.announce_id, unit.scalars(union(of_home, of_lists)).all())


def on_notifications_written(unit: Unit, event: events.NotificationsWritten) -> None:
    """Tell actors of their notifications; streams do not say which kinds they know."""
    if event.kind in ON_REQUEST:
        return
    for part in portions(event.notifications):
        unit.publish(Notified(list(part)))


def on_notifications_merged(unit: Unit, event: events.NotificationsMerged) -> None:
    """Tell an actor that there is more to read than before."""
    unit.publish(NotificationsMerged(event.actor_id))


def on_filters_changed(unit: Unit, event: events.FiltersChanged) -> None:
    """Tell an actor's apps to read its filters again."""
    unit.publish(FiltersChanged(event.actor_id))


def on_announcement_changed(unit: Unit, event: events.AnnouncementChanged) -> None:
    """Tell everybody of a notice."""
    unit.publish(AnnouncementPublished(event.announcement_id))


def on_announcement_removed(unit: Unit, event: events.AnnouncementRemoved) -> None:
    """Tell everybody that a notice is gone."""
    unit.publish(AnnouncementRemoved(event.announcement_id))


def on_announcement_reacted(unit: Unit, event: events.AnnouncementReacted) -> None:
    """Tell everybody how many people chose an emoji."""
    unit.publish(AnnouncementReacted(event.announcement_id, event.name, event.count))


def _lines(unit: Unit, status: Status) -> Mapping[int, set[int]]:
    """Return who has seen a status, by the id of the line in which they saw it."""
    lines: defaultdict[int, set[int]] = defaultdict(set)
    of_home = select(FeedEntry.id, FeedEntry.actor_id).where(FeedEntry.status_id == status.id)
    of_lists = select(ListEntry.id, List.actor_id).join(List).where(ListEntry.status_id == status.id)
    for line_id, owner in unit.execute(union_all(of_home, of_lists)):
        lines[line_id].add(owner)
    named = select(Mention.actor_id).join(Actor).where(Mention.status_id == status.id, Actor.domain.is_(None))
    lines[status.id].update(unit.scalars(named))
    if status.local:
        lines[status.id].add(status.actor_id)
    return lines


def _tell_of_removal(unit: Unit, line_id: int, actor_ids: Iterable[int]) -> None:
    for part in portions(actor_ids):
        unit.publish(LineRemoved(line_id, list(part)))
