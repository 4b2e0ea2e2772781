"""The condition every fan-out shares: nobody is shown anybody with whom there is a block."""

from sqlalchemy import ColumnElement, and_, exists, or_
from sqlalchemy.orm import InstrumentedAttribute

from activitypub.models import Block


def blocked_between(
    receiver: InstrumentedAttribute[int], other: int | ColumnElement[int] | InstrumentedAttribute[int]
) -> ColumnElement[bool]:
    """Return the condition that holds if the actor of the column `receiver` and `other` are blocked either way."""
    return exists().where(
        or_(
            and_(Block.actor_id == receiver, Block.target_id == other),
            and_(Block.actor_id == other, Block.target_id == receiver),
        )
    )
