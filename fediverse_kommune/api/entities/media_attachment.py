"""MediaAttachment. https://docs.joinmastodon.org/entities/MediaAttachment/"""

from activitypub.documents import media_url
from activitypub.instance import LocalInstance
from activitypub.models import Media, MediaState
from fediverse_kommune.api.entities import Entity
from fediverse_kommune.media.sizes import thumbnail_size

KINDS = frozenset({"image", "video", "audio"})


def media_attachment_entity(media: Media, instance: LocalInstance) -> Entity:
    """Return a file. Its `url` is null while it is being worked on, which is how clients know."""
    url = _address(media.storage_key, media.remote_url, instance)
    kind = media.media_type.partition("/")[0]
    return {
        "id": str(media.id),
        "type": kind if kind in KINDS and media.state is not MediaState.FAILED else "unknown",
        "url": url,
        "preview_url": _address(media.thumbnail_key, url if kind == "image" else None, instance),
        "remote_url": media.remote_url,
        "preview_remote_url": None,
        "text_url": None,
        "meta": _meta(media),
        "description": media.description or None,
        "blurhash": media.blurhash,
    }


def _address(key: str | None, otherwise: str | None, instance: LocalInstance) -> str | None:
    return media_url(instance, key) if key else otherwise


def _meta(media: Media) -> Entity:
    meta: Entity = {}
    if media.width and media.height:
        meta["original"] = _details(media.width, media.height)
        meta["small"] = _details(*thumbnail_size(media.width, media.height))
    if media.duration is not None:
        meta["original"] = meta.get("original", {}) | {"duration": media.duration}
    if media.focus_x is not None and media.focus_y is not None:
        meta["focus"] = {"x": media.focus_x, "y": media.focus_y}
    return meta


def _details(width: int, height: int) -> Entity:
    return {"width": width, "height": height, "size": f"{width}x{height}", "aspect": width / height}
