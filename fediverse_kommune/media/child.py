"""Decode one picture and draw it anew: `python -m fediverse_kommune.media.child PURPOSE SOURCE FOLDER`.

Run by `media/process.py`, for one picture each, and locked down first. What comes out is drawn from pixels, so nothing
else of what was uploaded survives: no EXIF, no place where it was taken, no HTML behind the picture (rows F05, F06).
It prints one JSON object: what it made, or why not. This is the only module that imports Pillow.
"""

import json
import sys
from io import BytesIO
from pathlib import Path
from typing import Any

import blurhash
from PIL import Image, ImageCms, ImageOps, ImageSequence, UnidentifiedImageError

from activitypub.caps import CAPS
from fediverse_kommune.media.sandbox import lock_down
from fediverse_kommune.media.sizes import SHOWN, Purpose, shown_size, thumbnail_size

# Frames times pixels that one moving picture may have: it is all decoded and drawn again.
MOVING_PIXELS = 200_000_000
JPEG_QUALITY = 88
WEBP_QUALITY = 85
BLURHASH_SIZE = 32

EXTENSIONS = {"JPEG": "jpg", "PNG": "png", "GIF": "gif", "WEBP": "webp"}


class Unusable(Exception):
    """The file is no picture that is taken; the text says why, for the person who chose it."""


def main(purpose: Purpose, source: Path, folder: Path) -> dict[str, Any]:
    """Draw `source` anew into `folder` and return what was made. Raises `Unusable`."""
    with _open(source) as image:
        _check_size(image)
        moving = purpose is Purpose.ATTACHMENT and image.format != "PNG" and _is_moving(image)
        return _redraw_moving(image, folder) if moving else _redraw_still(image, purpose, folder)


def _open(source: Path) -> Image.Image:
    """Open by the first bytes, as one of four formats, and nothing else whatever the name says (row F01)."""
    kind = _kind(source.open("rb").read(16))
    if kind is None:
        raise Unusable("Only pictures in the formats JPEG, PNG, GIF and WebP can be uploaded.")
    return Image.open(source, formats=[kind])


def _kind(first: bytes) -> str | None:
    if first.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if first.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if first.startswith((b"GIF87a", b"GIF89a")):
        return "GIF"
    return "WEBP" if first[:4] == b"RIFF" and first[8:12] == b"WEBP" else None


def _check_size(image: Image.Image) -> None:
    """Judge by the header, before a pixel is decoded (row F02)."""
    if image.width * image.height > CAPS.image_pixels:
        raise Unusable(f"The picture has more than {CAPS.image_pixels // 1_000_000} megapixels.")


def _is_moving(image: Image.Image) -> bool:
    frames = getattr(image, "n_frames", 1)
    if frames <= 1:
        return False
    pixels = image.width * image.height
    if pixels > CAPS.gif_pixels or pixels * frames > MOVING_PIXELS:
        raise Unusable("The moving picture is too large or too long.")
    return True


def _redraw_still(image: Image.Image, purpose: Purpose, folder: Path) -> dict[str, Any]:
    plain = _plain(ImageOps.exif_transpose(image))
    if purpose is Purpose.ATTACHMENT:
        shown = plain.resize(shown_size(plain.width, plain.height), Image.Resampling.LANCZOS)
    else:
        shown = ImageOps.fit(plain, SHOWN[purpose], Image.Resampling.LANCZOS)
    kind = "JPEG" if image.format == "JPEG" else "WEBP" if image.format == "WEBP" else "PNG"
    original = _save(shown, folder / "original", kind)
    return _described(shown, original, folder)


def _redraw_moving(image: Image.Image, folder: Path) -> dict[str, Any]:
    frames, durations = [], []
    for frame in ImageSequence.Iterator(image):
        durations.append(int(frame.info.get("duration", 100)) or 100)
        frames.append(_plain(frame))
    kind = str(image.format)
    path = folder / f"original.{EXTENSIONS[kind]}"
    frames[0].save(path, kind, save_all=True, append_images=frames[1:], duration=durations, loop=0)
    return _described(frames[0], path.name, folder)


def _described(shown: Image.Image, original: str, folder: Path) -> dict[str, Any]:
    """Draw the preview and return all that is known of the picture."""
    preview = shown.resize(thumbnail_size(shown.width, shown.height), Image.Resampling.LANCZOS)
    kind = "JPEG" if preview.mode == "RGB" else "PNG"
    tiny = preview.convert("RGB").resize((BLURHASH_SIZE, BLURHASH_SIZE), Image.Resampling.BOX)
    rows = [[tiny.getpixel((x, y)) for x in range(BLURHASH_SIZE)] for y in range(BLURHASH_SIZE)]
    return {
        "original": original,
        "thumbnail": _save(preview, folder / "thumbnail", kind),
        "width": shown.width,
        "height": shown.height,
        "blurhash": blurhash.encode(rows, components_x=4, components_y=4),
    }


def _plain(image: Image.Image) -> Image.Image:
    """Return only the pixels, in the colours every screen knows."""
    has_alpha = image.mode in {"RGBA", "LA", "PA"} or "transparency" in image.info
    converted = _in_srgb(image, "RGBA" if has_alpha else "RGB")
    converted.info.clear()
    return converted


def _in_srgb(image: Image.Image, mode: str) -> Image.Image:
    profile = image.info.get("icc_profile")
    if profile and image.mode in {"RGB", "RGBA", "CMYK", "L"}:
        try:
            source = ImageCms.ImageCmsProfile(BytesIO(profile))
            changed = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
        except (ImageCms.PyCMSError, OSError, ValueError):
            changed = None
        if changed is not None and mode == "RGB":
            return changed
    return image.convert(mode)


def _save(image: Image.Image, path: Path, kind: str) -> str:
    target = path.with_suffix(f".{EXTENSIONS[kind]}")
    match kind:
        case "JPEG":
            image.convert("RGB").save(target, kind, quality=JPEG_QUALITY, optimize=True, progressive=True)
        case "WEBP":
            image.save(target, kind, quality=WEBP_QUALITY)
        case _:
            image.save(target, kind)
    return target.name


def _answer(arguments: list[str]) -> dict[str, Any]:
    purpose, source, folder = arguments
    Image.MAX_IMAGE_PIXELS = CAPS.image_pixels
    try:
        return main(Purpose(purpose), Path(source), Path(folder))
    except Unusable as error:
        return {"error": str(error)}
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError, EOFError):
        return {"error": "The file is no picture, or is damaged."}
    except MemoryError:
        return {"error": "The picture is too large."}


if __name__ == "__main__":
    offline = lock_down()
    json.dump(_answer(sys.argv[1:]) | {"offline": offline}, sys.stdout)
