"""What a file is, by its first bytes; and what ffmpeg says of one."""

from fractions import Fraction

import pytest

from fediverse_kommune.media.films import Probe, read_probe
from fediverse_kommune.media.kinds import (
    AVIF,
    FLAC,
    GIF,
    HEIC,
    JPEG,
    M4A,
    MP3,
    MP4,
    OGG,
    PNG,
    WAV,
    WEBM,
    WEBP,
    Kind,
    kind_of,
)


def box(brand: bytes, *others: bytes) -> bytes:
    return b"\x00\x00\x00\x20ftyp" + brand + b"\x00\x00\x00\x00" + b"".join(others)


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"\xff\xd8\xff\xe0", JPEG),
        (b"\x89PNG\r\n\x1a\n", PNG),
        (b"GIF87a", GIF),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", WEBP),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", WAV),
        (box(b"avif", b"mif1"), AVIF),
        (box(b"mif1", b"avif"), AVIF),
        (box(b"heic", b"mif1"), HEIC),
        (box(b"mif1", b"heic"), HEIC),
        (box(b"isom", b"mp41"), MP4),
        (box(b"qt  "), MP4),
        (box(b"3gp5"), MP4),
        (box(b"M4A ", b"isom"), M4A),
        (b"\x1aE\xdf\xa3\x01\x00\x00\x00\x00\x00\x00\x1fB\x86\x81\x01B\x82\x84webm", WEBM),
        (b"OggS\x00", OGG),
        (b"fLaC\x00", FLAC),
        (b"ID3\x04", MP3),
        (b"\xff\xfb\x90\x64", MP3),
        (b"\xff\xf3\x40\x00", MP3),
    ],
)
def test_what_is_taken(head: bytes, kind: Kind) -> None:
    assert kind_of(head) is kind


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"\xff",
        b"\xff\xd8",
        b"\xff\xfb\x00\x00",  # no bit rate
        b"\xff\xfb\xf0\x00",  # a bad one
        b"\xff\xfb\x9c\x00",  # no sampling rate
        b"\xff\xf1\x50\x80",  # AAC without a container
        b"\xff\xfe\x41\x00",  # UTF-16
        b"RIFF\x00\x00\x00\x00AVI LIST",
        b"RIFF",
        b"\x1aE\xdf\xa3\x93B\x82\x88matroska",
        box(b"jp2 "),
        box(b"crx "),
        box(b""),
        b"#EXTM3U",
        b"ffconcat version 1.0",
        b"<svg",
        b"%PDF-1.7",
        b"PK\x03\x04",
    ],
)
def test_what_is_not(head: bytes) -> None:
    assert kind_of(head) is None


FILM = """\
Input #0, mov,mp4,m4a,3gp,3g2,mj2, from 'file:x':
  Duration: 01:02:03.50, start: 0.000000, bitrate: 862 kb/s
  Stream #0:0[0x1](und): Video: h264 (High) (avc1 / 0x31637661), yuv420p(progressive), 1280x720 [SAR 1:1 DAR 16:9], \
700 kb/s, 29.97 fps, 29.97 tbr, 30k tbn (default)
  Stream #0:1[0x2](und): Audio: aac (LC) (mp4a / 0x6134706D), 48000 Hz, stereo, fltp, 128 kb/s (default)
"""
COVER = """\
  Duration: 00:00:02.03, start: 0.025057, bitrate: 69 kb/s
  Stream #0:0: Audio: mp3 (mp3float), 44100 Hz, mono, fltp, 64 kb/s
  Stream #0:1: Video: png, rgb24(pc, gbr/unknown/unknown), 64x64, 90k tbr, 90k tbn (attached pic)
"""


def test_what_ffmpeg_says_of_a_film() -> None:
    assert read_probe(FILM) == Probe(
        has_picture=True,
        has_sound=True,
        duration=3_723.5,
        bitrate=862_000,
        width=1280,
        height=720,
        frame_rate=Fraction(30_000, 1_001),
        sound="aac (LC) (mp4a / 0x6134706D), 48000 Hz, stereo",
    )


def test_a_cover_makes_no_film_of_a_recording() -> None:
    assert read_probe(COVER) == Probe(
        has_picture=False,
        has_sound=True,
        duration=2.03,
        bitrate=69_000,
        sound="mp3, 44100 Hz, mono",
        has_cover=True,
    )


def test_what_ffmpeg_does_not_know_is_none() -> None:
    text = "  Duration: N/A, start: 0.000000, bitrate: N/A\n  Stream #0:0: Video: vp8, yuv420p, 1k fps, 64x48\n"
    assert read_probe(text) == Probe(has_picture=True, has_sound=False, width=64, height=48, frame_rate=Fraction(1_000))
    assert read_probe("") == Probe(has_picture=False, has_sound=False)
