"""What a local actor should hear about."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from activitypub.models import Actor, Base, Status
from activitypub.models.base import Id, word_of


class NotificationType(StrEnum):
    """https://docs.joinmastodon.org/entities/Notification/#type, GoToSocial's `pending.…`, those of quotes and events.

    `participation_request` and `participation_accepted` are Rebased's, the other two about events are ours;
    `pleroma:emoji_reaction` is Pleroma's.
    """

    MENTION = "mention"
    STATUS = "status"
    REBLOG = "reblog"
    FOLLOW = "follow"
    FOLLOW_REQUEST = "follow_request"
    FAVOURITE = "favourite"
    UPDATE = "update"
    POLL = "poll"
    QUOTE = "quote"
    QUOTED_UPDATE = "quoted_update"
    ADMIN_SIGN_UP = "admin.sign_up"
    ADMIN_REPORT = "admin.report"
    MODERATION_WARNING = "moderation_warning"
    SEVERED_RELATIONSHIPS = "severed_relationships"
    ADDED_TO_COLLECTION = "added_to_collection"
    COLLECTION_UPDATE = "collection_update"
    PENDING_FAVOURITE = "pending.favourite"
    PENDING_REPLY = "pending.reply"
    PENDING_REBLOG = "pending.reblog"
    PENDING_QUOTE = "pending.quote"
    PARTICIPATION_REQUEST = "participation_request"
    PARTICIPATION_ACCEPTED = "participation_accepted"
    PARTICIPATION_REJECTED = "participation_rejected"
    EVENT_INVITATION = "event_invitation"
    EMOJI_REACTION = "pleroma:emoji_reaction"


ON_REQUEST = frozenset({NotificationType.EMOJI_REACTION})
"""Kinds that only those apps get that ask for them by name: others may know no kind but Mastodon's (decision 30)."""


class Notification(Base):
    """One thing somebody did. The same thing is told once, also when it arrives twice (`cause`)."""

    __tablename__ = "notifications"
    __table_args__ = (
        UniqueConstraint("actor_id", "cause"),
        Index("ix_notifications_actor_id_id", "actor_id", "id"),
        Index("ix_notifications_actor_id_group_key", "actor_id", "group_key"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    # Whom it is for.
    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id", ondelete="CASCADE"))
    type: Mapped[NotificationType] = mapped_column(word_of(NotificationType))
    from_actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id", ondelete="CASCADE"), index=True)
    status_id: Mapped[int | None] = mapped_column(ForeignKey("statuses.id", ondelete="CASCADE"), index=True)
    # "type:from:status": what makes it the same thing.
    cause: Mapped[str] = mapped_column(String(128))
    # What it is shown with as one: "favourite-<status>-<hour>"; "ungrouped-<id>" if it stands alone.
    group_key: Mapped[str] = mapped_column(String(64), default="")
    # Held back by the receiver's policy until the sender is let in (`NotificationRequest`).
    filtered: Mapped[bool] = mapped_column(default=False)
    report_id: Mapped[int | None] = mapped_column(ForeignKey("reports.id", ondelete="CASCADE"), index=True)
    warning_id: Mapped[int | None] = mapped_column(ForeignKey("account_warnings.id", ondelete="CASCADE"), index=True)
    severance_id: Mapped[int | None] = mapped_column(ForeignKey("severances.id", ondelete="CASCADE"), index=True)
    collection_id: Mapped[int | None] = mapped_column(ForeignKey("collections.id", ondelete="CASCADE"), index=True)
    # An `EmojiReaction`, by its id alone: SQLite adds no column with a foreign key that could be compared again.
    reaction_id: Mapped[int | None] = mapped_column(Id)
    created_at: Mapped[datetime]

    from_actor: Mapped[Actor] = relationship(foreign_keys=[from_actor_id], lazy="raise")
    status: Mapped[Status | None] = relationship(lazy="raise")


class Decision(StrEnum):
    """What becomes of a notification from somebody. https://docs.joinmastodon.org/entities/NotificationPolicy/"""

    ACCEPT = "accept"
    FILTER = "filter"
    DROP = "drop"


class NotificationPolicy(Base):
    """From whom an actor wants to hear. A missing row means the defaults here."""

    __tablename__ = "notification_policies"

    actor_id: Mapped[int] = mapped_column(
        ForeignKey("actors.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    for_not_following: Mapped[Decision] = mapped_column(word_of(Decision), default=Decision.ACCEPT)
    for_not_followers: Mapped[Decision] = mapped_column(word_of(Decision), default=Decision.ACCEPT)
    for_new_accounts: Mapped[Decision] = mapped_column(word_of(Decision), default=Decision.ACCEPT)
    for_private_mentions: Mapped[Decision] = mapped_column(word_of(Decision), default=Decision.FILTER)
    for_limited_accounts: Mapped[Decision] = mapped_column(word_of(Decision), default=Decision.FILTER)


class NotificationRequest(Base):
    """Somebody whose notifications are held back. https://docs.joinmastodon.org/entities/NotificationRequest/"""

    __tablename__ = "notification_requests"
    __table_args__ = (UniqueConstraint("actor_id", "from_actor_id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id", ondelete="CASCADE"))
    from_actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id", ondelete="CASCADE"), index=True)
    last_status_id: Mapped[int | None] = mapped_column(ForeignKey("statuses.id", ondelete="SET NULL"), index=True)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    from_actor: Mapped[Actor] = relationship(foreign_keys=[from_actor_id], lazy="raise")


class NotificationPermission(Base):
    """Somebody who is let in whatever the policy says."""

    __tablename__ = "notification_permissions"

    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id", ondelete="CASCADE"), primary_key=True)
    from_actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id", ondelete="CASCADE"), primary_key=True)


class Severance(Base):
    """Follows that a moderators' decision ended. https://docs.joinmastodon.org/entities/RelationshipSeveranceEvent/"""

    __tablename__ = "severances"

    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id", ondelete="CASCADE"), index=True)
    # domain_block, user_domain_block or account_suspension.
    type: Mapped[str] = mapped_column(String(24))
    # The domain or the handle that is gone.
    target_name: Mapped[str]
    followers_count: Mapped[int] = mapped_column(default=0)
    following_count: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
