"""An actor goes to live under another name. https://docs.joinmastodon.org/spec/activitypub/#Move"""

from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from activitypub.models import Actor, Move
from activitypub.unit import Unit

COOLDOWN = timedelta(days=7)  # GoToSocial's figure; without one, somebody could send our followers round for ever


def has_just_moved(session: Session, actor_id: int, now: datetime) -> bool:
    """True if an actor has moved, or was moved to, so lately that it may not move on (row A18)."""
    either = or_(Move.origin_id == actor_id, Move.target_id == actor_id)
    recent = select(Move.origin_id).where(either, Move.created_at > now - COOLDOWN)
    return session.scalar(recent.limit(1)) is not None


def move(unit: Unit, origin: Actor, target: Actor) -> None:
    """Note that `origin` is `target` now. Who follows it goes along afterwards, a few at a time."""
    row = unit.get(Move, origin.id)
    if row is None:
        row = Move(origin_id=origin.id)
        unit.add(row)
    row.target_id, row.created_at, row.after_id = target.id, unit.now, 0
    origin.moved_to_uri = target.uri
    unit.flush()
