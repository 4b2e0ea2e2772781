"""Pictures, sound and films: attachments of statuses, and the faces of actors."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from activitypub.models.base import Base, Host, Id, Uri, word_of


class MediaState(StrEnum):
    """How far a file has come."""

    REMOTE = "remote"  # known by its URL only
    PROCESSING = "processing"
    READY = "ready"
    FAILED = "failed"


class Media(Base):
    """One file. Ours have `storage_key` (content-addressed); remote ones have `remote_url`."""

    __tablename__ = "media"

    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    # Who uploaded or attached it. Only this actor may change it or attach it to a status (row F08).
    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id", ondelete="CASCADE"), index=True)
    # Null while an upload waits for its status.
    status_id: Mapped[int | None] = mapped_column(ForeignKey("statuses.id", ondelete="CASCADE"), index=True)
    position: Mapped[int] = mapped_column(default=0)
    state: Mapped[MediaState] = mapped_column(word_of(MediaState))
    media_type: Mapped[str] = mapped_column(Host)
    remote_url: Mapped[str | None] = mapped_column(Uri)
    storage_key: Mapped[str | None]
    thumbnail_key: Mapped[str | None]
    description: Mapped[str] = mapped_column(default="")
    blurhash: Mapped[str | None] = mapped_column(String(128))
    # Focal point, each in the range -1 … 1.
    focus_x: Mapped[float | None]
    focus_y: Mapped[float | None]
    width: Mapped[int | None]
    height: Mapped[int | None]
    # Seconds, for sound and films.
    duration: Mapped[float | None]
    # Frames a second as a fraction ("30000/1001"), and bits a second; of our own films and recordings.
    frame_rate: Mapped[str | None] = mapped_column(String(32))
    bitrate: Mapped[int | None]
    # How the sound of our own films and recordings is encoded, in the words of ffmpeg: "mp3, 44100 Hz, stereo".
    sound: Mapped[str | None] = mapped_column(String(128))
    # A film without sound that is to be shown like a moving picture, again and again ("gifv" in the client API).
    loops: Mapped[bool] = mapped_column(default=False)
    # Of the preview, where its shape is not that of the file: somebody chose another picture, or it is a sound.
    thumbnail_width: Mapped[int | None]
    thumbnail_height: Mapped[int | None]
    created_at: Mapped[datetime]
