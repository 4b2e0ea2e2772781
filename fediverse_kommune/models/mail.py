"""Mail that waits to be sent."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from activitypub.models import Base
from activitypub.models.base import Id


class Mail(Base):
    """A mail, from the transaction of what it tells of until a mail server took it. Sending deletes the row."""

    __tablename__ = "mails"

    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    to_address: Mapped[str] = mapped_column(String(320))
    # Which text, in which language, with what in it: it is put into words when it is sent.
    template: Mapped[str] = mapped_column(String(32))
    locale: Mapped[str] = mapped_column(String(16))
    details: Mapped[dict[str, Any]]
    # Further lines of the head, such as List-Unsubscribe.
    headers: Mapped[dict[str, str]] = mapped_column(default=dict)
    # The post that it brings, if it brings one: of a post that is deleted no more mails go out.
    status_id: Mapped[int | None] = mapped_column(ForeignKey("statuses.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]
    # When it is to be tried (again). Whoever tries moves it on first, so that nobody else does at the same time.
    due_at: Mapped[datetime] = mapped_column(index=True)
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None]
