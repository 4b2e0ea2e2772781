"""Quotes: one status shows another, if the other's author lets it (FEP-044f)."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from activitypub.models.base import Base, Id, Uri, word_of


class QuoteState(StrEnum):
    """How far the author of the quoted status agrees. https://docs.joinmastodon.org/entities/Quote/#state"""

    PENDING = "pending"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    REVOKED = "revoked"
    DELETED = "deleted"  # the quoted status is gone


class Quote(Base):
    """A status that quotes another. It is shown only while `state` is accepted."""

    __tablename__ = "quotes"

    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    # The status that quotes.
    status_id: Mapped[int] = mapped_column(ForeignKey("statuses.id", ondelete="CASCADE"), unique=True)
    quoted_uri: Mapped[str] = mapped_column(Uri, index=True)
    # Null while the quoted status is unknown here, or after it was deleted.
    quoted_id: Mapped[int | None] = mapped_column(ForeignKey("statuses.id", ondelete="SET NULL"), index=True)
    quoted_actor_id: Mapped[int | None] = mapped_column(ForeignKey("actors.id", ondelete="SET NULL"))
    state: Mapped[QuoteState] = mapped_column(word_of(QuoteState))
    # The QuoteRequest by which the author was asked.
    request_uri: Mapped[str | None] = mapped_column(Uri, unique=True)
    # The QuoteAuthorization that allows it.
    stamp_uri: Mapped[str | None] = mapped_column(Uri, unique=True)
    created_at: Mapped[datetime]
