"""What moderators and administrators decided, and the log of it."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from activitypub.models import Actor, Base
from activitypub.models.base import Host, Id, word_of


class WarningAction(StrEnum):
    """https://docs.joinmastodon.org/entities/AccountWarning/#action"""

    NONE = "none"
    DISABLE = "disable"
    MARK_STATUSES_AS_SENSITIVE = "mark_statuses_as_sensitive"
    DELETE_STATUSES = "delete_statuses"
    SENSITIVE = "sensitive"
    SILENCE = "silence"
    SUSPEND = "suspend"


class AccountWarning(Base):
    """What moderators told an actor when they acted against it."""

    __tablename__ = "account_warnings"

    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    target_id: Mapped[int] = mapped_column(ForeignKey("actors.id", ondelete="CASCADE"), index=True)
    action: Mapped[WarningAction] = mapped_column(word_of(WarningAction, length=32))
    text: Mapped[str] = mapped_column(default="")
    status_ids: Mapped[list[int]] = mapped_column(default=list)
    report_id: Mapped[int | None] = mapped_column(ForeignKey("reports.id", ondelete="SET NULL"))
    created_at: Mapped[datetime]

    target: Mapped[Actor] = relationship(foreign_keys=[target_id], lazy="raise")


class AuditEntry(Base):
    """One act of a moderator or administrator, written in the same transaction as the act (row K08).

    The database lets nobody change or delete it; only `user_id` becomes null when that person is gone for good.
    """

    __tablename__ = "audit_entries"

    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    # 1, 2, 3 …: none is missing.
    number: Mapped[int] = mapped_column(Id, unique=True)
    # Who acted, null for the command line; and what they were called then, empty for the command line.
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    officer: Mapped[str]
    # "account.suspend", "domain_block.create" …
    action: Mapped[str] = mapped_column(String(64))
    # What it was done to, as people read it: a handle, a domain, the number of a report.
    target: Mapped[str]
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime]
    # SHA-256 of this line and of the seal of the one before (`services/audit.py`).
    seal: Mapped[str] = mapped_column(String(64))


class EmailDomainBlock(Base):
    """A domain whose addresses cannot register."""

    __tablename__ = "email_domain_blocks"

    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    domain: Mapped[str] = mapped_column(Host, unique=True)
    allow_with_approval: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]


class CanonicalEmailBlock(Base):
    """The SHA-256 of an address, without dots and what follows a plus, that cannot register again."""

    __tablename__ = "canonical_email_blocks"

    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    email_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]


class IpBlockSeverity(StrEnum):
    """https://docs.joinmastodon.org/entities/Admin_IpBlock/#severity"""

    SIGN_UP_REQUIRES_APPROVAL = "sign_up_requires_approval"
    SIGN_UP_BLOCK = "sign_up_block"
    NO_ACCESS = "no_access"


class IpBlock(Base):
    """A network, in CIDR form, that may not register or not come in at all."""

    __tablename__ = "ip_blocks"

    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    network: Mapped[str] = mapped_column(String(64), unique=True)
    severity: Mapped[IpBlockSeverity] = mapped_column(word_of(IpBlockSeverity, length=32))
    comment: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
