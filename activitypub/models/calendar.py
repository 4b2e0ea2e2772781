"""Events in the sense of a calendar: when and where something takes place, and who takes part."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from activitypub.models.actor import Actor
from activitypub.models.base import Base, Id, Uri, word_of
from activitypub.vocabulary import EventState, JoinMode


class CalendarEvent(Base):
    """What a status of type Event has beyond a post (FEP-8a8e). Title, text and pictures are the status'."""

    __tablename__ = "calendar_events"

    # An event is asked for by the id of its status.
    status_id: Mapped[int] = mapped_column(
        ForeignKey("statuses.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    starts_at: Mapped[datetime | None] = mapped_column(index=True)
    ends_at: Mapped[datetime | None]
    # Without it the end is known for sorting only: open end.
    shows_end: Mapped[bool] = mapped_column(default=True)
    # The IANA name of the zone it takes place in; null: the town's.
    time_zone: Mapped[str | None] = mapped_column(String(100))
    state: Mapped[EventState] = mapped_column(word_of(EventState), default=EventState.SCHEDULED)
    # {"name": …, "address": one line, "street": …, "postal_code", "locality", "region", "country", "latitude",
    # "longitude"}, of which any may be missing.
    place: Mapped[dict[str, Any]] = mapped_column(default=dict)
    online_url: Mapped[str | None] = mapped_column(Uri)
    # Null where its server does not say: then nobody here can tell whether anybody may join.
    join_mode: Mapped[JoinMode | None] = mapped_column(word_of(JoinMode))
    external_url: Mapped[str | None] = mapped_column(Uri)
    # Null: everybody finds a place, or it is not told.
    capacity: Mapped[int | None]
    # How many take part: counted of ours, told of others'. Null where their server does not say.
    participants: Mapped[int | None]
    # Places left as another server tells them; of ours it follows from the two above.
    remaining: Mapped[int | None]
    categories: Mapped[list[str]] = mapped_column(default=list)
    # Actors of the author's server that speak for the event beside its author; they answer who wants to join.
    organisers: Mapped[list[str]] = mapped_column(default=list)
    # When and where in words: what servers that know no events show of ours beside the title. Null of others.
    summary: Mapped[str | None]
    # Who may comment, in Mobilizon's words: "allow_all", "moderated", "closed"; null if it is not told.
    comments: Mapped[str | None] = mapped_column(String(16))


class Taking(StrEnum):
    """How it stands between an actor and an event."""

    INVITED = "invited"
    REQUESTED = "requested"
    TENTATIVE = "tentative"  # the organiser is not sure yet
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    IGNORED = "ignored"  # the organiser's server takes no sign-ups this way


COMING = (Taking.INVITED, Taking.REQUESTED, Taking.TENTATIVE, Taking.ACCEPTED)
"""Who takes part in an event, or may yet: they have to hear when it changes."""


class Participation(Base):
    """One actor takes part in one event, or wants to, or is asked to.

    Who it is, only the two sides know, unless it is `named`.
    """

    __tablename__ = "participations"
    __table_args__ = (
        UniqueConstraint("status_id", "actor_id"),
        Index("ix_participations_actor_id_id", "actor_id", "id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    # The id of the Join, or of the Invite as long as nobody has joined.
    uri: Mapped[str] = mapped_column(Uri, unique=True)
    status_id: Mapped[int] = mapped_column(ForeignKey("calendar_events.status_id", ondelete="CASCADE"))
    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id", ondelete="CASCADE"))
    state: Mapped[Taking] = mapped_column(word_of(Taking))
    # What the actor wrote to the organiser.
    message: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    # The actor wants to be named among those who come, to whoever may read the event. Else only the organiser hears it.
    named: Mapped[bool] = mapped_column(default=False)
    # When the organiser answered last.
    answered_at: Mapped[datetime | None]

    actor: Mapped[Actor] = relationship(lazy="raise")
