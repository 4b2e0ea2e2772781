"""What a local actor keeps to itself about others: mutes, notes, lists, hashtags it follows."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from activitypub.models import Actor, Base
from activitypub.models.base import Host, Id, word_of


class Mute(Base):
    """`actor` does not want to see `target`, who does not learn of it."""

    __tablename__ = "mutes"
    __table_args__ = (UniqueConstraint("actor_id", "target_id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id", ondelete="CASCADE"))
    target_id: Mapped[int] = mapped_column(ForeignKey("actors.id", ondelete="CASCADE"), index=True)
    hides_notifications: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
    # Null for a mute without an end.
    expires_at: Mapped[datetime | None] = mapped_column(index=True)

    target: Mapped[Actor] = relationship(foreign_keys=[target_id], lazy="raise")


class AccountNote(Base):
    """What an actor wrote down about another, for itself."""

    __tablename__ = "account_notes"

    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id", ondelete="CASCADE"), primary_key=True)
    target_id: Mapped[int] = mapped_column(ForeignKey("actors.id", ondelete="CASCADE"), primary_key=True, index=True)
    comment: Mapped[str]


class DomainMute(Base):
    """A server of which one actor wants to see nothing ("domain block" in the client API)."""

    __tablename__ = "domain_mutes"
    __table_args__ = (UniqueConstraint("actor_id", "domain"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id", ondelete="CASCADE"))
    domain: Mapped[str] = mapped_column(Host)
    created_at: Mapped[datetime]


class RepliesPolicy(StrEnum):
    """Whose replies a list shows. https://docs.joinmastodon.org/entities/List/#replies_policy"""

    FOLLOWED = "followed"
    LIST = "list"
    NONE = "none"


class List(Base):
    """A timeline of chosen people."""

    __tablename__ = "lists"

    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id", ondelete="CASCADE"), index=True)
    title: Mapped[str]
    replies_policy: Mapped[RepliesPolicy] = mapped_column(word_of(RepliesPolicy), default=RepliesPolicy.LIST)
    # Whether the home timeline leaves its members out.
    exclusive: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]


class ListMember(Base):
    """Somebody on a list."""

    __tablename__ = "list_members"
    __table_args__ = (UniqueConstraint("list_id", "actor_id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    list_id: Mapped[int] = mapped_column(ForeignKey("lists.id", ondelete="CASCADE"))
    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id", ondelete="CASCADE"), index=True)


class FollowedTag(Base):
    """A hashtag whose posts an actor finds in its home timeline: `tag` is the folded key, `name` as written."""

    __tablename__ = "followed_tags"
    __table_args__ = (UniqueConstraint("actor_id", "tag"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id", ondelete="CASCADE"))
    tag: Mapped[str] = mapped_column(String(255), index=True)
    name: Mapped[str] = mapped_column(String(255))
    created_at: Mapped[datetime]


class SuggestionDismissal(Base):
    """Somebody whom an actor does not want to be suggested again."""

    __tablename__ = "suggestion_dismissals"

    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id", ondelete="CASCADE"), primary_key=True)
    target_id: Mapped[int] = mapped_column(ForeignKey("actors.id", ondelete="CASCADE"), primary_key=True)


class EmailSubscription(Base):
    """Somebody without an account who wants an actor's public posts by mail."""

    __tablename__ = "email_subscriptions"
    __table_args__ = (UniqueConstraint("actor_id", "email"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id", ondelete="CASCADE"))
    email: Mapped[str] = mapped_column(String(320))
    locale: Mapped[str] = mapped_column(String(16), default="de")
    # What the links in the mails carry. Each mail has one, so it cannot be a hash; all it opens is this row.
    token: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
