"""People who can log in, and as which actors they may act."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from activitypub.models import Actor, Base
from activitypub.models.base import Id, word_of


class Role(StrEnum):
    """What a person may do for the whole instance."""

    USER = "user"
    MODERATOR = "moderator"
    ADMIN = "admin"


class User(Base):
    """Someone who can log in. `actor` is who they are themselves; `Membership` says who else they act as."""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id", ondelete="RESTRICT"), unique=True)
    # Folded to lower case, because people do not remember how they typed it.
    email: Mapped[str] = mapped_column(String(320), unique=True)
    # An Argon2id hash. Empty or unreadable means: nobody gets in with a password (row J09).
    password_hash: Mapped[str]
    role: Mapped[Role] = mapped_column(word_of(Role), default=Role.USER)
    locale: Mapped[str] = mapped_column(String(16), default="de")
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    disabled_at: Mapped[datetime | None]
    # Null while moderators still have to let them in.
    approved_at: Mapped[datetime | None]
    # Why somebody wants to join, where that is asked.
    reason: Mapped[str] = mapped_column(default="")
    # SHA-256 of the token in the mail that confirms the address, and an address that waits for it.
    confirmation_hash: Mapped[str | None] = mapped_column(String(64), index=True, unique=True)
    unconfirmed_email: Mapped[str | None] = mapped_column(String(320))
    # The network somebody signed up from, and last came from; forgotten by housekeeping.
    sign_up_ip: Mapped[str | None] = mapped_column(String(64))
    last_ip: Mapped[str | None] = mapped_column(String(64))
    last_active_at: Mapped[datetime | None]

    actor: Mapped[Actor] = relationship(lazy="raise")


class Standing(StrEnum):
    """What a member may do as the actor: each includes those after it."""

    OWNER = "owner"  # also decides who belongs
    EDITOR = "editor"  # also publishes and edits what others wrote
    AUTHOR = "author"  # writes and publishes
    VIEWER = "viewer"  # reads what the actor reads


class Membership(Base):
    """Lets a user act as an actor: several people, each with their own login, run one club's actor."""

    __tablename__ = "memberships"
    __table_args__ = (UniqueConstraint("user_id", "actor_id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id", ondelete="CASCADE"), index=True)
    standing: Mapped[Standing] = mapped_column(word_of(Standing))
    created_at: Mapped[datetime]

    user: Mapped[User] = relationship(lazy="raise")
    actor: Mapped[Actor] = relationship(lazy="raise")


class WebSession(Base):
    """A browser that is logged in. Logging out deletes the row (rule 9). Only the token's hash is kept."""

    __tablename__ = "web_sessions"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
