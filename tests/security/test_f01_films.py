"""F01, F02, F03, F06, MP18: what is uploaded as sound or film is encoded anew by a locked-up ffmpeg, or is refused."""

import asyncio
import os
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from fediverse_kommune.media import process
from fediverse_kommune.media.kinds import KINDS
from tests.client import Client, app_of
from tests.films import film, ready, said_of
from tests.pictures import picture, upload
from tests.town import Town, town

SECRET = "SecretPlace"
NOTHING_OF_OURS = {
    "hls": b"#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:10.0,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n",
    "concat": b"ffconcat version 1.0\nfile /etc/passwd\n",
    "dash": b'<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"></MPD>',
    "sdp": b"v=0\no=- 0 0 IN IP4 127.0.0.1\nc=IN IP4 127.0.0.1\nm=video 9 RTP/AVP 96\n",
    "avi": b"RIFF\x00\x10\x00\x00AVI LIST" + b"\x00" * 64,
    "flv": b"FLV\x01\x05\x00\x00\x00\x09" + b"\x00" * 64,
    "asf": b"\x30\x26\xb2\x75\x8e\x66\xcf\x11" + b"\x00" * 64,
    "mpeg stream": b"\x00\x00\x01\xba" + b"\x00" * 64,
    "transport stream": (b"\x47" + b"\x00" * 187) * 4,
    "unknown brand": b"\x00\x00\x00\x18ftypjp2 " + b"\x00" * 64,
    "subtitles": b"1\n00:00:00,000 --> 00:00:01,000\nx\n",
    "module": b"IMPM" + b"\x00" * 64,
}


async def test_f01_playlists_and_rare_containers_are_refused_at_the_door(
    stadt: Town, subtests: pytest.Subtests
) -> None:
    anna = await app_of(stadt, "anna")
    for name, body in NOTHING_OF_OURS.items():
        with subtests.test(name=name):
            reply = await upload(anna, body, filename="film.mp4", content_type="video/mp4")
            assert reply.status == 422
            assert left(stadt) == []


