"""Looking whether the pages that profiles name link back."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from activitypub.models import Base


class LinkCheck(Base):
    """When the links of a profile are looked at. What came of it stands in the profile's fields (`verified_at`)."""

    __tablename__ = "link_checks"

    actor_id: Mapped[int] = mapped_column(
        ForeignKey("actors.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    # Null if there is nothing to look at again.
    due_at: Mapped[datetime | None] = mapped_column(index=True)
    # How often in a row a page could not be reached.
    attempts: Mapped[int] = mapped_column(default=0)
    checked_at: Mapped[datetime | None]
