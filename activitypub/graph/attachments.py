"""The media of a status: which rows it gets, and which it keeps when it is edited."""

from collections.abc import Sequence

from activitypub.models import Media, Status, attach
from activitypub.unit import Unit


def place_media(unit: Unit, status: Status, media: Sequence[Media]) -> None:
    """Give a status its media, in their order."""
    for position, item in enumerate(media):
        item.position = position
        item.status_id = status.id
        unit.add(item)
    if media:
        unit.flush()
    attach(status, media=list(media))


def keep_media(status: Status, media: Sequence[Media]) -> list[Media]:
    """Return the files an edit leaves, keeping the row of one that the status already shows by the same URL.

    What the edit dropped has no status any more, and the sweep of unattached files takes it.
    """
    present = {row.remote_url: row for row in status.media if row.remote_url}
    kept = [_refreshed(present[item.remote_url], item) if item.remote_url in present else item for item in media]
    ids = {item.id for item in kept}
    for row in status.media:
        if row.id not in ids:
            row.status_id = None
    return kept


def _refreshed(row: Media, claim: Media) -> Media:
    for name in ("description", "media_type", "blurhash", "focus_x", "focus_y", "width", "height"):
        setattr(row, name, getattr(claim, name))
    return row


def media_changed(status: Status, media: Sequence[Media]) -> bool:
    """Whether these media show or say something else than those that a status has."""
    before = [(item.remote_url, item.storage_key, item.description) for item in status.media]
    after = [(item.remote_url, item.storage_key, item.description) for item in media]
    return before != after
