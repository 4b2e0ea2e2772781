"""Who follows whom, and who wants nothing to do with whom."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from activitypub.models.actor import Actor
from activitypub.models.base import Base, Id, Uri


class Follow(Base):
    """A follow, from its request on. `uri` is the id of the latest Follow activity."""

    __tablename__ = "follows"
    __table_args__ = (
        UniqueConstraint("follower_id", "followed_id"),
        Index("ix_follows_followed_id_accepted_at", "followed_id", "accepted_at"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    uri: Mapped[str] = mapped_column(Uri, unique=True)
    follower_id: Mapped[int] = mapped_column(ForeignKey("actors.id", ondelete="CASCADE"))
    followed_id: Mapped[int] = mapped_column(ForeignKey("actors.id", ondelete="CASCADE"))
    created_at: Mapped[datetime]
    # Null while the request waits. Only an accepted follow opens anything (row H06).
    accepted_at: Mapped[datetime | None]
    # What the follower wants of it: announces in the home timeline, a notification per post.
    show_announces: Mapped[bool] = mapped_column(default=True)
    notify: Mapped[bool] = mapped_column(default=False)
    # In which languages posts are wanted; null: in all.
    languages: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))

    follower: Mapped[Actor] = relationship(foreign_keys=[follower_id], lazy="raise")
    followed: Mapped[Actor] = relationship(foreign_keys=[followed_id], lazy="raise")


class Block(Base):
    """`actor` wants neither to see nor to be seen by `target`."""

    __tablename__ = "blocks"
    __table_args__ = (UniqueConstraint("actor_id", "target_id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    uri: Mapped[str] = mapped_column(Uri, unique=True)
    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id", ondelete="CASCADE"))
    target_id: Mapped[int] = mapped_column(ForeignKey("actors.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]

    target: Mapped[Actor] = relationship(foreign_keys=[target_id], lazy="raise")
