"""Reports: somebody asks moderators to look at an actor (Flag)."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from activitypub.models.actor import Actor
from activitypub.models.base import Base, Id, Uri, word_of


class ReportCategory(StrEnum):
    """https://docs.joinmastodon.org/entities/Report/#category"""

    SPAM = "spam"
    LEGAL = "legal"
    VIOLATION = "violation"
    OTHER = "other"


class Report(Base):
    """A report, from here or from another server, whose instance actor then stands for the reporter."""

    __tablename__ = "reports"

    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    uri: Mapped[str] = mapped_column(Uri, unique=True)
    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id", ondelete="CASCADE"), index=True)
    target_id: Mapped[int] = mapped_column(ForeignKey("actors.id", ondelete="CASCADE"), index=True)
    category: Mapped[ReportCategory] = mapped_column(word_of(ReportCategory), default=ReportCategory.OTHER)
    comment: Mapped[str] = mapped_column(default="")
    # Ids are kept as they were: what was reported may be deleted before somebody looks.
    status_ids: Mapped[list[int]] = mapped_column(default=list)
    rule_ids: Mapped[list[int]] = mapped_column(default=list)
    collection_ids: Mapped[list[int]] = mapped_column(default=list)
    # Whether the server of the target was told, without the reporter's name.
    forwarded: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    # When moderators last did something about it.
    updated_at: Mapped[datetime]
    assigned_to_id: Mapped[int | None] = mapped_column(ForeignKey("actors.id", ondelete="SET NULL"))
    resolved_at: Mapped[datetime | None]
    resolved_by_id: Mapped[int | None] = mapped_column(ForeignKey("actors.id", ondelete="SET NULL"))

    actor: Mapped[Actor] = relationship(foreign_keys=[actor_id], lazy="raise")
    target: Mapped[Actor] = relationship(foreign_keys=[target_id], lazy="raise")