async def test_f01_a_container_that_only_others_read_is_refused(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    assert (await upload(anna, film("mkv"))).status == 422


async def test_f01_a_playlist_behind_a_good_beginning_is_read_as_what_it_began(
    stadt: Town, subtests: pytest.Subtests
) -> None:
    anna = await app_of(stadt, "anna")
    for head, rest in [
        (b"OggS", NOTHING_OF_OURS["hls"]),
        (b"ID3\x04\x00\x00\x00\x00\x00\x00", NOTHING_OF_OURS["concat"]),
        (b"fLaC", NOTHING_OF_OURS["hls"]),
        (b"\x00\x00\x00\x18ftypisom\x00\x00\x00\x00isommp42", NOTHING_OF_OURS["hls"]),
        (b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\xf7\x81\x01B\xf2\x81\x04B\xf3\x81\x08B\x82\x84webm", b"\x00" * 400),
    ]:
        with subtests.test(head=head, rest=rest):
            reply = await upload(anna, head + rest, path="/api/v1/media")
            assert (reply.status, reply.json["error"]) == (422, process.NO_FILM)
            assert left(stadt) == []


async def test_f02_a_film_has_limits(stadt: Town, subtests: pytest.Subtests) -> None:
    stadt.app.server.studio._film_seconds = 30.0
    for body, reason in [
        (("mp4", "4096x2176", "1", 1.0), "The film has more than 8 megapixels."),
        (("mp4", "64x48", "240", 0.1), "The film has more than 120 frames a second."),
        (("mp4", "16x16", "1", 40.0), "The film is longer than 0.5 minutes."),
    ]:
        with subtests.test(body=body, reason=reason):
            kind, size, rate, seconds = body
            anna = await app_of(stadt, "anna")
            reply = await upload(anna, film(kind, size=size, rate=rate, seconds=seconds), path="/api/v1/media")
            assert (reply.status, reply.json["error"]) == (422, reason)


async def test_f03_each_kind_can_be_switched_off(database_url: str, tmp_path: Path) -> None:
    off = ("heic", "avif", "webm")
    async with town(database_url, tmp_path / "stadt", switched_off=off) as stadt:
        anna = await app_of(stadt, "anna")
        limits = (await anna.get("/api/v2/instance"))["configuration"]["media_attachments"]
        for name in off:
            assert not set(KINDS[name].types) & set(limits["supported_mime_types"])
        assert (await upload(anna, picture("AVIF", (40, 30)))).status == 422
        assert (await upload(anna, film("webm"))).status == 422
        assert (await upload(anna, picture("JPEG", (40, 30)))).status == 200


async def test_f03_a_film_that_takes_too_long_is_given_up(stadt: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    anna = await app_of(stadt, "anna")
    monkeypatch.setattr(process, "FILM_DEADLINE_SECONDS", 0.01)
    reply = await upload(anna, film("mp4"), path="/api/v1/media")
    assert (reply.status, reply.json["error"]) == (422, "The file takes too long to be worked on.")
    monkeypatch.setattr(process, "FILM_DEADLINE_SECONDS", 60.0)
    assert (await upload(anna, film("mp4"), path="/api/v1/media")).status == 200


async def test_f03_ffmpeg_reads_nothing_but_the_film(stadt: Town, tmp_path: Path) -> None:
    studio = stadt.app.server.studio
    secret = tmp_path / "secret.mp4"
    secret.write_bytes(film("mp4"))
    folder = studio.store.incoming() / "work"
    folder.mkdir()
    (folder / "open.mp4").write_bytes(film("mp4"))
    inside = await studio._probe("mov", folder / "open.mp4", folder)
    outside = await studio._probe("mov", secret, folder)
    assert (inside.has_picture, outside.has_picture) == (True, False)
    said = await studio._locked(["-i", "http://127.0.0.1:9/x"], folder, 10)
    assert b"Operation not permitted" in said.errors or b"Network is unreachable" in said.errors


@pytest.mark.parametrize("kind", ["mp4", "mov", "webm", "mp3", "ogg", "m4a", "flac"])
async def test_f06_nothing_says_where_and_by_whom_it_was_taken(stadt: Town, tmp_path: Path, kind: str) -> None:
    words = ("title", "comment", "location", "artist", "com.apple.quicktime.location.ISO6709", "date")
    streams = [part for word in ("title", "handler_name") for part in ("-metadata:s:a:0", f"{word}={SECRET}")]
    tags = [part for word in words for part in ("-metadata", f"{word}={SECRET}")] + streams
    more = ("-movflags", "use_metadata_tags") if kind in {"mp4", "mov"} else ()
    body = film(kind, *tags, *more)
    assert SECRET.encode() in body
    anna = await app_of(stadt, "anna")
    media = await ready(anna, (await upload(anna, body)).json["id"])
    assert await plain(anna, media["url"], tmp_path)


async def plain(client: Client, url: str, folder: Path) -> bool:
    """True if the file holds no word beside sound and picture."""
    served = (await client.ask("GET", urlsplit(url).path)).body
    said = said_of(served, folder)
    return SECRET.encode() not in served and "creation_time" not in said and "Chapter" not in said


async def test_f03_a_child_dies_when_nobody_waits_for_it_any_more(stadt: Town, tmp_path: Path) -> None:
    arguments = ("attachment", "/dev/stdin", str(tmp_path))
    asleep = asyncio.create_task(process._run("fediverse_kommune.media.child", *arguments, folder=tmp_path))
    async with asyncio.timeout(10):
        while not children():
            await asyncio.sleep(0.001)
    asleep.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asleep
    assert children() == []


def left(town: Town) -> list[str]:
    store = town.app.server.studio.store
    return [path.name for path in store._root.rglob("*") if path.is_file()]


def children() -> list[str]:
    """Return the command lines of this process's living children that decode media."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = path.read_text().rpartition(")")[2].split()
            if int(fields[1]) == os.getpid() and fields[0] != "Z":
                found.append((path.parent / "cmdline").read_text())
    return [line for line in found if "fediverse_kommune.media" in line]
