"""Actors that live under another name now."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from activitypub.models.base import Base, Id


class Move(Base):
    """The last move of an actor. Our follows of `origin` above `after_id` have still to go along; null: all have.

    The row stays: it says when the actor may move again.
    """

    __tablename__ = "moves"

    origin_id: Mapped[int] = mapped_column(
        Id, ForeignKey("actors.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    target_id: Mapped[int] = mapped_column(ForeignKey("actors.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]
    after_id: Mapped[int | None] = mapped_column(Id, index=True)
