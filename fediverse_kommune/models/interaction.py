"""What a local actor keeps to itself about posts: bookmarks and threads it wants to hear no more of."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from activitypub.models import Base
from activitypub.models.base import Id, Uri


class Bookmark(Base):
    """A post to find again. Nobody else learns of it."""

    __tablename__ = "bookmarks"
    __table_args__ = (UniqueConstraint("actor_id", "status_id"), Index("ix_bookmarks_actor_id_id", "actor_id", "id"))

    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id", ondelete="CASCADE"))
    status_id: Mapped[int] = mapped_column(ForeignKey("statuses.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]


class ThreadMute(Base):
    """A conversation of which an actor wants no notifications. The root stands for all of it."""

    __tablename__ = "thread_mutes"

    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id", ondelete="CASCADE"), primary_key=True)
    conversation_uri: Mapped[str] = mapped_column(Uri, primary_key=True)
    created_at: Mapped[datetime]
