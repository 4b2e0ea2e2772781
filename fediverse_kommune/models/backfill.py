"""What was there before us, and when it is read."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from activitypub.models import Base
from activitypub.models.base import Id, Uri


class Backfill(Base):
    """The posts of an actor, or the thread around a status, to be read in the background: one of the two is set."""

    __tablename__ = "backfills"

    # By which apps ask how far it is.
    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("actors.id", ondelete="CASCADE"), unique=True)
    status_id: Mapped[int | None] = mapped_column(ForeignKey("statuses.id", ondelete="CASCADE"), unique=True)
    wanted_at: Mapped[datetime]
    # Null when it is finished.
    due_at: Mapped[datetime | None] = mapped_column(index=True)
    # How often in a row nothing could be read.
    attempts: Mapped[int] = mapped_column(default=0)
    # How many statuses were new.
    found: Mapped[int] = mapped_column(default=0)


class FollowersCheck(Base):
    """Whom of us an actor's server takes for its followers is to be compared with what is stored (FEP-8fcf)."""

    __tablename__ = "followers_checks"

    actor_id: Mapped[int] = mapped_column(
        ForeignKey("actors.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    url: Mapped[str] = mapped_column(Uri)
    wanted_at: Mapped[datetime]
    # Null when it is done.
    due_at: Mapped[datetime | None] = mapped_column(index=True)
    attempts: Mapped[int] = mapped_column(default=0)
