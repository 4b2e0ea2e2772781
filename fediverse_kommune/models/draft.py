"""Posts that wait for their hour. https://docs.joinmastodon.org/entities/ScheduledStatus/"""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from activitypub.models import Base
from activitypub.models.base import Id


class ScheduledStatus(Base):
    """A post to be published at `scheduled_at`. Its media are named in `media_ids`, and housekeeping leaves them."""

    __tablename__ = "scheduled_statuses"

    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id", ondelete="CASCADE"), index=True)
    # Who wrote it, if it is a team's actor; null when they left.
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    # The form as it was filled in, in the names of the client API.
    params: Mapped[dict[str, Any]]
    media_ids: Mapped[list[int]] = mapped_column(default=list)
    scheduled_at: Mapped[datetime] = mapped_column(index=True)
    # Why it could not be published, for its author to read.
    last_error: Mapped[str | None]
    created_at: Mapped[datetime]
