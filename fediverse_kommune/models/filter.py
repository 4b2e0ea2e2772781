"""What a local actor does not want to read. https://docs.joinmastodon.org/entities/Filter/"""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from activitypub.models import Base
from activitypub.models.base import Id, word_of


class FilterAction(StrEnum):
    """What becomes of a post that matches. https://docs.joinmastodon.org/entities/Filter/#filter_action"""

    WARN = "warn"
    HIDE = "hide"
    BLUR = "blur"


class Filter(Base):
    """A set of words and posts, and where they are filtered: any of home, notifications, public, thread, account."""

    __tablename__ = "filters"

    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id", ondelete="CASCADE"), index=True)
    title: Mapped[str]
    contexts: Mapped[list[str]]
    action: Mapped[FilterAction] = mapped_column(word_of(FilterAction), default=FilterAction.WARN)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]

    keywords: Mapped[list["FilterKeyword"]] = relationship(
        lazy="raise", passive_deletes=True, order_by="FilterKeyword.id"
    )
    statuses: Mapped[list["FilterStatus"]] = relationship(
        lazy="raise", passive_deletes=True, order_by="FilterStatus.id"
    )


class FilterKeyword(Base):
    """A word or a phrase of a filter."""

    __tablename__ = "filter_keywords"

    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    filter_id: Mapped[int] = mapped_column(ForeignKey("filters.id", ondelete="CASCADE"), index=True)
    keyword: Mapped[str]
    whole_word: Mapped[bool] = mapped_column(default=True)


class FilterStatus(Base):
    """A single post that a filter hides."""

    __tablename__ = "filter_statuses"
    __table_args__ = (UniqueConstraint("filter_id", "status_id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    filter_id: Mapped[int] = mapped_column(ForeignKey("filters.id", ondelete="CASCADE"))
    status_id: Mapped[int] = mapped_column(ForeignKey("statuses.id", ondelete="CASCADE"), index=True)
