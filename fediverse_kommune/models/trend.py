"""What moderators decided about hashtags and about what is talked about."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from activitypub.models import Base
from activitypub.models.base import word_of


class TrendKind(StrEnum):
    """What can be a trend, and the sites whose pages can."""

    TAG = "tag"
    LINK = "link"
    PUBLISHER = "publisher"
    STATUS = "status"


class TrendReview(Base):
    """Whether something may be a trend. `subject`: the key of a hashtag, the origin of a site, the id of all else."""

    __tablename__ = "trend_reviews"

    kind: Mapped[TrendKind] = mapped_column(word_of(TrendKind), primary_key=True)
    subject: Mapped[str] = mapped_column(String(255), primary_key=True)
    allowed: Mapped[bool]
    reviewed_at: Mapped[datetime]


class HashtagRule(Base):
    """How a hashtag may be used here. A missing row means: in every way."""

    __tablename__ = "hashtag_rules"

    tag: Mapped[str] = mapped_column(String(255), primary_key=True)
    # How it is written everywhere; null means as somebody wrote it last.
    name: Mapped[str | None] = mapped_column(String(255))
    # Whether it becomes a link in what people here write.
    usable: Mapped[bool] = mapped_column(default=True)
    # Whether it is found by the beginning of its name.
    listable: Mapped[bool] = mapped_column(default=True)
