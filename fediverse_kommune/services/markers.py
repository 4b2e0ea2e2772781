"""How far an actor has read its timelines. https://docs.joinmastodon.org/methods/markers/"""

from collections.abc import Iterable

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from activitypub.unit import Unit
from fediverse_kommune.inserts import insert_new_row
from fediverse_kommune.models import Marker
from fediverse_kommune.services.refusals import Conflict

TIMELINES = ("home", "notifications")


def markers_of(session: Session, actor_id: int, timelines: Iterable[str]) -> dict[str, Marker]:
    """Return the places an actor has kept in these timelines, by their names."""
    rows = session.scalars(select(Marker).where(Marker.actor_id == actor_id, Marker.timeline.in_(list(timelines))))
    return {row.timeline: row for row in rows}


def move_marker(unit: Unit, actor_id: int, timeline: str, last_read_id: int) -> Marker:
    """Keep a place in a timeline. Raises `Conflict` if another app keeps one at this very moment."""
    row = unit.get(Marker, (actor_id, timeline))
    if row is not None:
        return advance(unit, row, last_read_id)
    values = {"last_read_id": last_read_id, "version": 0, "updated_at": unit.now}
    if not insert_new_row(unit, Marker, actor_id=actor_id, timeline=timeline, **values):
        raise Conflict
    return unit.get_one(Marker, (actor_id, timeline))


def advance(unit: Unit, row: Marker, last_read_id: int) -> Marker:
    """Move a marker from the version that `row` has. Raises `Conflict` if it has been moved since."""
    stands = (Marker.actor_id == row.actor_id, Marker.timeline == row.timeline, Marker.version == row.version)
    moved = unit.run(
        update(Marker).where(*stands).values(last_read_id=last_read_id, version=row.version + 1, updated_at=unit.now)
    )
    if moved.rowcount != 1:
        raise Conflict
    unit.refresh(row)
    return row
