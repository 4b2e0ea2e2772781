"""What files are taken: judged by their first bytes and by nothing that a client says of them (rows F01 and F03).

The parent and the child that decodes agree on this table. A kind names the one decoder that may touch the file;
whatever is not in the table (playlists, vector graphics, documents, archives) never reaches a decoder.
"""

from enum import StrEnum

from msgspec import Struct

HEAD_BYTES = 64  # how much of the front `kind_of` looks at


class Medium(StrEnum):
    """What somebody sees or hears."""

    PICTURE = "picture"
    SOUND = "sound"
    FILM = "film"


class Kind(Struct, frozen=True):
    """One kind of file. `name` is the word for it in the configuration, `types` are its media types.

    `reader` is the name of its one decoder: Pillow's format of a picture, ffmpeg's demuxer of a sound or film.
    """

    name: str
    medium: Medium
    reader: str
    types: tuple[str, ...]


JPEG = Kind("jpeg", Medium.PICTURE, "JPEG", ("image/jpeg",))
PNG = Kind("png", Medium.PICTURE, "PNG", ("image/png",))
GIF = Kind("gif", Medium.PICTURE, "GIF", ("image/gif",))
WEBP = Kind("webp", Medium.PICTURE, "WEBP", ("image/webp",))
AVIF = Kind("avif", Medium.PICTURE, "AVIF", ("image/avif",))
HEIC = Kind("heic", Medium.PICTURE, "HEIF", ("image/heic", "image/heif"))
MP4 = Kind("mp4", Medium.FILM, "mov", ("video/mp4", "video/quicktime"))
WEBM = Kind("webm", Medium.FILM, "matroska", ("video/webm",))
MP3 = Kind("mp3", Medium.SOUND, "mp3", ("audio/mpeg", "audio/mp3"))
OGG = Kind("ogg", Medium.SOUND, "ogg", ("audio/ogg", "audio/vorbis", "audio/opus"))
M4A = Kind("m4a", Medium.SOUND, "mov", ("audio/mp4", "audio/x-m4a", "audio/m4a"))
FLAC = Kind("flac", Medium.SOUND, "flac", ("audio/flac",))
WAV = Kind("wav", Medium.SOUND, "wav", ("audio/wav", "audio/x-wav", "audio/wave"))

KINDS = {kind.name: kind for kind in (JPEG, PNG, GIF, WEBP, AVIF, HEIC, MP4, WEBM, MP3, OGG, M4A, FLAC, WAV)}

# ISO/IEC 14496-12, the brands that a file claims in its first box.
_BRANDS = {
    AVIF: (b"avif", b"avis"),
    HEIC: (b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1"),
    M4A: (b"M4A ", b"M4B "),
    MP4: (b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ", b"MSNV", b"dash", b"qt  "),
}
# Phones name the codec before the container: 3GPP's brands are many and alike.
_BRAND_OF_PHONES = b"3g"


def kind_of(head: bytes) -> Kind | None:
    """Return what a file is that begins with `head`; None for everything that is not taken."""
    if head.startswith(b"\xff\xd8\xff"):
        return JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if head.startswith((b"GIF87a", b"GIF89a")):
        return GIF
    if head.startswith(b"RIFF"):
        return {b"WEBP": WEBP, b"WAVE": WAV}.get(head[8:12])
    if head[4:8] == b"ftyp":
        return _by_brand(head)
    if head.startswith(b"\x1aE\xdf\xa3"):
        return WEBM if b"webm" in head[:HEAD_BYTES] else None
    return _sound_of(head)


def _by_brand(head: bytes) -> Kind | None:
    """Return the kind that the major brand names; where that is a general one, the first specific one beside it."""
    major, others = head[8:12], [head[at : at + 4] for at in range(16, len(head) - 3, 4)]
    if major in {b"mif1", b"msf1"} and any(brand in _BRANDS[AVIF] for brand in others):
        return AVIF
    if major.startswith(_BRAND_OF_PHONES):
        return MP4
    return next((kind for kind, brands in _BRANDS.items() if major in brands), None)


def _sound_of(head: bytes) -> Kind | None:
    if head.startswith(b"OggS"):
        return OGG
    if head.startswith(b"fLaC"):
        return FLAC
    if head.startswith(b"ID3") or _is_frame_of_mp3(head):
        return MP3
    return None


def _is_frame_of_mp3(head: bytes) -> bool:
    """True for an MPEG audio frame of layer III: eleven bits of sync, then version, layer, bit and sampling rate."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return False
    version, layer = head[1] >> 3 & 3, head[1] >> 1 & 3
    return version != 1 and layer == 1 and head[2] >> 4 not in {0, 15} and head[2] >> 2 & 3 != 3
