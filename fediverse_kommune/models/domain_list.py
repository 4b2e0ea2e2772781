"""Lists of domains that others keep and this town has subscribed to, and what they propose."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from activitypub.models import Base, Severity
from activitypub.models.base import Host, Id, Uri, word_of


class ListKind(StrEnum):
    """What stands on a list."""

    BLOCK = "block"
    ALLOW = "allow"


class Change(StrEnum):
    """What becomes of a domain: its limits begin, become others, or end."""

    ADD = "add"
    CHANGE = "change"
    REMOVE = "remove"


class ProposalState(StrEnum):
    """What became of a proposal. One that was accepted is gone: the log has it."""

    WAITING = "waiting"
    REFUSED = "refused"


class DomainList(Base):
    """A list at an address elsewhere, read again every day."""

    __tablename__ = "domain_lists"

    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    kind: Mapped[ListKind] = mapped_column(word_of(ListKind))
    url: Mapped[str] = mapped_column(Uri, unique=True)
    # Whether what it says is done without asking, as far as that cuts few follows.
    automatic: Mapped[bool] = mapped_column(default=False)
    # What the server said of the version that was read last.
    etag: Mapped[str] = mapped_column(String(255), default="")
    created_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    next_read_at: Mapped[datetime] = mapped_column(index=True)
    # Why it could not be read, and how often in a row.
    last_error: Mapped[str | None]
    failures: Mapped[int] = mapped_column(default=0)
    entries: Mapped[int] = mapped_column(default=0)
    faulty: Mapped[int] = mapped_column(default=0)


class DomainProposal(Base):
    """What a list would have changed here. One that was refused stays, so that nobody is asked the same again."""

    __tablename__ = "domain_proposals"
    __table_args__ = (UniqueConstraint("list_id", "domain"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    list_id: Mapped[int] = mapped_column(ForeignKey("domain_lists.id", ondelete="CASCADE"))
    domain: Mapped[str] = mapped_column(Host)
    change: Mapped[Change] = mapped_column(word_of(Change))
    severity: Mapped[Severity] = mapped_column(word_of(Severity))
    reject_media: Mapped[bool] = mapped_column(default=False)
    reject_reports: Mapped[bool] = mapped_column(default=False)
    public_comment: Mapped[str] = mapped_column(default="")
    obfuscate: Mapped[bool] = mapped_column(default=False)
    # How many follows would end, when it was proposed.
    follows: Mapped[int] = mapped_column(default=0)
    state: Mapped[ProposalState] = mapped_column(word_of(ProposalState), index=True)
    created_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
