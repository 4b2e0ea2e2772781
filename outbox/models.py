"""The outbox queue: one row per activity, one row per inbox it goes to."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from activitypub.models import Base
from activitypub.models.base import Host, Id, Uri


class OutgoingActivity(Base):
    """An activity of one of our actors, encoded once. Removed when its last delivery is over."""

    __tablename__ = "outgoing_activities"

    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    uri: Mapped[str] = mapped_column(Uri, unique=True)
    # Who signs it.
    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id", ondelete="CASCADE"), index=True)
    type: Mapped[str] = mapped_column(String(32))
    # What it is about: a Delete of the same object cancels what still waits.
    object_uri: Mapped[str] = mapped_column(Uri, index=True)
    body: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]


class Delivery(Base):
    """One activity on its way to one inbox. Deliveries of one actor to one host leave in the order of their ids."""

    __tablename__ = "deliveries"
    __table_args__ = (
        UniqueConstraint("activity_id", "inbox_uri"),
        Index(
            "ix_deliveries_due",
            "next_attempt_at",
            sqlite_where=text("over_at IS NULL"),
            postgresql_where=text("over_at IS NULL"),
        ),
        Index(
            "ix_deliveries_lane",
            "host",
            "actor_id",
            "id",
            sqlite_where=text("over_at IS NULL"),
            postgresql_where=text("over_at IS NULL"),
        ),
        Index("ix_deliveries_over_at", "over_at"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    activity_id: Mapped[int] = mapped_column(ForeignKey("outgoing_activities.id", ondelete="CASCADE"))
    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id", ondelete="CASCADE"))
    inbox_uri: Mapped[str] = mapped_column(Uri)
    host: Mapped[str] = mapped_column(Host)
    created_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    # When it is next due; while a worker holds it, the end of that worker's lease.
    next_attempt_at: Mapped[datetime]
    last_error: Mapped[str | None]
    # Set when it arrived or was given up; `outcome` says which.
    over_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(String(16))

    activity: Mapped[OutgoingActivity] = relationship(lazy="raise")
