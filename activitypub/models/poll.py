"""Polls: a Question's options and who chose what."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from activitypub.models.actor import Actor
from activitypub.models.base import Base, Id, Uri


class Poll(Base):
    """The poll of a status. Its options keep the order and the words that the author gave them."""

    __tablename__ = "polls"

    # A poll is asked for by the id of its status.
    status_id: Mapped[int] = mapped_column(
        ForeignKey("statuses.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    multiple: Mapped[bool] = mapped_column(default=False)
    # [{"title": …, "votes": …}]. Of ours the votes are counted from `PollVote`; of others it is their server's word.
    options: Mapped[list[dict[str, Any]]]
    # Null where the server of the author does not say how many people voted.
    voters_count: Mapped[int | None]
    hides_totals: Mapped[bool] = mapped_column(default=False)
    # Null for a poll without an end.
    expires_at: Mapped[datetime | None]
    # When something is to be done about it next: new tallies told, or its end. Null if nothing is.
    due_at: Mapped[datetime | None] = mapped_column(index=True)
    # Set once those who took part have been told of the result.
    announced_at: Mapped[datetime | None]
    # When a remote poll was last read; null for ours.
    fetched_at: Mapped[datetime | None]


class PollVote(Base):
    """One choice of one actor. A poll that allows several has several rows per actor."""

    __tablename__ = "poll_votes"
    __table_args__ = (UniqueConstraint("status_id", "actor_id", "choice"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    # The id of the Note that carries the vote.
    uri: Mapped[str] = mapped_column(Uri, unique=True)
    status_id: Mapped[int] = mapped_column(ForeignKey("polls.status_id", ondelete="CASCADE"))
    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id", ondelete="CASCADE"), index=True)
    # The place of the option in `Poll.options`, from 0.
    choice: Mapped[int]
    created_at: Mapped[datetime]

    actor: Mapped[Actor] = relationship(lazy="raise")
