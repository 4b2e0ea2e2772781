"""Collections: who is shown in one hears of it, and of what it says."""

from sqlalchemy import delete, select

from activitypub.models import CollectionItem, ItemState
from activitypub.unit import Unit
from fediverse_kommune.events import CollectionChanged, CollectionJoined, CollectionLeft
from fediverse_kommune.fanout.telling import News, tell
from fediverse_kommune.models import Notification, NotificationType


def on_collection_joined(unit: Unit, event: CollectionJoined) -> None:
    """Tell an actor that somebody else shows it."""
    if event.actor_id != event.owner_id:
        tell(
            unit,
            [event.actor_id],
            News(NotificationType.ADDED_TO_COLLECTION, event.owner_id, collection_id=event.collection_id),
        )


def on_collection_left(unit: Unit, event: CollectionLeft) -> None:
    """Take back what an actor was told about a collection that it is not in any more."""
    unit.execute(
        delete(Notification)
        .where(Notification.actor_id == event.actor_id, Notification.collection_id == event.collection_id)
        .execution_options(synchronize_session=False)
    )


def on_collection_changed(unit: Unit, event: CollectionChanged) -> None:
    """Tell those that it shows. The notification of the latest change takes the place of that of an earlier one."""
    kind = NotificationType.COLLECTION_UPDATE
    unit.execute(
        delete(Notification)
        .where(Notification.collection_id == event.collection_id, Notification.type == kind)
        .execution_options(synchronize_session=False)
    )
    shown = select(CollectionItem.actor_id).where(
        CollectionItem.collection_id == event.collection_id,
        CollectionItem.state == ItemState.ACCEPTED,
        CollectionItem.actor_id != event.owner_id,
    )
    tell(unit, unit.scalars(shown).all(), News(kind, event.owner_id, collection_id=event.collection_id))
