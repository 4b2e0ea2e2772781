"""Pictures that people of this instance write as `:shortcode:`. Those of others travel with what uses them."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from activitypub.models.base import Base, Id


class CustomEmoji(Base):
    """One of our own emoji (FEP-9098). `static_key` is a still picture of one that moves, else the same file."""

    __tablename__ = "custom_emojis"

    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    shortcode: Mapped[str] = mapped_column(String(64), unique=True)
    storage_key: Mapped[str]
    static_key: Mapped[str]
    # Under which heading clients show it; null for those without one.
    category: Mapped[str | None] = mapped_column(String(255))
    # False: it works where it is written, and no client offers it.
    visible_in_picker: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
