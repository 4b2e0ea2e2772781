"""What the home timeline and the lists of a local actor hold.

Written by fan-out, so that reading does not grow with the network.
"""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from activitypub.models import Base
from activitypub.models.base import Id


class FeedEntry(Base):
    """One line of a home timeline: a status, or somebody's announce of it.

    `id` is the id of the status or of the announce, so a page is a range of the primary key. A status stands
    once per feed, however many people announce it (`UNIQUE (actor_id, status_id)`).
    """

    __tablename__ = "feed_entries"
    __table_args__ = (
        UniqueConstraint("actor_id", "status_id"),
        Index("ix_feed_entries_status_id", "status_id"),
        Index("ix_feed_entries_announce_id", "announce_id"),
    )

    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id", ondelete="CASCADE"), primary_key=True)
    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    status_id: Mapped[int] = mapped_column(ForeignKey("statuses.id", ondelete="CASCADE"))
    announce_id: Mapped[int | None] = mapped_column(ForeignKey("announces.id", ondelete="CASCADE"))


class ListEntry(Base):
    """One line of the timeline of a list, as `FeedEntry` is one of a home timeline."""

    __tablename__ = "list_entries"
    __table_args__ = (
        UniqueConstraint("list_id", "status_id"),
        Index("ix_list_entries_status_id", "status_id"),
        Index("ix_list_entries_announce_id", "announce_id"),
    )

    list_id: Mapped[int] = mapped_column(ForeignKey("lists.id", ondelete="CASCADE"), primary_key=True)
    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    status_id: Mapped[int] = mapped_column(ForeignKey("statuses.id", ondelete="CASCADE"))
    announce_id: Mapped[int | None] = mapped_column(ForeignKey("announces.id", ondelete="CASCADE"))


class IdempotencyKey(Base):
    """A client's `Idempotency-Key`: a repeated POST within the hour answers with the status already made."""

    __tablename__ = "idempotency_keys"

    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    status_id: Mapped[int] = mapped_column(ForeignKey("statuses.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]
