"""What the index of full-text search still has to be brought up to date with."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from activitypub.models import Base
from activitypub.models.base import Id


class SearchRevision(Base):
    """An author who decided otherwise about being found: their posts above `after_id` are still to be looked at.

    The row goes with the last of them, so a crash in between loses nothing.
    """

    __tablename__ = "search_revisions"

    actor_id: Mapped[int] = mapped_column(
        Id, ForeignKey("actors.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    after_id: Mapped[int] = mapped_column(Id, default=0)
    created_at: Mapped[datetime]
