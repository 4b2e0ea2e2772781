"""What is known about other servers, and which of them this town does not talk to."""

from datetime import UTC, date, datetime
from enum import StrEnum

from sqlalchemy import Date
from sqlalchemy.orm import Mapped, mapped_column

from activitypub.models.base import Base, Host, Id, new_id, word_of


def _id_of_now() -> int:
    return new_id(datetime.now(UTC))


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

    NOOP = "noop"  # not at all: only its media or its reports are refused
    SILENCE = "silence"  # seen only by those who follow
    SUSPEND = "suspend"  # nothing in, nothing out


class DomainBlock(Base):
    """A moderators' decision about a domain and everything below it."""

    __tablename__ = "domain_blocks"

    domain: Mapped[str] = mapped_column(Host, primary_key=True)
    # By which the administration's API names it.
    id: Mapped[int] = mapped_column(Id, index=True, unique=True, default=_id_of_now)
    severity: Mapped[Severity] = mapped_column(word_of(Severity))
    public_comment: Mapped[str] = mapped_column(default="")
    private_comment: Mapped[str] = mapped_column(default="")
    reject_media: Mapped[bool] = mapped_column(default=False)
    reject_reports: Mapped[bool] = mapped_column(default=False)
    # Whether the public list shows the name with letters left out.
    obfuscate: Mapped[bool] = mapped_column(default=False)
    # The list that brought it, if one did: what that list takes back may then be taken back here.
    list_id: Mapped[int | None] = mapped_column(Id)
    created_at: Mapped[datetime]


class DomainAllow(Base):
    """A domain that this town talks to when it talks to none but those allowed."""

    __tablename__ = "domain_allows"

    domain: Mapped[str] = mapped_column(Host, primary_key=True)
    id: Mapped[int] = mapped_column(Id, index=True, unique=True, default=_id_of_now)
    list_id: Mapped[int | None] = mapped_column(Id)
    created_at: Mapped[datetime]
