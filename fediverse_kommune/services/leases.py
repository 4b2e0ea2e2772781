"""Rows that wait for a worker until a time that stands in them (`activitypub/tasks.py`).

In hand means: due when the lease has run out. What is not due at all has no time.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from activitypub.tasks import LEASE
from activitypub.unit import Unit


class Waiting:
    """The rows of the table that has the columns `key` and `due_at`."""

    def __init__(self, key: InstrumentedAttribute[int], due_at: InstrumentedAttribute[Any]) -> None:
        self.key, self.due_at = key, due_at

    def any_due(self, session: Session, now: datetime) -> bool:
        """True if a row is due."""
        return session.scalar(select(self.key).where(self.due_at <= now).limit(1)) is not None

    def claim(self, unit: Unit, room: int) -> Sequence[int]:
        """Take at most `room` due rows in hand, those that have waited longest, and return their keys."""
        due = select(self.key).where(self.due_at <= unit.now).order_by(self.due_at).limit(room)
        claimed = (
            update(self.key.class_)
            .where(self.key.in_(due.with_for_update(skip_locked=True).scalar_subquery()))
            .values({self.due_at: unit.now + LEASE})
            .returning(self.key)
            .execution_options(synchronize_session=False)
        )
        return unit.scalars(claimed).all()

    def extend(self, unit: Unit, keys: Collection[int]) -> None:
        """Renew the leases of rows in hand."""
        self._set_due(unit, keys, unit.now + LEASE)

    def release(self, unit: Unit, keys: Collection[int]) -> None:
        """Give rows back: they are due at once."""
        self._set_due(unit, keys, unit.now)

    def _set_due(self, unit: Unit, keys: Collection[int], moment: datetime) -> None:
        in_hand = self.key.in_(keys), self.due_at.is_not(None)
        again = update(self.key.class_).where(*in_hand).values({self.due_at: moment})
        unit.execute(again.execution_options(synchronize_session=False))
