"""Attachments, and the objects that are media themselves: whatever a status shows beside its text.

Source: FEP-1311 (media attachments), https://docs.joinmastodon.org/spec/activitypub/#properties-used
(focalPoint, blurhash), FEP-8967
"""

import re
from typing import Any

from activitypub.caps import CAPS
from activitypub.properties import (
    Document,
    embedded,
    items,
    media_type,
    number,
    objects,
    one_line,
    seconds,
    size,
    text,
    web_url,
)
from activitypub.vocabulary import MEDIA_TYPES, RemoteMedia, RemotePreview, type_of

_BLURHASH = re.compile(r"[0-9A-Za-z#$%*+,.:;=?@\[\]^_{|}~-]{6,120}")
_KINDS = ("image/", "audio/", "video/")
# For files whose media type nobody declared. A table of our own, because `mimetypes` answers as the machine's
# files say.
_SUFFIXES = {
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "gif": "image/gif",
    "webp": "image/webp",
    "avif": "image/avif",
    "mp3": "audio/mpeg",
    "ogg": "audio/ogg",
    "opus": "audio/opus",
    "flac": "audio/flac",
    "mp4": "video/mp4",
    "webm": "video/webm",
}
_LARGEST_FILM = 720


def read_media(document: Document, *, allow_http: bool) -> tuple[RemoteMedia, ...]:
    """Return the media of a status: its attachments, its own file if it is one, else its title picture."""
    found: dict[str, RemoteMedia] = {}
    own = _own_file(document, allow_http=allow_http) if type_of(document) in MEDIA_TYPES else None
    candidates = [own, *(_attachment(each, allow_http=allow_http) for each in items(document, "attachment"))]
    if not any(candidates):
        # Lemmy, WordPress and Mobilizon name the title picture of a Page, an Article, an Event in `image`.
        candidates = [_attachment(each, allow_http=allow_http) for each in items(document, "image", 1)]
    for media in candidates:
        if media is not None and len(found) < CAPS.attachments:
            found.setdefault(media.url, media)
    return tuple(found.values())


def attached_link(document: Document, *, allow_http: bool) -> tuple[str | None, RemotePreview | None]:
    """Return the page a status is about, and what it says of that page (FEP-8967).

    Lemmy, too, names it in a Link beside the content. FEP-8967 has links that do not say that they are.
    """
    for each in objects(document, "attachment", CAPS.attachments):
        is_link = type_of(each) == "Link" or (type_of(each) is None and isinstance(each.get("href"), str))
        if is_link and _attachment(each, allow_http=allow_http) is None:
            return _href(each, allow_http=allow_http), _preview(embedded(each, "preview"), allow_http=allow_http)
    return None, None


def _preview(document: Document, *, allow_http: bool) -> RemotePreview | None:
    title = one_line(document, "name", CAPS.name_characters)
    if not title:
        return None
    author, image = embedded(document, "attributedTo"), embedded(document, "image")
    return RemotePreview(
        title=title,
        description=one_line(document, "summary", CAPS.bio_characters),
        image_url=picture(document, "image", allow_http=allow_http),
        image_description=one_line(image, "name", CAPS.alt_characters),
        author_name=one_line(author, "name", CAPS.name_characters),
        author_url=picture(author, "url", allow_http=allow_http),
    )


def picture(document: Document, key: str, *, allow_http: bool) -> str | None:
    """Return the URL of an `icon` or `image`: a string, an Image, a Link, or of several the widest.

    PeerTube lists an avatar in several sizes, the smallest first.
    """
    candidates = sorted(items(document, key, CAPS.attachments), key=_width, reverse=True)
    urls = (_href(value, allow_http=allow_http) for value in candidates)
    return next((url for url in urls if url), None)


def _width(value: object) -> int:
    return (size(value.get("width")) or 0) if isinstance(value, dict) else 0


def _attachment(value: object, *, allow_http: bool) -> RemoteMedia | None:
    # A bare URL is all that some writers of JSON-LD leave of an attachment without further properties.
    document: Document = value if isinstance(value, dict) else {"url": value}
    return _media(document, _href(document, allow_http=allow_http))


def _media(document: Document, url: str | None, file: Document | None = None) -> RemoteMedia | None:
    """Return the media that `document` describes and whose file is at `url`; `file` is the Link to it."""
    file = file or document
    kind = url and _kind(document, file, url)
    if not url or not kind:
        return None
    blurhash = document.get("blurhash")
    return RemoteMedia(
        url=url,
        media_type=kind,
        # Mastodon puts the description into `name`, Pixelfed into `name` and `summary`, some into `summary`
        # alone.
        description=(
            text(document, "name", CAPS.alt_characters) or text(document, "summary", CAPS.alt_characters)
        ).strip(),
        blurhash=blurhash if isinstance(blurhash, str) and _BLURHASH.fullmatch(blurhash) else None,
        width=size(file.get("width")),
        height=size(file.get("height")),
        duration=seconds(document.get("duration")),
        focus=_focus(document.get("focalPoint")),
    )


def _kind(document: Document, file: Document, url: str) -> str | None:
    """Return the media type: as declared, else by the name of the file, else by the type of the object."""
    declared = media_type(file) or media_type(document)
    if not declared:
        declared = _SUFFIXES.get(url.partition("?")[0].rpartition(".")[2].lower(), "")
    if declared.startswith(_KINDS):
        return declared
    kind = type_of(document)
    return f"{kind.lower()}/*" if kind in {"Image", "Audio", "Video"} else None


def _focus(value: object) -> tuple[float, float] | None:
    if not isinstance(value, list) or len(value) != 2:
        return None
    x, y = number(value[0], -1, 1), number(value[1], -1, 1)
    return None if x is None or y is None else (x, y)


def _href(value: object, *, allow_http: bool) -> str | None:
    """Return the URL of a value: itself, the `href` of a Link, the `url` of an object (nested once) or its `id`."""
    for _ in range(3):
        if isinstance(value, list):
            value = value[0] if value else None
        if not isinstance(value, dict):
            break
        value = value.get("href") or value.get("url") or value.get("id")
    return web_url(value, allow_http=allow_http) if isinstance(value, str) else None


def _own_file(document: Document, *, allow_http: bool) -> RemoteMedia | None:
    """Return the file of a status that is itself an Image, Audio, Video or Document; `url` names the file.

    PeerTube lists in `url` the page, then one Link per resolution, and for adaptive streaming a playlist that
    has those Links in its `tag`. Funkwhale and Castopod list the page and one audio file.
    """
    links = [link for link in _links(document) if media_type(link).startswith(_KINDS)]
    if not links:
        url = document.get("url")
        return _media(document, web_url(url, allow_http=allow_http)) if isinstance(url, str) else None
    best = min(links, key=_distance_from_ideal)
    return _media(document, _href(best, allow_http=allow_http), best)


def _links(document: Document) -> list[dict[str, Any]]:
    links = list(objects(document, "url", CAPS.tags))
    return links + [inner for link in links[: CAPS.attachments] for inner in objects(link, "tag", CAPS.attachments)]


def _distance_from_ideal(link: Document) -> tuple[bool, int]:
    """Order films: the largest up to 720 lines first, then larger ones from small to large."""
    height = size(link.get("height")) or 0
    return height > _LARGEST_FILM, abs(_LARGEST_FILM - height)
