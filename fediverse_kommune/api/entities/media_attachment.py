"""MediaAttachment. https://docs.joinmastodon.org/entities/MediaAttachment/"""

from fractions import Fraction

from activitypub.documents import media_url
from activitypub.instance import LocalInstance
from activitypub.models import Media, MediaState
from fediverse_kommune.api.entities import Entity
from fediverse_kommune.media.sizes import thumbnail_size

KINDS = frozenset({"image", "video", "audio"})


def media_attachment_entity(media: Media, instance: LocalInstance, *, progress: int | None = None) -> Entity:
    """Return a file. Its `url` is null while it is being worked on, which is how clients know.

    `progress` is how far it is then, in percent: a field of our own, beside those that Mastodon has there.
    """
    url = _address(media.storage_key, media.remote_url, instance)
    kind = _kind(media)
    return {
        "id": str(media.id),
        "type": kind,
        "url": url,
        "preview_url": _address(media.thumbnail_key, url if kind == "image" else None, instance),
        "remote_url": media.remote_url,
        "preview_remote_url": None,
        "text_url": None,
        "meta": _meta(media) if progress is None else _meta(media) | {"progress": progress},
        "description": media.description or None,
        "blurhash": media.blurhash,
    }


def _kind(media: Media) -> str:
    kind = media.media_type.partition("/")[0]
    if kind not in KINDS or media.state is MediaState.FAILED:
        return "unknown"
    return "gifv" if media.loops else kind


def _address(key: str | None, otherwise: str | None, instance: LocalInstance) -> str | None:
    return media_url(instance, key) if key else otherwise


def _meta(media: Media) -> Entity:
    """Return sizes and lengths: `original` of the file, `small` of its preview; on top what old clients read there."""
    original: Entity = {}
    if media.width and media.height:
        original = _details(media.width, media.height)
    if media.frame_rate:
        original["frame_rate"] = media.frame_rate
    if media.duration is not None:
        original["duration"] = media.duration
    if media.bitrate:
        original["bitrate"] = media.bitrate
    meta: Entity = _length(media) if media.storage_key else {}
    if original:
        meta["original"] = original
    if preview := _preview_size(media):
        meta["small"] = _details(*preview)
    if media.focus_x is not None and media.focus_y is not None:
        meta["focus"] = {"x": media.focus_x, "y": media.focus_y}
    return meta


def _preview_size(media: Media) -> tuple[int, int] | None:
    if media.thumbnail_width and media.thumbnail_height:
        return media.thumbnail_width, media.thumbnail_height
    return thumbnail_size(media.width, media.height) if media.width and media.height else None


def _length(media: Media) -> Entity:
    """Return how long a sound or film is, with the size of the film beside it."""
    if media.duration is None:
        return {}
    minutes, seconds = divmod(media.duration, 60)
    hours, minutes = divmod(int(minutes), 60)
    length: Entity = {"length": f"{hours}:{minutes:02}:{seconds:05.2f}", "duration": media.duration}
    if media.frame_rate:
        length["fps"] = round(Fraction(media.frame_rate))
    if media.width and media.height:
        length |= _details(media.width, media.height)
    if media.sound:
        length |= zip(("audio_encode", "audio_bitrate", "audio_channels"), media.sound.split(", "), strict=False)
    return length


def _details(width: int, height: int) -> Entity:
    return {"width": width, "height": height, "size": f"{width}x{height}", "aspect": width / height}
