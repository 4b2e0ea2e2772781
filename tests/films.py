"""Sound and films to upload, made here by the same ffmpeg that the server uses."""

import asyncio
import subprocess
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from fediverse_kommune.media.films import find_ffmpeg
from tests.client import Client

FFMPEG = str(find_ffmpeg(None))
PICTURE = ("-f", "lavfi", "-i", "testsrc=size={size}:rate={rate}:duration={seconds}")
TONE = ("-f", "lavfi", "-i", "sine=frequency=440:duration={seconds}")
H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")
CODECS: dict[str, tuple[str, ...]] = {
    "mp4": (*H264, "-c:a", "aac"),
    "mov": (*H264, "-c:a", "aac"),
    "webm": ("-c:v", "libvpx", "-deadline", "realtime", "-c:a", "libvorbis"),
    "mp3": ("-c:a", "libmp3lame"),
    "ogg": ("-c:a", "libvorbis"),
    "opus": ("-c:a", "libopus"),
    "m4a": ("-c:a", "aac"),
    "flac": ("-c:a", "flac"),
    "wav": ("-c:a", "pcm_s16le"),
    "mkv": (*H264, "-c:a", "aac"),
}
SILENT, SOUNDS = "silent", frozenset({"mp3", "ogg", "opus", "m4a", "flac", "wav"})


@cache
def film(
    kind: str, *more: str, size: str = "64x48", rate: str = "25", seconds: float = 1.0, silent: bool = False
) -> bytes:
    """Return a film or, where the kind is one of a sound, a recording."""
    inputs = (*(() if kind in SOUNDS else PICTURE), *(() if silent else TONE))
    filled = [part.format(size=size, rate=rate, seconds=seconds) for part in inputs]
    with TemporaryDirectory() as folder:
        target = Path(folder) / f"film.{kind}"
        command = [FFMPEG, "-hide_banner", "-loglevel", "error", *filled, *CODECS[kind], *more, str(target)]
        subprocess.run(command, check=True)
        return target.read_bytes()


def with_cover(kind: str, cover: bytes, folder: Path) -> bytes:
    """Return a recording with a picture inside, as albums have it."""
    (folder / "sound").write_bytes(film(kind))
    (folder / "cover").write_bytes(cover)
    target = folder / f"album.{kind}"
    inputs = ("-i", str(folder / "sound"), "-i", str(folder / "cover"), "-map", "0:a", "-map", "1:v")
    command = [FFMPEG, "-y", "-hide_banner", "-loglevel", "error", *inputs, "-c", "copy"]
    subprocess.run([*command, "-disposition:v:0", "attached_pic", str(target)], check=True)
    return target.read_bytes()


def said_of(body: bytes, folder: Path) -> str:
    """Return all that ffmpeg says of a file."""
    path = folder / "said_of"
    path.write_bytes(body)
    return subprocess.run([FFMPEG, "-hide_banner", "-i", str(path)], capture_output=True, check=False).stderr.decode()


async def ready(client: Client, media_id: str, *, seconds: float = 60) -> Any:
    """Ask as apps do until a file is ready, and return it. Fails on everything but 206 and 200."""
    async with asyncio.timeout(seconds):
        while (reply := await client.ask("GET", f"/api/v1/media/{media_id}")).status == 206:
            assert reply.json["url"] is None
            await asyncio.sleep(0.05)
    assert reply.status == 200, reply.text
    return reply.json
