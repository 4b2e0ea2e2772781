"""OAuth 2: apps, the codes of an authorization in progress, and access tokens (RFC 6749, RFC 7636).

Codes and tokens are stored as SHA-256 of what the client holds, so a copy of the database opens nothing (row J14).
"""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from activitypub.models import Actor, Base
from activitypub.models.base import Id
from fediverse_kommune.models.user import User


class Application(Base):
    """A registered client app. https://docs.joinmastodon.org/methods/apps/"""

    __tablename__ = "oauth_applications"

    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    client_id: Mapped[str] = mapped_column(String(64), unique=True)
    client_secret_hash: Mapped[str] = mapped_column(String(64))
    name: Mapped[str]
    website: Mapped[str | None]
    redirect_uris: Mapped[list[str]]
    scopes: Mapped[str]
    created_at: Mapped[datetime]


class AuthorizationCode(Base):
    """A code waiting to be exchanged: once, within 10 minutes, by the same client, with its PKCE verifier."""

    __tablename__ = "oauth_codes"

    code_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("oauth_applications.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    # As whom the app will act.
    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id", ondelete="CASCADE"))
    redirect_uri: Mapped[str]
    scopes: Mapped[str]
    code_challenge: Mapped[str | None] = mapped_column(String(128))
    created_at: Mapped[datetime]
    # Set at the exchange: a second try revokes what the first one gave (row J03).
    used_at: Mapped[datetime | None]


class AccessToken(Base):
    """A bearer token. Without `user_id` it is the app's own (client credentials). Revoking deletes the row."""

    __tablename__ = "oauth_tokens"

    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("oauth_applications.id", ondelete="CASCADE"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("actors.id", ondelete="CASCADE"), index=True)
    # The code it came from, so that a replayed code can take its tokens back.
    code_hash: Mapped[str | None] = mapped_column(String(64), index=True)
    scopes: Mapped[str]
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]

    application: Mapped[Application] = relationship(lazy="raise")
    user: Mapped[User | None] = relationship(lazy="raise")
    actor: Mapped[Actor | None] = relationship(lazy="raise")
