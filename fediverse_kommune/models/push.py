"""Web push: where notifications of a token go. https://docs.joinmastodon.org/methods/push/"""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from activitypub.models import Base
from activitypub.models.base import Id, Uri, word_of


class PushPolicy(StrEnum):
    """Of whom an app wants to hear. https://docs.joinmastodon.org/methods/push/#form-data-parameters"""

    ALL = "all"
    FOLLOWED = "followed"
    FOLLOWER = "follower"
    NONE = "none"


class PushSubscription(Base):
    """One per access token. `p256dh` and `auth` are the app's keys (RFC 8291), in URL-safe base64."""

    __tablename__ = "push_subscriptions"

    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    token_id: Mapped[int] = mapped_column(ForeignKey("oauth_tokens.id", ondelete="CASCADE"), unique=True)
    endpoint: Mapped[str] = mapped_column(Uri)
    p256dh: Mapped[str] = mapped_column(String(128))
    auth: Mapped[str] = mapped_column(String(64))
    # RFC 8291 (aes128gcm), or the draft before it (aesgcm) that older apps speak.
    standard: Mapped[bool] = mapped_column(default=False)
    # The types of notification it wants.
    alerts: Mapped[list[str]] = mapped_column(default=list)
    policy: Mapped[PushPolicy] = mapped_column(word_of(PushPolicy), default=PushPolicy.ALL)
    created_at: Mapped[datetime]


class PushMessage(Base):
    """A notification on its way to a subscription: written with it, gone when the push service has it."""

    __tablename__ = "push_messages"

    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    subscription_id: Mapped[int] = mapped_column(ForeignKey("push_subscriptions.id", ondelete="CASCADE"), index=True)
    notification_id: Mapped[int] = mapped_column(ForeignKey("notifications.id", ondelete="CASCADE"), index=True)
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime] = mapped_column(index=True)


class ServerKey(Base):
    """A key of the instance itself that is no actor's, such as "vapid" (RFC 8292). PEM."""

    __tablename__ = "server_keys"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    private_pem: Mapped[str]
    created_at: Mapped[datetime]
