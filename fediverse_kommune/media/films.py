"""Sound and films: how ffmpeg is told to draw them anew, and how to read what it says of a file. Nothing runs here.

What was uploaded is decoded and encoded again, like pictures, so no metadata, no place, no chapters and no other
streams survive (row F06). ffmpeg is told which demuxer to use and which decoders it may, so that it never looks for
itself whether a file is a playlist, and it may open plain files only (row F01).
"""

import os
import re
import shutil
from collections.abc import Sequence
from fractions import Fraction
from importlib.util import find_spec
from pathlib import Path

from msgspec import Struct

from fediverse_kommune.media.kinds import GIF, Kind

PIXELS = 8_294_400  # of one frame, as it is uploaded: 3840 x 2160, Mastodon's limit
FRAME_RATE = 120  # Mastodon's limit
SHOWN_PIXELS = 2_073_600  # of one frame, as it is kept: 1920 x 1080
SHOWN_FRAME_RATE = 60
LOOP_SECONDS = 60.0  # a film without sound up to this length is shown like a moving picture
FILM_NAME, SOUND_NAME, POSTER_NAME, COVER_NAME = "original.mp4", "original.mp3", "poster.png", "cover"

_DECODERS = ",".join(
    (
        *("h264", "hevc", "vp8", "vp9", "libvpx", "libvpx-vp9", "av1", "libdav1d", "mpeg4", "h263", "gif"),
        *("aac", "mp3", "mp3float", "opus", "libopus", "vorbis", "flac", "alac", "amrnb", "amrwb"),
        *("pcm_u8", "pcm_s16le", "pcm_s16be", "pcm_s24le", "pcm_s32le", "pcm_f32le", "pcm_alaw", "pcm_mulaw"),
    )
)
_FACTOR = f"min(1\\,sqrt({SHOWN_PIXELS}/(iw*sar*ih)))"
# Even numbers of square points, because 4:2:0 has half as many colours in each direction.
_SCALE = f"scale=2*max(1\\,trunc(iw*sar*{_FACTOR}/2)):2*max(1\\,trunc(ih*{_FACTOR}/2)),setsar=1"
_PLAIN = (
    *("-map_metadata", "-1", "-map_chapters", "-1", "-sn", "-dn"),
    *("-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact"),
)

# What is done so far, told every half second on the standard output.
_PROGRESS = ("-progress", "pipe:1", "-nostats")
_DONE = re.compile(rb"^out_time_us=(\d+)$", re.MULTILINE)
_DURATION = re.compile(r"^  Duration: (\d+):(\d\d):(\d\d\.\d+), .*?bitrate: (?:(\d+) kb/s|N/A)", re.MULTILINE)
_STREAM = re.compile(r"^  Stream #0:\d+[^:\n]*: (Video|Audio): (.*)$", re.MULTILINE)
_SIZE = re.compile(r"\b(\d{1,6})x(\d{1,6})\b")
_RATE = re.compile(r"\b(\d+(?:\.\d+)?)(k?) fps\b")
_TRUE_RATES = (Fraction(24_000, 1_001), Fraction(30_000, 1_001), Fraction(60_000, 1_001), Fraction(120_000, 1_001))


class Probe(Struct, frozen=True):
    """What ffmpeg says of a file: seconds, bits a second, pixels; None for what it does not know."""

    has_picture: bool
    has_sound: bool
    duration: float | None = None
    bitrate: int | None = None
    width: int | None = None
    height: int | None = None
    frame_rate: Fraction | None = None
    # How the sound is encoded, in the words of ffmpeg: "mp3, 44100 Hz, stereo".
    sound: str | None = None
    has_cover: bool = False


def find_ffmpeg(configured: str | None) -> Path | None:
    """Return the program: the configured one, the system's, or the one of the package; None if there is none."""
    if configured:
        found = shutil.which(configured)
        return Path(found).resolve() if found else None
    if system := shutil.which("ffmpeg"):
        return Path(system).resolve()
    return _packaged_ffmpeg()


def _packaged_ffmpeg() -> Path | None:
    """Return the program that lies in the package. It is not tried, as the package does: a start would wait for it."""
    package = find_spec("imageio_ffmpeg")
    folders = (package.submodule_search_locations or []) if package else []
    programs = (program for folder in folders for program in sorted(Path(folder, "binaries").glob("ffmpeg-*")))
    return next((program.resolve() for program in programs if os.access(program, os.X_OK)), None)


def probe_arguments(reader: str, source: Path) -> list[str]:
    """Return what makes ffmpeg describe a file. It ends with an error, because nothing is to be written."""
    return ["-hide_banner", "-nostdin", *_input(reader, source)]


