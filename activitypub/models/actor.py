"""Actors: everyone and everything that has an inbox, ours and theirs."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from activitypub.models.base import Base, Host, Id, Uri, word_of
from activitypub.sanitize import SafeHTML
from activitypub.vocabulary import Posting


class Actor(Base):
    """An actor as last seen. A row without `domain` is one of ours.

    `username` and `domain` are the handle; a remote `domain` has been proved by reverse WebFinger (row A19) and
    differs from `host`, the host of `uri`, where a domain is split. All hosts are in canonical ASCII form.
    """

    __tablename__ = "actors"

    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    uri: Mapped[str] = mapped_column(Uri, unique=True)
    type: Mapped[str] = mapped_column(String(16))
    host: Mapped[str] = mapped_column(Host, index=True)
    username: Mapped[str] = mapped_column(String(2048))
    domain: Mapped[str | None] = mapped_column(Host)
    # The folded handle ("anna" or "anna@nord.example"): what a lookup compares, and what makes a handle unique.
    handle: Mapped[str] = mapped_column(String(2304), unique=True)
    name: Mapped[str] = mapped_column(default="")
    summary: Mapped[SafeHTML] = mapped_column(default=SafeHTML.stored(""))
    # What a local person typed for `summary`; null for remote actors.
    summary_source: Mapped[str | None]
    url: Mapped[str | None] = mapped_column(Uri)
    fields: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    emojis: Mapped[list[dict[str, Any]]] = mapped_column(default=list)

    inbox_uri: Mapped[str] = mapped_column(Uri)
    shared_inbox_uri: Mapped[str | None] = mapped_column(Uri)
    outbox_uri: Mapped[str | None] = mapped_column(Uri)
    followers_uri: Mapped[str | None] = mapped_column(Uri, index=True)
    following_uri: Mapped[str | None] = mapped_column(Uri)
    featured_uri: Mapped[str | None] = mapped_column(Uri)

    # Where a remote actor's pictures are …
    avatar_url: Mapped[str | None] = mapped_column(Uri)
    header_url: Mapped[str | None] = mapped_column(Uri)
    # … and the files of ours in the media storage.
    avatar_key: Mapped[str | None]
    header_key: Mapped[str | None]
    # For those who cannot see them.
    avatar_description: Mapped[str] = mapped_column(default="")
    header_description: Mapped[str] = mapped_column(default="")

    manually_approves_followers: Mapped[bool] = mapped_column(default=False)
    discoverable: Mapped[bool] = mapped_column(default=False)
    indexable: Mapped[bool] = mapped_column(default=False)
    # Of actors elsewhere: who may find their posts where those say nothing. See `search_consent.words_of`.
    searchable_by: Mapped[str | None] = mapped_column(Text)
    # Hide who follows and is followed: the collections then show their size and no items.
    hides_network: Mapped[bool] = mapped_column(default=False)
    # Which tabs its profile has: media, media in replies, what it features.
    shows_media: Mapped[bool] = mapped_column(default=True)
    shows_media_replies: Mapped[bool] = mapped_column(default=True)
    shows_featured: Mapped[bool] = mapped_column(default=True)
    also_known_as: Mapped[list[str]] = mapped_column(default=list)
    moved_to_uri: Mapped[str | None] = mapped_column(Uri)
    # Web sites that may name this actor as an author of theirs (`fediverse:creator`, FEP-2345).
    attribution_domains: Mapped[list[str]] = mapped_column(default=list)

    # Of a group of ours: whose posts it passes on. Null, as of all others: those of its followers.
    posting: Mapped[Posting | None] = mapped_column(word_of(Posting))
    # Of one of ours: no other server hears of it, and what is posted in it leaves none either.
    local_only: Mapped[bool] = mapped_column(default=False)

    followers_count: Mapped[int] = mapped_column(default=0)
    following_count: Mapped[int] = mapped_column(default=0)
    statuses_count: Mapped[int] = mapped_column(default=0)
    last_status_at: Mapped[datetime | None]

    # When the actor says it was created; when its document was last read (null for ours).
    created_at: Mapped[datetime]
    fetched_at: Mapped[datetime | None]
    # Set by moderators here; a suspended actor is neither heard nor shown.
    suspended_at: Mapped[datetime | None]
    # Seen only by those who follow.
    silenced_at: Mapped[datetime | None]
    # All its media count as sensitive.
    sensitized_at: Mapped[datetime | None]
    # When all that a suspended actor had was removed for good; the row stays, so that nobody takes its name.
    purged_at: Mapped[datetime | None]
    # Counts every UPDATE of this row, whoever makes it: what is kept of an actor is held against it.
    version: Mapped[int] = mapped_column(default=0, onupdate=text("version + 1"))

    keys: Mapped[list["ActorKey"]] = relationship(back_populates="actor", lazy="raise", passive_deletes=True)

    proof_key: Mapped["ProofKey | None"] = relationship(back_populates="actor", lazy="raise", passive_deletes=True)

    @property
    def is_local(self) -> bool:
        """True for an actor of this instance."""
        return self.domain is None


class ActorKey(Base):
    """A key an actor signs with. Only ours carry a private half.

    A key is stored under an actor only after the actor's own document listed it (rows A05 to A08).
    """

    __tablename__ = "actor_keys"

    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id", ondelete="CASCADE"), index=True)
    uri: Mapped[str] = mapped_column(Uri, unique=True)
    public_pem: Mapped[str]
    private_pem: Mapped[str | None]
    created_at: Mapped[datetime]

    actor: Mapped[Actor] = relationship(back_populates="keys", lazy="raise")


class ProofKey(Base):
    """The Ed25519 key by which one of ours proves to have said what others pass on (FEP-521a, FEP-8b32).

    It stands apart from `ActorKey`, because it signs no requests: those have to be believed by everybody, and many
    read only RSA.
    """

    __tablename__ = "proof_keys"

    actor_id: Mapped[int] = mapped_column(
        ForeignKey("actors.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    # The public half as others read it, "z6Mk…".
    multibase: Mapped[str] = mapped_column(String(48))
    private_pem: Mapped[str]
    created_at: Mapped[datetime]

    actor: Mapped[Actor] = relationship(back_populates="proof_key", lazy="raise")
