"""Uploads: files that belong to one actor and wait for a post. https://docs.joinmastodon.org/methods/media/"""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from activitypub.models import Media, MediaState, new_id
from activitypub.unit import Unit
from fediverse_kommune.services.refusals import Invalid, NotFound
from fediverse_kommune.services.statuses import DESCRIPTION_CHARACTERS

WAITS = timedelta(hours=24)  # how long an upload waits for its post
SWEPT_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as it lies in the store."""

    key: str
    thumbnail_key: str
    media_type: str
    width: int
    height: int
    blurhash: str


@dataclass(frozen=True, slots=True)
class MediaForm:
    """What an author says of a file; None leaves it as it is."""

    description: str | None = None
    focus: tuple[float, float] | None = None


def attach_picture(unit: Unit, actor_id: int, picture: Picture, form: MediaForm) -> Media:
    """Store what is known of a picture that is in the store already. Raises `Invalid`."""
    media = Media(
        id=new_id(unit.now),
        actor_id=actor_id,
        state=MediaState.READY,
        media_type=picture.media_type,
        storage_key=picture.key,
        thumbnail_key=picture.thumbnail_key,
        width=picture.width,
        height=picture.height,
        blurhash=picture.blurhash,
        created_at=unit.now,
    )
    _describe(media, form)
    unit.add(media)
    unit.flush()
    return media


def find_own(session: Session, actor_id: int, media_id: int) -> Media:
    """Return a file of this actor. Raises `NotFound` also for somebody else's (row F08)."""
    media = session.get(Media, media_id)
    if media is None or media.actor_id != actor_id:
        raise NotFound
    return media


def describe(unit: Unit, actor_id: int, media_id: int, form: MediaForm) -> Media:
    """Change what is said of a file that no post shows yet. Raises `NotFound`, `Invalid`."""
    media = find_own(unit, actor_id, media_id)
    if media.status_id is not None:
        raise NotFound
    _describe(media, form)
    unit.flush()
    return media


def remove(unit: Unit, actor_id: int, media_id: int) -> list[str]:
    """Remove a file that no post shows, and return the keys to remove from the store. Raises `NotFound`, `Invalid`."""
    media = find_own(unit, actor_id, media_id)
    if media.status_id is not None:
        raise Invalid("A post shows this file: take it out of the post first.")
    keys = _keys(media)
    unit.delete(media)
    unit.flush()
    return keys


def sweep(unit: Unit) -> list[str]:
    """Forget files that waited too long for a post; return the keys to remove from the store."""
    late = select(Media).where(
        Media.status_id.is_(None), Media.storage_key.is_not(None), Media.created_at < unit.now - WAITS
    )
    rows = unit.scalars(late.order_by(Media.id).limit(SWEPT_AT_ONCE)).all()
    if rows:
        unit.execute(delete(Media).where(Media.id.in_([row.id for row in rows])))
    return [key for row in rows for key in _keys(row)]


def _describe(media: Media, form: MediaForm) -> None:
    if form.description is not None:
        if len(form.description) > DESCRIPTION_CHARACTERS:
            raise Invalid(f"The description has more than {DESCRIPTION_CHARACTERS} characters.")
        media.description = form.description.strip()
    if form.focus is not None:
        media.focus_x, media.focus_y = form.focus


def _keys(media: Media) -> list[str]:
    return [key for key in (media.storage_key, media.thumbnail_key) if key]
