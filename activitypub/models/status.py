"""Statuses, who is mentioned in them, their hashtags and earlier versions, and what has been deleted."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from activitypub.models.actor import Actor
from activitypub.models.base import Base, Id, Uri, word_of
from activitypub.models.calendar import CalendarEvent
from activitypub.models.card import PreviewCard
from activitypub.models.media import Media
from activitypub.models.poll import Poll
from activitypub.models.quote import Quote
from activitypub.sanitize import SafeHTML
from activitypub.vocabulary import Visibility


class Status(Base):
    """A post of any of `vocabulary.STATUS_TYPES`. Deleting removes the row and leaves a `Tombstone`."""

    __tablename__ = "statuses"
    __table_args__ = (Index("ix_statuses_actor_id_id", "actor_id", "id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    uri: Mapped[str] = mapped_column(Uri, unique=True)
    url: Mapped[str | None] = mapped_column(Uri)
    type: Mapped[str] = mapped_column(String(16), default="Note")
    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id", ondelete="CASCADE"))
    local: Mapped[bool] = mapped_column(default=False)
    visibility: Mapped[Visibility] = mapped_column(word_of(Visibility))
    # Never leaves this instance, whatever its visibility.
    local_only: Mapped[bool] = mapped_column(default=False)
    # For the county: for the followers that live on servers which are allowed by name, and for everybody here. Its
    # visibility is no wider than `private`.
    bubble_only: Mapped[bool] = mapped_column(default=False)
    # Of a status elsewhere: for those who are logged in here, whatever its visibility (FEP-7502).
    logged_in_only: Mapped[bool] = mapped_column(default=False)
    # Of a status elsewhere: who may find it by its words (FEP-268d). See `search_consent.words_of`.
    searchable_by: Mapped[str | None] = mapped_column(Text)
    # An answer that waits for the consent of whom it answers: only the two may read it (`InteractionRequest`).
    held: Mapped[bool] = mapped_column(default=False)
    # Read in the background, where nobody was told of it; until it arrives by itself.
    unheard: Mapped[bool] = mapped_column(default=False)
    # What says that the author of what it answers allows it; only of our own statuses.
    authorization_uri: Mapped[str | None] = mapped_column(Uri)

    in_reply_to_uri: Mapped[str | None] = mapped_column(Uri, index=True)
    in_reply_to_id: Mapped[int | None] = mapped_column(ForeignKey("statuses.id", ondelete="SET NULL"), index=True)
    # Kept when the parent is deleted, so that a reply still says whom it answered.
    in_reply_to_actor_id: Mapped[int | None] = mapped_column(ForeignKey("actors.id", ondelete="SET NULL"))
    conversation_uri: Mapped[str | None] = mapped_column(Uri)

    # The group it was posted in, by its author's own word (FEP-1b12).
    audience_uri: Mapped[str | None] = mapped_column(Uri)
    # A group of ours has taken it up, and tells its followers what becomes of it.
    in_group: Mapped[bool] = mapped_column(default=False)
    # The group takes no more answers to it, nor to what answers it.
    locked: Mapped[bool] = mapped_column(default=False)

    title: Mapped[str | None]
    content: Mapped[SafeHTML]
    # language → sanitised HTML, when the author gave several (`contentMap`).
    content_map: Mapped[dict[str, str]] = mapped_column(default=dict)
    # What a local author typed; null for remote statuses.
    source: Mapped[str | None]
    # The content warning: `summary` in ActivityStreams, `spoiler_text` in the client API. Plain text.
    summary: Mapped[str] = mapped_column(default="")
    sensitive: Mapped[bool] = mapped_column(default=False)
    # Of a status elsewhere: the page that it is about (FEP-8967), as {"url": …} and, if that is on its own server,
    # what that says of it: "title", "description", "image", "image_description", "author_name", "author_url".
    attached_link: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    language: Mapped[str | None] = mapped_column(String(35))
    emojis: Mapped[list[dict[str, Any]]] = mapped_column(default=list)

    replies_count: Mapped[int] = mapped_column(default=0)
    likes_count: Mapped[int] = mapped_column(default=0)
    announces_count: Mapped[int] = mapped_column(default=0)
    quotes_count: Mapped[int] = mapped_column(default=0)
    # How many there are of each `EmojiReaction`, the emoji first that came first: {"name", "count", and for a picture
    # "url" and "static_url"}.
    reactions: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    # Who may like, reply, announce and quote: {"canQuote": {"automatic": […], "manual": […]}, …} with the words
    # "public", "followers", "following", "author" or URIs of actors. A missing entry: everybody (nobody may quote).
    interaction_policy: Mapped[dict[str, Any]] = mapped_column(default=dict)

    published_at: Mapped[datetime]
    edited_at: Mapped[datetime | None]
    # When this row was written here: `published_at` is the author's word, this is ours.
    received_at: Mapped[datetime]
    # Set while the author shows it on top of the profile (`featured`).
    pinned_at: Mapped[datetime | None]
    # Counts every UPDATE of this row, whoever makes it: what is kept of a status is held against it.
    version: Mapped[int] = mapped_column(default=0, onupdate=text("version + 1"))

    actor: Mapped[Actor] = relationship(foreign_keys=[actor_id], lazy="raise")
    mentions: Mapped[list["Mention"]] = relationship(lazy="raise", passive_deletes=True)
    hashtags: Mapped[list["StatusHashtag"]] = relationship(lazy="raise", passive_deletes=True)
    media: Mapped[list[Media]] = relationship(
        lazy="raise", passive_deletes=True, order_by=Media.position, foreign_keys=[Media.status_id]
    )
    poll: Mapped[Poll | None] = relationship(lazy="raise", passive_deletes=True)
    event: Mapped[CalendarEvent | None] = relationship(lazy="raise", passive_deletes=True)
    # The preview of the page that it links to.
    card: Mapped[PreviewCard | None] = relationship(secondary="status_cards", viewonly=True, lazy="raise")
    quote: Mapped[Quote | None] = relationship(lazy="raise", passive_deletes=True, foreign_keys=[Quote.status_id])


class Mention(Base):
    """An actor a status is addressed to. A silent one is addressed without being named in the text."""

    __tablename__ = "mentions"

    status_id: Mapped[int] = mapped_column(ForeignKey("statuses.id", ondelete="CASCADE"), primary_key=True)
    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id", ondelete="CASCADE"), primary_key=True, index=True)
    silent: Mapped[bool] = mapped_column(default=False)

    actor: Mapped[Actor] = relationship(lazy="raise")


class StatusHashtag(Base):
    """A hashtag of a status: `tag` is the folded key, `name` what the author wrote (both without #)."""

    __tablename__ = "status_hashtags"
    __table_args__ = (Index("ix_status_hashtags_tag_status_id", "tag", "status_id"),)

    status_id: Mapped[int] = mapped_column(ForeignKey("statuses.id", ondelete="CASCADE"), primary_key=True)
    tag: Mapped[str] = mapped_column(String(255), primary_key=True)
    name: Mapped[str] = mapped_column(String(255))


class StatusEdit(Base):
    """A version of a status that an edit replaced."""

    __tablename__ = "status_edits"
    __table_args__ = (UniqueConstraint("status_id", "created_at"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    status_id: Mapped[int] = mapped_column(ForeignKey("statuses.id", ondelete="CASCADE"))
    title: Mapped[str | None]
    content: Mapped[SafeHTML]
    summary: Mapped[str] = mapped_column(default="")
    sensitive: Mapped[bool] = mapped_column(default=False)
    # Media ids and their descriptions as they were.
    media: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    # The words of the options, if it asked a question.
    poll_options: Mapped[list[str] | None]
    # When this version began to stand.
    created_at: Mapped[datetime]


class Tombstone(Base):
    """A URI that must not (re)appear: a deleted object, or an activity undone before it arrived.

    Written only on the authority of the URI's own origin, so nobody can bury what is not theirs; and for an answer to
    one of ours that its author has refused, which is to stay away from here alone.
    """

    __tablename__ = "tombstones"

    uri: Mapped[str] = mapped_column(Uri, primary_key=True)
    former_type: Mapped[str] = mapped_column(String(32), default="Note")
    deleted_at: Mapped[datetime] = mapped_column(index=True)
