"""What is known about other servers, and which of them this town does not talk to."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Date
from sqlalchemy.orm import Mapped, mapped_column

from activitypub.models.base import Base, Host, word_of


class Instance(Base):
    """A remote server as the outbox has met it. `host` is the host of its ids, in canonical ASCII form."""

    __tablename__ = "instances"

    host: Mapped[str] = mapped_column(Host, primary_key=True)
    first_seen_at: Mapped[datetime]
    last_success_at: Mapped[datetime | None]
    last_failure_at: Mapped[datetime | None]
    # Distinct days with a failure since the last success; at 7 the host counts as unavailable.
    failure_days: Mapped[int] = mapped_column(default=0)
    last_failure_day: Mapped[date | None] = mapped_column(Date)
    unavailable_since: Mapped[datetime | None]


class Severity(StrEnum):
    """How far a domain is shut out."""

    SILENCE = "silence"  # seen only by those who follow
    SUSPEND = "suspend"  # nothing in, nothing out


class DomainBlock(Base):
    """A moderators' decision about a domain and everything below it."""

    __tablename__ = "domain_blocks"

    domain: Mapped[str] = mapped_column(Host, primary_key=True)
    severity: Mapped[Severity] = mapped_column(word_of(Severity))
    public_comment: Mapped[str] = mapped_column(default="")
    private_comment: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
