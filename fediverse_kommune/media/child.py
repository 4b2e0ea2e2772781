"""Decode one picture and draw it anew: `python -m fediverse_kommune.media.child PURPOSE SOURCE FOLDER [--films]`.

Run by `media/process.py`, for one picture each, and locked down first. What comes out is drawn from pixels, so nothing
else of what was uploaded survives: no EXIF, no place where it was taken, no HTML behind the picture (rows F05, F06).
It prints one JSON object: what it made, or why not. This is the only module that imports Pillow.

With `--films` a moving GIF is not drawn: it becomes a film, and `moving` says so.
"""

import json
import sys
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import Any

import blurhash
import pillow_heif
from msgspec.structs import asdict
from PIL import AvifImagePlugin, Image, ImageCms, ImageOps, ImageSequence, UnidentifiedImageError

from activitypub.caps import CAPS
from fediverse_kommune.media.kinds import AVIF, GIF, HEAD_BYTES, PNG, WEBP, Kind, Medium, kind_of
from fediverse_kommune.media.sandbox import PICTURES, lock_down
from fediverse_kommune.media.sizes import SHOWN, Purpose, shown_size, thumbnail_size

# Frames, and frames times pixels, that one moving picture may have: it is all decoded and drawn again.
MOVING_FRAMES = 2_000
MOVING_PIXELS = 200_000_000
JPEG_QUALITY = 88
WEBP_QUALITY = 85
BLURHASH_SIZE = 32

EXTENSIONS = {"JPEG": "jpg", "PNG": "png", "GIF": "gif", "WEBP": "webp"}


class Unusable(Exception):
    """The file is no picture that is taken; the text says why, for the person who chose it."""


def main(purpose: Purpose, source: Path, folder: Path, *, films: bool = False) -> dict[str, Any]:
    """Draw `source` anew into `folder` and return what was made. Raises `Unusable`."""
    with source.open("rb") as file:
        kind = kind_of(file.read(HEAD_BYTES))
    if kind is None or kind.medium is not Medium.PICTURE:
        raise Unusable("The file is no picture.")
    with Image.open(source, formats=[kind.reader]) as image:
        _check_size(image)
        if not _is_moving(image, kind, purpose):
            return _redraw_still(image, purpose, folder)
        if films and kind is GIF and purpose is Purpose.ATTACHMENT:
            return {"moving": True}
        return _redraw_moving(image, purpose, folder)


def _check_size(image: Image.Image) -> None:
    """Judge by the header, before a pixel is decoded (row F02)."""
    if image.width * image.height > CAPS.image_pixels:
        raise Unusable(f"The picture has more than {CAPS.image_pixels // 1_000_000} megapixels.")


def _is_moving(image: Image.Image, kind: Kind, purpose: Purpose) -> bool:
    """True for what is to be kept moving. Faces stand still, and so do bursts of photographs."""
    if kind not in {GIF, PNG, WEBP, AVIF} or purpose not in {Purpose.ATTACHMENT, Purpose.EMOJI}:
        return False
    frames = getattr(image, "n_frames", 1)
    if frames <= 1:
        return False
    pixels = image.width * image.height
    if frames > MOVING_FRAMES or pixels > CAPS.gif_pixels or pixels * frames > MOVING_PIXELS:
        raise Unusable("The moving picture is too large or too long.")
    return True


def _redraw_still(image: Image.Image, purpose: Purpose, folder: Path) -> dict[str, Any]:
    plain = _plain(ImageOps.exif_transpose(image))
    if purpose in SHOWN:
        shown = ImageOps.fit(plain, SHOWN[purpose], Image.Resampling.LANCZOS)
    else:
        shown = plain.resize(shown_size(plain.width, plain.height, purpose), Image.Resampling.LANCZOS)
    original = _save(shown, folder / "original", _kept_as(str(image.format), shown.mode))
    return _described(shown, original, folder)


def _kept_as(read_as: str, mode: str) -> str:
    """Return the format that every browser shows: photographs of phones become JPEG, drawings stay exact."""
    if read_as in {"AVIF", "HEIF"}:
        return "JPEG" if mode == "RGB" else "WEBP"
    return read_as if read_as in {"JPEG", "WEBP"} else "PNG"


def _redraw_moving(image: Image.Image, purpose: Purpose, folder: Path) -> dict[str, Any]:
    size = shown_size(image.width, image.height, purpose)
    frames, durations = [], []
    # A PNG may begin with a picture for those who cannot show the moving one.
    for frame in islice(ImageSequence.Iterator(image), 1 if image.info.get("default_image") else 0, None):
        durations.append(int(frame.info.get("duration", 100)) or 100)
        frames.append(_plain(frame).resize(size, Image.Resampling.LANCZOS))
    kind = image.format if image.format in {"GIF", "PNG"} else "WEBP"
    path = folder / f"original.{EXTENSIONS[kind]}"
    more = {"GIF": {"disposal": 2}, "PNG": {}, "WEBP": {"quality": WEBP_QUALITY}}[kind]
    frames[0].save(path, kind, save_all=True, append_images=frames[1:], duration=durations, loop=0, **more)
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
        "thumbnail_width": preview.width,
        "thumbnail_height": preview.height,
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


def _answer(purpose: str, source: Path, folder: Path, *options: str) -> dict[str, Any]:
    try:
        return main(Purpose(purpose), source, folder, films="--films" in options)
    except Unusable as error:
        return {"error": str(error)}
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError, EOFError):
        return {"error": "The file is no picture, or is damaged."}
    except MemoryError:
        return {"error": "The picture is too large."}


def _prepare() -> None:
    """Load every decoder that is used, each without threads of its own: none can be started later."""
    Image.MAX_IMAGE_PIXELS = CAPS.image_pixels
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1
    pillow_heif.options.DECODE_THREADS = 1
    pillow_heif.register_heif_opener()
    Image.preinit()


if __name__ == "__main__":
    _prepare()
    work = Path(sys.argv[3])
    locks = lock_down(PICTURES, folder=work)
    json.dump(_answer(sys.argv[1], Path(sys.argv[2]), work, *sys.argv[4:]) | {"locks": asdict(locks)}, sys.stdout)
