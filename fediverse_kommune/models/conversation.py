"""Direct conversations as one participant sees them. https://docs.joinmastodon.org/entities/Conversation/"""

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from activitypub.models import Base
from activitypub.models.base import Id, Uri


class Conversation(Base):
    """A thread of direct posts in the list of one of those who take part in it."""

    __tablename__ = "conversations"
    __table_args__ = (
        UniqueConstraint("actor_id", "conversation_uri"),
        Index("ix_conversations_actor_id_last_status_id", "actor_id", "last_status_id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id", ondelete="CASCADE"))
    conversation_uri: Mapped[str] = mapped_column(Uri)
    # Null when all its posts were deleted; such a conversation is not shown.
    last_status_id: Mapped[int | None] = mapped_column(ForeignKey("statuses.id", ondelete="SET NULL"), index=True)
    # The others who take part.
    participant_ids: Mapped[list[int]] = mapped_column(default=list)
    unread: Mapped[bool] = mapped_column(default=True)
