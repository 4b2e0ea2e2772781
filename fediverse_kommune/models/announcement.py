"""What the instance says to everybody here: announcements, rules, and its terms."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from activitypub.models import Base
from activitypub.models.base import Id


class Announcement(Base):
    """A notice for everybody who is logged in. https://docs.joinmastodon.org/entities/Announcement/"""

    __tablename__ = "announcements"

    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    # Plain text as an administrator typed it.
    text: Mapped[str]
    starts_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    all_day: Mapped[bool] = mapped_column(default=False)
    # Null while it is being written.
    published_at: Mapped[datetime | None]
    updated_at: Mapped[datetime]


class AnnouncementDismissal(Base):
    """Somebody has read an announcement."""

    __tablename__ = "announcement_dismissals"

    announcement_id: Mapped[int] = mapped_column(ForeignKey("announcements.id", ondelete="CASCADE"), primary_key=True)
    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id", ondelete="CASCADE"), primary_key=True)


class AnnouncementReaction(Base):
    """An emoji that somebody put below an announcement."""

    __tablename__ = "announcement_reactions"

    announcement_id: Mapped[int] = mapped_column(ForeignKey("announcements.id", ondelete="CASCADE"), primary_key=True)
    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    created_at: Mapped[datetime]


class Rule(Base):
    """A rule of the instance. One that is withdrawn stays, because reports name it."""

    __tablename__ = "rules"

    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    position: Mapped[int]
    text: Mapped[str]
    hint: Mapped[str] = mapped_column(default="")
    # language → {"text": …, "hint": …}
    translations: Mapped[dict[str, Any]] = mapped_column(default=dict)
    deleted_at: Mapped[datetime | None]


class TermsOfService(Base):
    """The terms from a day on. https://docs.joinmastodon.org/entities/TermsOfService/"""

    __tablename__ = "terms_of_service"

    effective_date: Mapped[date] = mapped_column(Date, primary_key=True)
    # Markdown as an administrator typed it.
    text: Mapped[str]
    created_at: Mapped[datetime]


class InstanceText(Base):
    """Texts an administrator edits: "privacy_policy", "extended_description". Markdown."""

    __tablename__ = "instance_texts"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    text: Mapped[str]
    updated_at: Mapped[datetime]
