"""The inbox queue: every verified activity is a row before its sender hears 202."""

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from activitypub.models import Base
from activitypub.models.base import Host, Id, Uri

_WAITING = text("done_at IS NULL AND dead_at IS NULL")
_IN_HAND = text("done_at IS NULL AND dead_at IS NULL AND attempts > 0")


class InboxItem(Base):
    """An activity that arrived and was believed. Its row stays after it took effect, so a repeat has none.

    Unique by (origin of the actor, id of the activity): nobody can use up an id of somebody else (row A09). Only
    Updates may share an id, see `revision`.
    """

    __tablename__ = "inbox_items"
    __table_args__ = (
        UniqueConstraint("origin", "activity_uri", "revision"),
        # Only waiting rows are in these, so claiming stays cheap however many are done: the first in the order in
        # which they came, and those in hand by whose they are. The migration says so to PostgreSQL as well; said here,
        # it would load that dialect into every server (decision 0029).
        Index("ix_inbox_items_waiting", "received_at", "id", sqlite_where=_WAITING),
        Index("ix_inbox_items_in_hand", "actor_uri", sqlite_where=_IN_HAND),
        Index("ix_inbox_items_done_at", "done_at"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    origin: Mapped[str] = mapped_column(Host)
    activity_uri: Mapped[str] = mapped_column(Uri)
    # Of an Update the digest of its body, else empty: GoToSocial gives every edit of a status one and the same id.
    revision: Mapped[str] = mapped_column(String(64), default="")
    actor_uri: Mapped[str] = mapped_column(Uri)
    type: Mapped[str] = mapped_column(String(64))
    # Passed on by somebody else than its author: what it speaks of is read from its origin.
    hearsay: Mapped[bool] = mapped_column(default=False)
    # The very bytes that were verified; emptied when done.
    body: Mapped[bytes] = mapped_column(LargeBinary)
    # The local actor whose personal inbox it came to; null for the shared inbox.
    recipient_id: Mapped[int | None] = mapped_column(ForeignKey("actors.id", ondelete="SET NULL"))
    received_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    # When it is next due; while a worker holds it, the end of that worker's lease.
    next_attempt_at: Mapped[datetime]
    last_error: Mapped[str | None]
    done_at: Mapped[datetime | None]
    # Set when it failed too often: the dead letters an administrator can see.
    dead_at: Mapped[datetime | None]


class RefusedArrival(Base):
    """How often something was refused in the name of a server on a day, and why. Nothing of what was sent.

    The host is the one that the request claims: before a signature is believed, anybody can write any name there.
    """

    __tablename__ = "refused_arrivals"

    host: Mapped[str] = mapped_column(Host, primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    reason: Mapped[str] = mapped_column(String(24), primary_key=True)
    # The type of the activity, where it was read that far and is one that we know.
    what: Mapped[str] = mapped_column(String(24), primary_key=True)
    count: Mapped[int]
    last_at: Mapped[datetime] = mapped_column(index=True)
