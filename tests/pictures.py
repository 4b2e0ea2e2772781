"""Pictures to upload, good and bad, made here."""

import io
import struct
import zlib
from typing import Any

import aiohttp
import pillow_heif
from PIL import Image

from tests.client import Client, Reply

pillow_heif.register_heif_opener()


def picture(kind: str, size: tuple[int, int], *, frames: int = 1, **options: Any) -> bytes:
    """Return a picture of this format; with `frames` a moving one."""
    images = [Image.new("RGB", size, (40 * number % 256, 120, 200)) for number in range(frames)]
    for number, image in enumerate(images):
        image.paste((255, 255, 255), (number, 0, number + max(1, size[0] // 4), max(1, size[1] // 2)))
    out = io.BytesIO()
    more = {"save_all": True, "append_images": images[1:], "duration": 100} if frames > 1 else {}
    images[0].save(out, kind, **more, **options)
    return out.getvalue()


def photo_with_a_place() -> bytes:
    """Return a JPEG that says in EXIF where it was taken, lies on its side, and has a comment."""
    exif = Image.Exif()
    exif[0x010F] = "SecretCamera"
    exif[0x0112] = 6
    gps = exif.get_ifd(0x8825)
    gps[1], gps[2] = "N", (52.0, 31.0, 12.0)
    return picture("JPEG", (60, 40), exif=exif, comment=b"SecretComment", icc_profile=b"SecretProfile" * 20)


def png_that_claims(width: int, height: int) -> bytes:
    """Return a PNG of a few bytes whose header promises this many pixels."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", header)
        + _chunk(b"IDAT", zlib.compress(b"\0" * 1000))
        + _chunk(b"IEND", b"")
    )


def size_of(body: bytes, *, frames: int = 1) -> tuple[int, int]:
    """Return width and height of a picture that has this many frames."""
    with Image.open(io.BytesIO(body)) as image:
        image.load()
        assert getattr(image, "n_frames", 1) == frames
        return image.size


async def upload(
    client: Client,
    body: bytes,
    *,
    field: str = "file",
    path: str = "/api/v2/media",
    method: str = "POST",
    filename: str = "bild.jpg",
    content_type: str = "image/jpeg",
    **fields: str,
) -> Reply:
    """Send a file as an app does."""
    form = aiohttp.FormData(fields)
    form.add_field(field, body, filename=filename, content_type=content_type)
    return await client.ask(method, path, data=form)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
