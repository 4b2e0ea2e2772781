"""Sound and films that are still being worked on. https://docs.joinmastodon.org/methods/media/#v2"""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from activitypub.models import Base


class MediaJob(Base):
    """What was uploaded and is not drawn anew yet; the row goes when the file is ready.

    `upload` is the name of a file in the store's folder of arrivals. `leased_until` is when a worker that holds it has
    to have said that it still does, `progress` how far it is, in percent. `error` says why it was given up, for the one
    who uploaded it.
    """

    __tablename__ = "media_jobs"

    media_id: Mapped[int] = mapped_column(
        ForeignKey("media.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    upload: Mapped[str] = mapped_column(String(128))
    tries: Mapped[int] = mapped_column(default=0)
    leased_until: Mapped[datetime | None] = mapped_column(index=True)
    progress: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None]
