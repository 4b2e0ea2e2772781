"""Previews of the pages that posts link to. https://docs.joinmastodon.org/entities/PreviewCard/"""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from activitypub.models.actor import Actor
from activitypub.models.base import Base, Id, Uri


class PreviewCard(Base):
    """What a page says about itself. Plain text throughout: nothing of a page is ever inlined (row G03)."""

    __tablename__ = "preview_cards"

    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    url: Mapped[str] = mapped_column(Uri, unique=True)
    # link, photo or video.
    type: Mapped[str] = mapped_column(String(8), default="link")
    title: Mapped[str] = mapped_column(default="")
    description: Mapped[str] = mapped_column(default="")
    author_name: Mapped[str] = mapped_column(default="")
    author_url: Mapped[str] = mapped_column(default="")
    # `fediverse:creator`, if that actor allows this site to name it.
    author_id: Mapped[int | None] = mapped_column(ForeignKey("actors.id", ondelete="SET NULL"))
    provider_name: Mapped[str] = mapped_column(default="")
    provider_url: Mapped[str] = mapped_column(default="")
    language: Mapped[str | None] = mapped_column(String(35))
    # The picture as it is kept here.
    image_key: Mapped[str | None]
    image_description: Mapped[str] = mapped_column(default="")
    width: Mapped[int] = mapped_column(default=0)
    height: Mapped[int] = mapped_column(default=0)
    blurhash: Mapped[str | None] = mapped_column(String(128))
    published_at: Mapped[datetime | None]
    # When it is to be fetched; null once it has been, or cannot be.
    due_at: Mapped[datetime | None] = mapped_column(index=True)
    fetched_at: Mapped[datetime | None]

    author: Mapped[Actor | None] = relationship(lazy="raise")


class StatusCard(Base):
    """Which card a post shows."""

    __tablename__ = "status_cards"

    status_id: Mapped[int] = mapped_column(
        ForeignKey("statuses.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    card_id: Mapped[int] = mapped_column(ForeignKey("preview_cards.id", ondelete="CASCADE"), index=True)

    card: Mapped[PreviewCard] = relationship(lazy="raise")
