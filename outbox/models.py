"""The outbox queue: one row per activity, one per inbox it goes to, one per line of waiting deliveries.

    OutgoingActivity ──< Delivery >── Lane (one actor, one host)

A delivery that arrives leaves no row behind. One that was given up stays for a while, with its activity, for
the administrators to see. Neither has a foreign key to its actor: the Delete of an actor outlives the actor.
"""

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from activitypub.models import Base
from activitypub.models.base import Host, Id, Uri


class OutgoingActivity(Base):
    """An activity of one of our actors, encoded once. Removed with its last delivery."""

    __tablename__ = "outgoing_activities"

    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    uri: Mapped[str] = mapped_column(Uri)
    # Who signs it.
    actor_id: Mapped[int] = mapped_column(Id, index=True)
    type: Mapped[str] = mapped_column(String(32))
    # What it is about: the Delete of an object cancels what still waits about it.
    object_uri: Mapped[str] = mapped_column(Uri, index=True)
    body: Mapped[bytes] = mapped_column(LargeBinary)
    # For followers only: each server is told whom of its people we take for followers (FEP-8fcf).
    followers_only: Mapped[bool] = mapped_column(default=False)
    # Only for the Delete of an actor, whose keys are gone when it leaves.
    key_uri: Mapped[str | None] = mapped_column(Uri)
    private_pem: Mapped[str | None]
    created_at: Mapped[datetime]


class WaitingCreate(Base):
    """The Create of a status from elsewhere that waits for the team of a group of ours, and the author's last edit.

    A group passes activities on as they came, so what may be passed on later has to be kept until then.
    """

    __tablename__ = "waiting_creates"

    status_id: Mapped[int] = mapped_column(
        ForeignKey("statuses.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    body: Mapped[bytes] = mapped_column(LargeBinary)
    # The Update that came since, if one did.
    update_body: Mapped[bytes | None] = mapped_column(LargeBinary)
    kept_at: Mapped[datetime] = mapped_column(index=True)


class Delivery(Base):
    """One activity on its way to one inbox.

    Its id is given by the database and never used twice: the order of a lane must survive a clock that is
    set back.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        UniqueConstraint("activity_id", "inbox_uri"),
        # The migration says these conditions to PostgreSQL as well (decision 0029).
        Index("ix_deliveries_lane_id_id", "lane_id", "id", sqlite_where=text("given_up_at IS NULL")),
        Index("ix_deliveries_given_up_at", "given_up_at", sqlite_where=text("given_up_at IS NOT NULL")),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    activity_id: Mapped[int] = mapped_column(ForeignKey("outgoing_activities.id", ondelete="CASCADE"))
    # No foreign key: what was given up outlives its lane.
    lane_id: Mapped[int] = mapped_column(Id)
    inbox_uri: Mapped[str] = mapped_column(Uri)
    created_at: Mapped[datetime]
    # Answers and failures so far, not counting those of the deliveries before it in the lane.
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None]
    # Its object was deleted while a worker had it in hand: not tried again.
    cancelled: Mapped[bool] = mapped_column(default=False)
    given_up_at: Mapped[datetime | None]

    activity: Mapped[OutgoingActivity] = relationship(lazy="raise")


class Lane(Base):
    """What one actor has waiting for one host, sent one after the other. Exists while something waits.

    Claims, leases and backoff are per lane: what stands behind a delivery that failed would fail as well, or,
    worse, overtake it.
    """

    __tablename__ = "delivery_lanes"
    __table_args__ = (
        UniqueConstraint("actor_id", "host"),
        Index("ix_delivery_lanes_next_attempt_at", "next_attempt_at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    actor_id: Mapped[int] = mapped_column(Id)
    host: Mapped[str] = mapped_column(Host, index=True)
    # When it is next due; while a worker holds it, the end of that worker's lease.
    next_attempt_at: Mapped[datetime]
    # The worker that holds it.
    holder: Mapped[str | None] = mapped_column(String(64), index=True)
    # Failures since something last arrived: how far the backoff has come.
    failures: Mapped[int] = mapped_column(default=0)
    # The last delivery that ever was in a worker's hands. Those after it have certainly not been attempted.
    taken_up_to: Mapped[int] = mapped_column(Id, default=0)


class RelayedStatus(Base):
    """A post that our relay has passed on: it does so once, however many tell it of the post."""

    __tablename__ = "relayed_statuses"

    # No foreign key: what is deleted must not be passed on again either.
    status_id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    created_at: Mapped[datetime] = mapped_column(index=True)


class DeliveryDay(Base):
    """How many deliveries a host took on a day, and how many attempts failed: for the administrators to see."""

    __tablename__ = "delivery_days"

    host: Mapped[str] = mapped_column(Host, primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    delivered: Mapped[int]
    failed: Mapped[int]
