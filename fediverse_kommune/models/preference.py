"""What a local actor likes as a default, and how far it has read."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from activitypub.models import Base
from activitypub.models.base import Id, word_of
from activitypub.vocabulary import Visibility


class QuotePolicy(StrEnum):
    """Who may quote without asking. https://docs.joinmastodon.org/methods/statuses/#form-data-parameters"""

    PUBLIC = "public"
    FOLLOWERS = "followers"
    NOBODY = "nobody"


class Preference(Base):
    """Defaults for what an actor writes, and what apps should show it. A missing row means the defaults here."""

    __tablename__ = "preferences"

    actor_id: Mapped[int] = mapped_column(
        ForeignKey("actors.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    visibility: Mapped[Visibility] = mapped_column(word_of(Visibility), default=Visibility.PUBLIC)
    sensitive: Mapped[bool] = mapped_column(default=False)
    # Null means the language of the person.
    language: Mapped[str | None] = mapped_column(String(35))
    quote_policy: Mapped[QuotePolicy] = mapped_column(word_of(QuotePolicy), default=QuotePolicy.PUBLIC)
    # Who may do what with what is written from now on, by visibility: {"public": `access.Policy`, …}.
    interaction_policies: Mapped[dict[str, Any]] = mapped_column(default=dict)
    # default, show_all or hide_all: https://docs.joinmastodon.org/entities/Preferences/
    expand_media: Mapped[str] = mapped_column(String(16), default="default")
    expand_spoilers: Mapped[bool] = mapped_column(default=False)
    # Whether people without a login may subscribe to the actor's public posts by mail.
    email_subscriptions: Mapped[bool] = mapped_column(default=False)
    # Counts the changes of the actor's filters, so that whoever keeps them compiled notices, in every process.
    filters_version: Mapped[int] = mapped_column(default=0)


class Marker(Base):
    """How far an actor has read a timeline ("home" or "notifications"). `version` counts the moves."""

    __tablename__ = "markers"

    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id", ondelete="CASCADE"), primary_key=True)
    timeline: Mapped[str] = mapped_column(String(16), primary_key=True)
    last_read_id: Mapped[int] = mapped_column(Id)
    version: Mapped[int] = mapped_column(default=0)
    updated_at: Mapped[datetime]
