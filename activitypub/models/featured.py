"""What an actor shows on its profile beside its posts: hashtags, other actors, and collections of them."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from activitypub.models.actor import Actor
from activitypub.models.base import Base, Id, Uri, word_of


class FeaturedTag(Base):
    """A hashtag that an actor shows on its profile: `tag` is the folded key, `name` as written."""

    __tablename__ = "featured_tags"
    __table_args__ = (UniqueConstraint("actor_id", "tag"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id", ondelete="CASCADE"))
    tag: Mapped[str] = mapped_column(String(255))
    name: Mapped[str] = mapped_column(String(255))
    created_at: Mapped[datetime]


class Endorsement(Base):
    """An actor shows another on its profile."""

    __tablename__ = "endorsements"
    __table_args__ = (UniqueConstraint("actor_id", "target_id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id", ondelete="CASCADE"))
    target_id: Mapped[int] = mapped_column(ForeignKey("actors.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]

    target: Mapped[Actor] = relationship(foreign_keys=[target_id], lazy="raise")


class Collection(Base):
    """A named choice of actors, such as "The clubs of our town". https://docs.joinmastodon.org/entities/Collection/"""

    __tablename__ = "collections"
    __table_args__ = (Index("ix_collections_actor_id_id", "actor_id", "id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    uri: Mapped[str] = mapped_column(Uri, unique=True)
    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id", ondelete="CASCADE"))
    name: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    # A hashtag as written, without #.
    tag: Mapped[str | None] = mapped_column(String(255))
    language: Mapped[str | None] = mapped_column(String(35))
    sensitive: Mapped[bool] = mapped_column(default=False)
    discoverable: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    actor: Mapped[Actor] = relationship(lazy="raise")
    items: Mapped[list["CollectionItem"]] = relationship(
        lazy="raise", passive_deletes=True, order_by="CollectionItem.position"
    )


class ItemState(StrEnum):
    """Whether the actor shown agrees. https://docs.joinmastodon.org/entities/CollectionItem/#state"""

    PENDING = "pending"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    REVOKED = "revoked"


class CollectionItem(Base):
    """One actor in a collection."""

    __tablename__ = "collection_items"
    __table_args__ = (UniqueConstraint("collection_id", "actor_id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    collection_id: Mapped[int] = mapped_column(ForeignKey("collections.id", ondelete="CASCADE"))
    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    state: Mapped[ItemState] = mapped_column(word_of(ItemState))
    # What says that somebody elsewhere agrees (FEP-7aa9). Of ours the item itself says so.
    authorization_uri: Mapped[str | None] = mapped_column(Uri)
    created_at: Mapped[datetime]

    actor: Mapped[Actor] = relationship(lazy="raise")
