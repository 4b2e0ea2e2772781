"""What actors do with statuses of others: Like, Announce, and reactions with an emoji."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from activitypub.models.actor import Actor
from activitypub.models.base import Base, Id, Uri, word_of
from activitypub.models.status import Status
from activitypub.vocabulary import Visibility


class Like(Base):
    """One actor likes one status, once."""

    __tablename__ = "likes"
    __table_args__ = (UniqueConstraint("actor_id", "status_id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    uri: Mapped[str] = mapped_column(Uri, unique=True)
    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id", ondelete="CASCADE"))
    status_id: Mapped[int] = mapped_column(ForeignKey("statuses.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]

    actor: Mapped[Actor] = relationship(lazy="raise")
    status: Mapped[Status] = relationship(lazy="raise")


class EmojiReaction(Base):
    """One actor puts one emoji below one status, once; several different ones are several rows (FEP-c0e0).

    How many there are of each stands in `Status.reactions`.
    """

    __tablename__ = "emoji_reactions"
    __table_args__ = (
        UniqueConstraint("actor_id", "status_id", "name"),
        Index("ix_emoji_reactions_status_id_name", "status_id", "name"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    uri: Mapped[str] = mapped_column(Uri, unique=True)
    # The type of the activity: "Like" with an emoji, which ours are, or "EmojiReact".
    kind: Mapped[str] = mapped_column(String(16))
    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id", ondelete="CASCADE"))
    status_id: Mapped[int] = mapped_column(ForeignKey("statuses.id", ondelete="CASCADE"))
    # An emoji of Unicode; the shortcode of a picture of ours; or "shortcode@host" of one of another server.
    name: Mapped[str] = mapped_column(String(400))
    url: Mapped[str | None] = mapped_column(Uri)
    static_url: Mapped[str | None] = mapped_column(Uri)
    created_at: Mapped[datetime]

    actor: Mapped[Actor] = relationship(lazy="raise")
    status: Mapped[Status] = relationship(lazy="raise")


class Announce(Base):
    """One actor passes one status on, once. Its id shares the order of status ids: both stand in timelines."""

    __tablename__ = "announces"
    __table_args__ = (
        UniqueConstraint("actor_id", "status_id"),
        Index("ix_announces_actor_id_id", "actor_id", "id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    uri: Mapped[str] = mapped_column(Uri, unique=True)
    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id", ondelete="CASCADE"))
    status_id: Mapped[int] = mapped_column(ForeignKey("statuses.id", ondelete="CASCADE"), index=True)
    visibility: Mapped[Visibility] = mapped_column(word_of(Visibility))
    # What says that the author of the status allows it; only of announces of ours.
    authorization_uri: Mapped[str | None] = mapped_column(Uri)
    published_at: Mapped[datetime]

    actor: Mapped[Actor] = relationship(lazy="raise")
    status: Mapped[Status] = relationship(lazy="raise")