def film_arguments(kind: Kind, source: Path, folder: Path, probe: Probe, seconds: float) -> list[str]:
    """Return what makes ffmpeg write H.264 with AAC, and its first frame, into `folder`; at most so many seconds."""
    too_fast = probe.frame_rate is None or probe.frame_rate > SHOWN_FRAME_RATE
    filters = ",".join(
        [*([f"fps={SHOWN_FRAME_RATE}"] if too_fast and kind is not GIF else []), _SCALE, "format=yuv420p"]
    )
    return [
        *("-hide_banner", "-nostdin", "-loglevel", "error", "-threads", "2", *_PROGRESS),
        *_input(kind.reader, source),
        *("-map", "0:V:0", "-map", "0:a:0?", *_PLAIN, "-t", str(seconds), "-vf", filters),
        *("-c:v", "libx264", "-preset", "veryfast", "-crf", "23", "-maxrate", "5M", "-bufsize", "10M", "-threads", "2"),
        *("-c:a", "aac", "-b:a", "128k", "-ac", "2", "-ar", "48000"),
        *("-movflags", "+faststart", "-f", "mp4", f"file:{folder / FILM_NAME}"),
        *("-map", "0:V:0", *_PLAIN, "-vf", _SCALE, "-frames:v", "1", "-c:v", "png", "-update", "1"),
        *("-f", "image2", f"file:{folder / POSTER_NAME}"),
    ]


def sound_arguments(kind: Kind, source: Path, folder: Path) -> list[str]:
    """Return what makes ffmpeg write an MP3 into `folder`."""
    return [
        *("-hide_banner", "-nostdin", "-loglevel", "error", "-threads", "1", *_PROGRESS),
        *_input(kind.reader, source),
        *("-map", "0:a:0", "-vn", *_PLAIN, "-c:a", "libmp3lame", "-q:a", "2", "-ac", "2", "-ar", "44100"),
        *("-f", "mp3", f"file:{folder / SOUND_NAME}"),
    ]


def cover_arguments(reader: str, source: Path, folder: Path) -> list[str]:
    """Return what makes ffmpeg write the picture inside a recording into `folder`, byte for byte, not decoded."""
    return [
        *("-hide_banner", "-nostdin", "-loglevel", "error"),
        *_input(reader, source),
        *("-map", "0:v:0", "-frames:v", "1", "-c:v", "copy", "-update", "1"),
        *("-f", "image2", f"file:{folder / COVER_NAME}"),
    ]


def read_progress(said: bytes) -> float | None:
    """Return how many seconds are done, by the last that ffmpeg says of it; None if it says nothing."""
    done = _DONE.findall(said)
    return int(done[-1]) / 1_000_000 if done else None


def read_probe(text: str) -> Probe:
    """Read what ffmpeg said of the first film and the first sound in a file."""
    duration, bitrate = _length(text)
    streams: Sequence[tuple[str, str]] = _STREAM.findall(text)
    film = next((words for kind, words in streams if kind == "Video" and "(attached pic)" not in words), None)
    sound = next((words for kind, words in streams if kind == "Audio"), None)
    size = _SIZE.search(film) if film else None
    return Probe(
        has_picture=film is not None,
        has_sound=sound is not None,
        duration=duration,
        bitrate=bitrate,
        width=int(size[1]) if size else None,
        height=int(size[2]) if size else None,
        frame_rate=_frame_rate(film) if film else None,
        # ffmpeg adds how it decodes it; that is its own affair.
        sound=", ".join(sound.replace(" (mp3float)", "").split(", ")[:3]) if sound else None,
        has_cover=any("(attached pic)" in words for kind, words in streams if kind == "Video"),
    )


def _input(reader: str, source: Path) -> list[str]:
    return [
        *("-protocol_whitelist", "file", "-codec_whitelist", _DECODERS, "-max_pixels", str(PIXELS)),
        *("-f", reader, "-i", f"file:{source}"),
    ]


def _length(text: str) -> tuple[float | None, int | None]:
    match = _DURATION.search(text)
    if match is None:
        return None, None
    seconds = int(match[1]) * 3_600 + int(match[2]) * 60 + float(match[3])
    return seconds, int(match[4]) * 1_000 if match[4] else None


def _frame_rate(words: str) -> Fraction | None:
    """Return frames a second, exactly: 29.97 is how ffmpeg writes 30000/1001."""
    match = _RATE.search(words)
    if match is None:
        return None
    shown = Fraction(match[1]) * (1_000 if match[2] else 1)
    exact = next((rate for rate in _TRUE_RATES if abs(rate - shown) < Fraction(1, 100)), shown)
    return exact or None
