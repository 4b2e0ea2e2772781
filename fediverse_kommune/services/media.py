"""Uploads: files that belong to one actor and wait for a post. https://docs.joinmastodon.org/methods/media/"""

from collections.abc import Sequence
from datetime import timedelta

from msgspec import Struct
from msgspec.structs import asdict
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from activitypub.models import Media, MediaState, new_id
from activitypub.unit import Unit
from fediverse_kommune.models import MediaJob, ScheduledStatus
from fediverse_kommune.services.refusals import Invalid, NotFound
from fediverse_kommune.services.statuses import DESCRIPTION_CHARACTERS

WAITS = timedelta(hours=24)  # how long an upload waits for its post
SWEPT_AT_ONCE = 200
PREVIEW = ("thumbnail_key", "thumbnail_width", "thumbnail_height", "blurhash")
"""What is known of the picture that stands for a file."""


class File(Struct, frozen=True):
    """A file as it lies in the store. Pixels, seconds, bits a second; None for what it does not have."""

    key: str
    media_type: str
    thumbnail_key: str | None = None
    width: int | None = None
    height: int | None = None
    thumbnail_width: int | None = None
    thumbnail_height: int | None = None
    blurhash: str | None = None
    duration: float | None = None
    bitrate: int | None = None
    frame_rate: str | None = None
    sound: str | None = None
    loops: bool = False


class Waiting(Struct, frozen=True):
    """A sound or film that still has to be drawn anew: the name under which it waits, and what it will be."""

    upload: str
    media_type: str
    loops: bool = False


class MediaForm(Struct, frozen=True):
    """What an author says of a file; None leaves it as it is. `thumbnail` is a picture to show in its place."""

    description: str | None = None
    focus: tuple[float, float] | None = None
    thumbnail: File | None = None


def attach_file(unit: Unit, actor_id: int, file: File, form: MediaForm) -> Media:
    """Store what is known of a file that is in the store already. Raises `Invalid`."""
    media = _new(unit, actor_id, file.media_type, MediaState.READY)
    show_file(media, file)
    _describe(media, form)
    unit.add(media)
    unit.flush()
    return media


def await_file(unit: Unit, actor_id: int, waiting: Waiting, form: MediaForm) -> Media:
    """Store a file that a worker has yet to draw anew. Raises `Invalid`."""
    media = _new(unit, actor_id, waiting.media_type, MediaState.PROCESSING)
    media.loops = waiting.loops
    _describe(media, form)
    unit.add(media)
    unit.flush()
    unit.add(MediaJob(media_id=media.id, upload=waiting.upload))
    unit.flush()
    return media


def show_file(media: Media, file: File) -> None:
    """Write what is known of a file into its row; a picture that somebody chose for it stays."""
    values = asdict(file) | {"storage_key": file.key}
    del values["key"]
    if media.thumbnail_key is not None:
        values = {name: value for name, value in values.items() if name not in PREVIEW}
    for name, value in values.items():
        setattr(media, name, value)


def find_own(session: Session, actor_id: int, media_id: int) -> Media:
    """Return a file of this actor. Raises `NotFound` also for somebody else's (row F08)."""
    media = session.get(Media, media_id, populate_existing=True)
    if media is None or media.actor_id != actor_id:
        raise NotFound
    return media


def find_usable(session: Session, actor_id: int, media_id: int) -> Media:
    """Do the same; raises `Invalid` with the reason for a file that could not be drawn anew."""
    media = find_own(session, actor_id, media_id)
    if media.state is MediaState.FAILED:
        job = session.get(MediaJob, media_id)
        raise Invalid(job.error if job and job.error else "The file could not be worked on.")
    return media


def progress_of(session: Session, media: Media) -> int | None:
    """Return how far a file is that is still worked on, in percent; None for one that is not."""
    if media.state is not MediaState.PROCESSING:
        return None
    return session.scalar(select(MediaJob.progress).where(MediaJob.media_id == media.id))


def describe(unit: Unit, actor_id: int, media_id: int, form: MediaForm) -> tuple[Media, list[str]]:
    """Change what is said of a file that no post shows yet; return it, and the keys to remove from the store.

    Raises `NotFound`, `Invalid`.
    """
    media = find_own(unit, actor_id, media_id)
    if media.status_id is not None:
        raise NotFound
    former = [media.thumbnail_key] if form.thumbnail and media.thumbnail_key else []
    _describe(media, form)
    unit.flush()
    return media, former


def remove(unit: Unit, actor_id: int, media_id: int) -> list[str]:
    """Remove a file that no post shows, and return the keys to remove from the store. Raises `NotFound`, `Invalid`."""
    media = find_own(unit, actor_id, media_id)
    if media.status_id is not None:
        raise Invalid("A post shows this file: take it out of the post first.")
    return _forget(unit, [media])


def sweep(unit: Unit) -> list[str]:
    """Forget files that waited too long for a post; return the keys to remove from the store.

    Those of posts that wait for their hour stay.
    """
    kept = {media_id for ids in unit.scalars(select(ScheduledStatus.media_ids)) for media_id in ids}
    late = select(Media).where(
        Media.status_id.is_(None),
        Media.state != MediaState.REMOTE,
        Media.created_at < unit.now - WAITS,
        Media.id.not_in(kept),
    )
    return _forget(unit, unit.scalars(late.order_by(Media.id).limit(SWEPT_AT_ONCE)).all())


def unknown_arrivals(session: Session, names: list[str]) -> list[str]:
    """Return those of these files that no upload waits for: what a crash left behind."""
    known = set(session.scalars(select(MediaJob.upload).where(MediaJob.upload.in_(names)))) if names else set()
    return [name for name in names if name not in known]


def _new(unit: Unit, actor_id: int, media_type: str, state: MediaState) -> Media:
    return Media(id=new_id(unit.now), actor_id=actor_id, state=state, media_type=media_type, created_at=unit.now)


def _describe(media: Media, form: MediaForm) -> None:
    if form.description is not None:
        if len(form.description) > DESCRIPTION_CHARACTERS:
            raise Invalid(f"The description has more than {DESCRIPTION_CHARACTERS} characters.")
        media.description = form.description.strip()
    if form.focus is not None:
        media.focus_x, media.focus_y = form.focus
    if form.thumbnail is not None:
        for name in PREVIEW:
            setattr(media, name, getattr(form.thumbnail, name))


def _forget(unit: Unit, rows: Sequence[Media]) -> list[str]:
    """Delete rows and return all that lies in the store for them, also what waits to be worked on."""
    ids = [row.id for row in rows]
    if not ids:
        return []
    uploads = unit.scalars(select(MediaJob.upload).where(MediaJob.media_id.in_(ids))).all()
    unit.execute(delete(MediaJob).where(MediaJob.media_id.in_(ids)))
    unit.execute(delete(Media).where(Media.id.in_(ids)))
    return [key for row in rows for key in (row.storage_key, row.thumbnail_key) if key] + list(uploads)
