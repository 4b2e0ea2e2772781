"""Like and Announce. https://www.w3.org/TR/activitypub/#like-activity-inbox"""

from datetime import datetime
from typing import TypeVar

from sqlalchemy import delete, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from activitypub.events import AnnounceUndone, LikeUndone, StatusAnnounced, StatusLiked
from activitypub.models import Actor, Announce, Like, Status, attach, new_id
from activitypub.unit import Unit
from activitypub.vocabulary import Visibility

Kind = TypeVar("Kind", Like, Announce)


def find_like(session: Session, actor_id: int, status_id: int) -> Like | None:
    """Return the like of a status by an actor."""
    return session.scalar(select(Like).where(Like.actor_id == actor_id, Like.status_id == status_id))


def find_announce(session: Session, actor_id: int, status_id: int) -> Announce | None:
    """Return the announce of a status by an actor."""
    return session.scalar(select(Announce).where(Announce.actor_id == actor_id, Announce.status_id == status_id))


def like(unit: Unit, actor: Actor, status: Status, *, uri: str | None = None) -> Like:
    """Record that `actor` likes `status`; a second time keeps the row and takes over the id, as of a Follow."""
    existing = find_like(unit, actor.id, status.id)
    if existing:
        return _known_as(unit, existing, uri)
    like_id = new_id(unit.now)
    row = Like(
        id=like_id,
        uri=uri or unit.instance.activity_uri(actor.uri, "like", like_id),
        actor_id=actor.id,
        status_id=status.id,
        created_at=unit.now,
    )
    unit.add(row)
    unit.flush()
    attach(row, actor=actor, status=status)
    _count(unit, status.id, Status.likes_count, by=1)
    unit.publish(StatusLiked(row, status))
    return row


def unlike(unit: Unit, row: Like) -> None:
    """Take a like back."""
    unit.execute(delete(Like).where(Like.id == row.id))
    unit.expunge(row)
    _count(unit, row.status_id, Status.likes_count, by=-1)
    unit.publish(LikeUndone(row.actor_id, row.status_id))


def announce(
    unit: Unit,
    actor: Actor,
    status: Status,
    *,
    visibility: Visibility = Visibility.PUBLIC,
    uri: str | None = None,
    published_at: datetime | None = None,
    unheard: bool = False,
) -> Announce:
    """Record that `actor` passes `status` on; a second time keeps the row and takes over the id, as of a Follow.

    Of one that is `unheard`, because it was read in the background, nobody is told.
    The caller has made sure that the status is public, or the actor's own: nothing else may be announced.
    """
    existing = find_announce(unit, actor.id, status.id)
    if existing:
        return _known_as(unit, existing, uri)
    published_at = min(published_at or unit.now, unit.now)
    announce_id = new_id(published_at)
    row = Announce(
        id=announce_id,
        uri=uri or unit.instance.activity_uri(actor.uri, "announce", announce_id),
        actor_id=actor.id,
        status_id=status.id,
        visibility=visibility,
        authorization_uri=None,
        published_at=published_at,
    )
    unit.add(row)
    unit.flush()
    attach(row, actor=actor, status=status)
    _count(unit, status.id, Status.announces_count, by=1)
    if not unheard:
        unit.publish(StatusAnnounced(row, status))
    return row


def unannounce(unit: Unit, row: Announce) -> None:
    """Take an announce back."""
    # Published before the row goes: the feeds that show it must still be found by its id.
    unit.publish(AnnounceUndone(row.id, row.actor_id, row.status_id))
    unit.execute(delete(Announce).where(Announce.id == row.id))
    unit.expunge(row)
    _count(unit, row.status_id, Status.announces_count, by=-1)


def _known_as(unit: Unit, row: Kind, uri: str | None) -> Kind:
    """Give a row the id that its actor used last, and will name to take it back."""
    if uri is not None:
        row.uri = uri
        unit.flush()
    return row


def _count(unit: Unit, status_id: int, counter: InstrumentedAttribute[int], *, by: int) -> None:
    """Move a counter in the database, so that two units at once cannot lose one step."""
    unit.execute(
        update(Status)
        .where(Status.id == status_id)
        .values({counter: counter + by})
        .execution_options(synchronize_session=False)
    )
