"""What somebody wants to do with a status whose author decides on each of it, and what was decided."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from activitypub.models.base import Base, Id, Uri, word_of
from activitypub.vocabulary import Visibility


class Wish(StrEnum):
    """What somebody wants to do with a status."""

    LIKE = "like"
    REPLY = "reply"
    ANNOUNCE = "announce"
    QUOTE = "quote"


class InteractionRequest(Base):
    """One thing that `actor_id` wants to do with a status of `author_id`. One of the two, or both, are ours.

    It waits while neither time is set. An accepted one to an author of ours backs the authorization that others read.
    """

    __tablename__ = "interaction_requests"
    __table_args__ = (
        UniqueConstraint("interaction_uri", "wish"),
        Index("ix_interaction_requests_author_id_id", "author_id", "id"),
        Index("ix_interaction_requests_status_id_actor_id", "status_id", "actor_id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    wish: Mapped[Wish] = mapped_column(word_of(Wish))
    status_id: Mapped[int] = mapped_column(ForeignKey("statuses.id", ondelete="CASCADE"))
    author_id: Mapped[int] = mapped_column(ForeignKey("actors.id", ondelete="CASCADE"))
    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id", ondelete="CASCADE"))
    # The id of the Like, of the Announce, or of the status that answers or quotes.
    interaction_uri: Mapped[str] = mapped_column(Uri)
    # The id of the LikeRequest, ReplyRequest or AnnounceRequest; null if it was done without asking.
    request_uri: Mapped[str | None] = mapped_column(Uri)
    # The status that answers or quotes, while it is here.
    reply_id: Mapped[int | None] = mapped_column(ForeignKey("statuses.id", ondelete="CASCADE"), index=True)
    # Who is to see an announce, and when it was made.
    visibility: Mapped[Visibility | None] = mapped_column(word_of(Visibility))
    published_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    rejected_at: Mapped[datetime | None]
