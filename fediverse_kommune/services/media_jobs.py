"""The queue of sound and films: which are due, who has them in hand, what became of them.

A worker that dies leaves a lease that runs out; what it had in hand is then drawn anew from the start. So a restart
loses no upload, and what makes workers die is given up after a few tries.
"""

from collections.abc import Collection, Sequence
from datetime import timedelta

from msgspec import Struct
from sqlalchemy import delete, or_, select, update

from activitypub.models import Media, MediaState
from activitypub.tasks import LEASE
from activitypub.unit import Unit
from fediverse_kommune.models import MediaJob
from fediverse_kommune.services.media import File, show_file

MOST_TRIES = 3
GAVE_UP = "The file could not be worked on: it made this server stop several times."


class Job(Struct, frozen=True):
    """One upload in hand."""

    media_id: int
    upload: str


def claim(unit: Unit, room: int) -> Sequence[Job]:
    """Lease at most `room` uploads that nobody works on, the oldest first, and return them."""
    due = (
        select(MediaJob)
        .where(MediaJob.error.is_(None), or_(MediaJob.leased_until.is_(None), MediaJob.leased_until <= unit.now))
        .order_by(MediaJob.media_id)
        .limit(room)
        .with_for_update(skip_locked=True)
    )
    claimed = []
    for row in unit.scalars(due).all():
        row.tries += 1
        row.leased_until = unit.now + LEASE
        if row.tries > MOST_TRIES:
            give_up(unit, row.media_id, GAVE_UP)
        else:
            claimed.append(Job(row.media_id, row.upload))
    unit.flush()
    return claimed


def extend(unit: Unit, ids: Collection[int]) -> None:
    """Say that these are still being worked on."""
    _lease(unit, ids, until=LEASE)


def note_progress(unit: Unit, media_id: int, percent: int) -> None:
    """Note how far a file is, for those who ask."""
    unit.execute(update(MediaJob).where(MediaJob.media_id == media_id).values(progress=percent))


def release(unit: Unit, ids: Collection[int]) -> None:
    """Give these back: they are due at once, and that was no try."""
    rows = MediaJob.media_id.in_(ids) & MediaJob.error.is_(None)
    unit.execute(update(MediaJob).where(rows).values(leased_until=None, tries=MediaJob.tries - 1))


def release_all(unit: Unit) -> None:
    """Make due what a former process had in hand. Only where no other process works on this database."""
    unit.execute(update(MediaJob).where(MediaJob.error.is_(None)).values(leased_until=None))


def finish(unit: Unit, media_id: int, file: File) -> list[str]:
    """Note that a file is ready; return the keys of what is not needed: all, if its upload was removed meanwhile."""
    media = unit.get(Media, media_id, populate_existing=True)
    keys = [file.key, *([file.thumbnail_key] if file.thumbnail_key else [])]
    if media is None or media.state is not MediaState.PROCESSING:
        return keys
    show_file(media, file)
    media.state = MediaState.READY
    unit.execute(delete(MediaJob).where(MediaJob.media_id == media_id))
    unit.flush()
    return [key for key in keys if key not in {media.storage_key, media.thumbnail_key}]


def give_up(unit: Unit, media_id: int, reason: str) -> None:
    """Note that a file will never be ready, and why."""
    unit.execute(
        update(Media)
        .where(Media.id == media_id, Media.state == MediaState.PROCESSING)
        .values(state=MediaState.FAILED)
        .execution_options(synchronize_session=False)
    )
    unit.execute(update(MediaJob).where(MediaJob.media_id == media_id).values(error=reason, leased_until=None))


def _lease(unit: Unit, ids: Collection[int], *, until: timedelta) -> None:
    unit.execute(update(MediaJob).where(MediaJob.media_id.in_(ids)).values(leased_until=unit.now + until))
