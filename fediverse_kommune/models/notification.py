"""What a local actor should hear about."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from activitypub.models import Actor, Base, Status
from activitypub.models.base import Id, word_of


class NotificationType(StrEnum):
    """https://docs.joinmastodon.org/entities/Notification/#type"""

    MENTION = "mention"
    STATUS = "status"
    REBLOG = "reblog"
    FOLLOW = "follow"
    FOLLOW_REQUEST = "follow_request"
    FAVOURITE = "favourite"
    UPDATE = "update"


class Notification(Base):
    """One thing somebody did. The same thing is told once, also when it arrives twice (`cause`)."""

    __tablename__ = "notifications"
    __table_args__ = (
        UniqueConstraint("actor_id", "cause"),
        Index("ix_notifications_actor_id_id", "actor_id", "id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    # Whom it is for.
    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id", ondelete="CASCADE"))
    type: Mapped[NotificationType] = mapped_column(word_of(NotificationType))
    from_actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id", ondelete="CASCADE"), index=True)
    status_id: Mapped[int | None] = mapped_column(ForeignKey("statuses.id", ondelete="CASCADE"), index=True)
    # "type:from:status": what makes it the same thing.
    cause: Mapped[str] = mapped_column(String(128))
    created_at: Mapped[datetime]

    from_actor: Mapped[Actor] = relationship(foreign_keys=[from_actor_id], lazy="raise")
    status: Mapped[Status | None] = relationship(lazy="raise")
