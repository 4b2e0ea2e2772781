"""Uploading sound and films. https://docs.joinmastodon.org/methods/media/"""

import asyncio
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest
from sqlalchemy import update

from activitypub.models import Media, MediaState
from activitypub.unit import Unit
from fediverse_kommune.media import work
from fediverse_kommune.media.process import Studio
from fediverse_kommune.models import MediaJob
from fediverse_kommune.services import media_jobs
from tests.client import app_of
from tests.films import film, ready, said_of, with_cover
from tests.pictures import picture, size_of, upload
from tests.town import Town, town


async def test_a_film_is_accepted_at_once_and_ready_later(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    reply = await upload(anna, film("mp4", size="320x240"), filename="film.mp4", description="Fest", focus="0,1")
    assert reply.status == 202
    assert (reply.json["type"], reply.json["url"], reply.json["description"]) == ("video", None, "Fest")
    media = await ready(anna, reply.json["id"])
    assert media["id"] == reply.json["id"]
    original = media["meta"]["original"]
    assert original | {"bitrate": 0, "duration": 1.0} == {
        "width": 320,
        "height": 240,
        "size": "320x240",
        "aspect": pytest.approx(4 / 3),
        "frame_rate": "25",
        "duration": 1.0,
        "bitrate": 0,
    }
    assert original["bitrate"] > 1_000
    assert original["duration"] == pytest.approx(1.0, abs=0.1)
    assert media["meta"]["small"]["size"] == "320x240"
    assert media["meta"]["focus"] == {"x": 0.0, "y": 1.0}
    assert media["blurhash"]
    assert size_of((await anna.ask("GET", urlsplit(media["preview_url"]).path)).body) == (320, 240)
    served = await anna.ask("GET", urlsplit(media["url"]).path)
    assert (served.headers["Content-Type"], served.body[4:8]) == ("video/mp4", b"ftyp")
    assert await stadt.count(MediaJob) == 0


async def test_version_1_waits_until_the_film_is_ready(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    reply = await upload(anna, film("webm"), path="/api/v1/media")
    assert (reply.status, reply.json["type"]) == (200, "video")
    assert reply.json["url"].endswith(".mp4")


async def test_a_recording_becomes_an_mp3_with_its_length(stadt: Town, subtests: pytest.Subtests) -> None:
    anna = await app_of(stadt, "anna")
    for kind in ["mp3", "ogg", "opus", "m4a", "flac", "wav"]:
        with subtests.test(kind=kind):
            reply = await upload(
                anna, film(kind, seconds=2.0), filename=f"sprachnachricht.{kind}", content_type="audio/x"
            )
            assert (reply.status, reply.json["type"]) == (202, "audio")
            media = await ready(anna, reply.json["id"])
            assert media["preview_url"] is None
            assert media["meta"]["length"].startswith("0:00:02")
            assert media["meta"]["original"].keys() == {"duration", "bitrate"}
            assert media["meta"]["original"]["duration"] == pytest.approx(2.0, abs=0.15)
            assert (await anna.ask("GET", urlsplit(media["url"]).path)).headers["Content-Type"] == "audio/mpeg"


async def test_a_recording_brings_its_cover_along(stadt: Town, tmp_path: Path) -> None:
    anna = await app_of(stadt, "anna")
    for kind, of_picture in (("mp3", "PNG"), ("mp3", "JPEG"), ("m4a", "JPEG"), ("flac", "PNG")):
        body = with_cover(kind, picture(of_picture, (120, 80)), tmp_path)
        media = await ready(anna, (await upload(anna, body)).json["id"])
        assert (media["type"], media["meta"]["small"]["size"]) == ("audio", "120x80"), (kind, of_picture)
        assert media["blurhash"]
        assert size_of((await anna.ask("GET", urlsplit(media["preview_url"]).path)).body) == (120, 80)
        names = ("audio_encode", "audio_bitrate", "audio_channels")
        assert [media["meta"][name] for name in names] == ["mp3", "44100 Hz", "stereo"]
    form = aiohttp.FormData()
    form.add_field("file", body, filename="a.flac")
    form.add_field("thumbnail", picture("PNG", (30, 30)), filename="b.png")
    chosen = await ready(anna, (await anna.ask("POST", "/api/v2/media", data=form)).json["id"])
    assert chosen["meta"]["small"]["size"] == "30x30", "what somebody chose stays"


async def test_a_cover_that_is_no_picture_is_left_out(stadt: Town, tmp_path: Path) -> None:
    anna = await app_of(stadt, "anna")
    good = picture("PNG", (120, 80))
    body = with_cover("mp3", good, tmp_path).replace(good[:8], b"#EXTM3U\n", 1)
    media = await ready(anna, (await upload(anna, body)).json["id"])
    assert (media["type"], media["preview_url"]) == ("audio", None)


async def test_a_recording_in_the_container_of_a_film_is_a_recording(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    reply = await upload(anna, film("webm", "-vn"), path="/api/v1/media")
    assert reply.json["type"] == "audio"


async def test_a_moving_gif_becomes_a_film_that_loops(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    reply = await upload(anna, picture("GIF", (41, 30), frames=3), filename="a.gif")
    assert (reply.status, reply.json["type"]) == (202, "gifv")
    media = await ready(anna, reply.json["id"])
    assert (media["type"], media["meta"]["original"]["size"]) == ("gifv", "40x30")
    assert media["url"].endswith(".mp4")
    assert (await upload(anna, picture("GIF", (41, 30)))).json["type"] == "image", "one that stands still is a picture"


async def test_a_film_without_sound_loops_if_it_is_short(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    assert (await upload(anna, film("mp4", silent=True), path="/api/v1/media")).json["type"] == "gifv"


async def test_a_preview_can_be_chosen_before_and_after(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    form = aiohttp.FormData()
    form.add_field("file", film("mp3"), filename="a.mp3")
    form.add_field("thumbnail", picture("PNG", (100, 50)), filename="b.png")
    media = await ready(anna, (await anna.ask("POST", "/api/v2/media", data=form)).json["id"])
    assert media["meta"]["small"]["size"] == "100x50"
    assert size_of((await anna.ask("GET", urlsplit(media["preview_url"]).path)).body) == (100, 50)
    changed = await upload(
        anna, picture("PNG", (30, 60)), field="thumbnail", path=f"/api/v1/media/{media['id']}", method="PUT"
    )
    assert (changed.status, changed.json["meta"]["small"]["size"]) == (200, "30x60")
    assert changed.json["url"] == media["url"]
    assert (await anna.ask("GET", urlsplit(media["preview_url"]).path)).status == 404, "the former one is gone"


async def test_a_preview_has_to_be_a_picture(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    media = (await upload(anna, film("mp3"), path="/api/v1/media")).json
    for body in (film("mp3"), b"#EXTM3U\n"):
        reply = await upload(anna, body, field="thumbnail", path=f"/api/v1/media/{media['id']}", method="PUT")
        assert reply.status == 422


async def test_who_asks_hears_how_far_it_is(stadt: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    anna, go_on = await app_of(stadt, "anna"), asyncio.Event()
    hold_back(monkeypatch, go_on)
    monkeypatch.setattr(work, "NOTED_EVERY_SECONDS", 0.05)
    media = (await upload(anna, film("mp4"))).json
    path = f"/api/v1/media/{media['id']}"
    async with asyncio.timeout(10):
        while (reply := await anna.ask("GET", path)).json["meta"] != {"progress": 42}:
            assert (reply.status, reply.json["meta"], reply.json["url"]) == (206, {"progress": 0}, None)
            await asyncio.sleep(0.02)
    assert reply.status == 206
    go_on.set()
    assert "progress" not in (await ready(anna, media["id"]))["meta"]


async def test_ffmpeg_says_how_far_it_is(stadt: Town, tmp_path: Path) -> None:
    studio, shares = stadt.app.server.studio, [-1.0]
    for kind in ("mp4", "mp3"):
        path = tmp_path / kind
        path.write_bytes(film(kind, seconds=3.0))
        name = studio.store.receive(path)
        heard: list[float] = []
        await studio.remove((await studio.finish(name, heard.append)).key)
        assert heard == sorted(heard), kind
        assert heard[-1] > 0.9, kind
        shares += heard
    assert max(shares) <= 1.0


async def test_a_post_waits_for_its_film(stadt: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    anna, go_on = await app_of(stadt, "anna"), asyncio.Event()
    hold_back(monkeypatch, go_on)
    media = (await upload(anna, film("mp4"))).json
    early = await anna.ask("POST", "/api/v1/statuses", json={"status": "Film", "media_ids": [media["id"]]})
    assert early.status == 422
    assert "still being worked on" in early.json["error"]
    go_on.set()
    await ready(anna, media["id"])
    status = await anna.write("Film", media_ids=[media["id"]])
    assert status["media_attachments"][0]["type"] == "video"
    document = (await stadt.get(urlsplit(status["uri"]).path))[1]["attachment"][0]
    assert (document["mediaType"], document["width"]) == ("video/mp4", 64)
    assert document["duration"].startswith("PT1.0")


async def test_what_cannot_be_read_says_so(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    broken = film("mp4")[:200] + b"\x00" * 500
    media = (await upload(anna, broken)).json
    await stadt.until(Media, Media.state == MediaState.FAILED)
    reply = await anna.ask("GET", f"/api/v1/media/{media['id']}")
    assert (reply.status, reply.json["error"]) == (422, "The file is no film and no recording, or is damaged.")
    assert (await upload(anna, broken, path="/api/v1/media")).status == 422
    assert arrivals(stadt) == []
    await anna.delete(f"/api/v1/media/{media['id']}")
    assert await stadt.count(MediaJob) == 1, "the other one's"


async def test_what_is_being_worked_on_can_be_described_and_removed(
    stadt: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna, go_on = await app_of(stadt, "anna"), asyncio.Event()
    hold_back(monkeypatch, go_on)
    media = (await upload(anna, film("mp4"))).json
    assert (await anna.put(f"/api/v1/media/{media['id']}", json={"description": "Umzug"}))["url"] is None
    await anna.delete(f"/api/v1/media/{media['id']}")
    assert (await anna.ask("GET", f"/api/v1/media/{media['id']}")).status == 404
    go_on.set()
    async with asyncio.timeout(20):
        while files(stadt) or arrivals(stadt):
            await asyncio.sleep(0.05)


async def test_a_restart_loses_no_film(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        hold_back(patched, asyncio.Event())
        async with town(database_url, tmp_path / "stadt") as first:
            anna = await app_of(first, "anna")
            media = (await upload(anna, film("mp4"))).json
            await first.until(MediaJob, MediaJob.leased_until.is_not(None))
    async with town(database_url, tmp_path / "stadt") as second:
        anna = await app_of(second, "anna")
        assert (await ready(anna, media["id"]))["url"]
        assert arrivals(second) == []


async def test_what_makes_workers_die_is_given_up(stadt: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    anna = await app_of(stadt, "anna")
    hold_back(monkeypatch, asyncio.Event())
    media = (await upload(anna, film("mp4"))).json
    await stadt.until(MediaJob, MediaJob.leased_until.is_not(None))

    def age(unit: Unit) -> None:
        unit.execute(update(MediaJob).values(tries=media_jobs.MOST_TRIES, leased_until=unit.now))

    await stadt.write(age)
    assert await stadt.write(media_jobs.claim, 1) == []
    reply = await anna.ask("GET", f"/api/v1/media/{media['id']}")
    assert (reply.status, reply.json["error"]) == (422, media_jobs.GAVE_UP)


async def test_two_processes_never_work_on_one_film(stadt: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    anna = await app_of(stadt, "anna")
    hold_back(monkeypatch, asyncio.Event())
    await upload(anna, film("mp4"))
    await stadt.until(MediaJob, MediaJob.leased_until.is_not(None))
    assert await stadt.write(media_jobs.claim, 5) == []


@pytest.mark.parametrize(
    ("asked", "status", "expected"),
    [("bytes=0-9", 206, slice(0, 10)), ("bytes=5-", 206, slice(5, None)), ("bytes=-4", 206, slice(-4, None))],
)
async def test_a_part_of_a_film_can_be_asked_for(stadt: Town, asked: str, status: int, expected: slice) -> None:
    anna = await app_of(stadt, "anna")
    path = urlsplit((await upload(anna, film("mp3"), path="/api/v1/media")).json["url"]).path
    whole = await anna.ask("GET", path)
    assert whole.headers["Accept-Ranges"] == "bytes"
    part = await anna.ask("GET", path, headers={"Range": asked})
    assert (part.status, part.body) == (status, whole.body[expected])
    assert part.headers["Content-Range"].endswith(f"/{len(whole.body)}")
    assert part.headers["Cache-Control"] == whole.headers["Cache-Control"]
    for nowhere in ("bytes=999999999-", "bytes=-0"):
        assert (await anna.ask("GET", path, headers={"Range": nowhere})).status == 416
    for nonsense in ("bytes=9-1", "bytes=x", "lines=1-2", "bytes=0-1,3-4", "bytes=--1"):
        assert (await anna.ask("GET", path, headers={"Range": nonsense})).status in {200, 206, 416}


async def test_a_film_is_made_smaller_and_stands_upright(stadt: Town, tmp_path: Path) -> None:
    anna = await app_of(stadt, "anna")
    body = film("mp4", size="2560x1440", seconds=0.2, rate="5")
    media = (await upload(anna, body, path="/api/v1/media")).json
    assert media["meta"]["original"]["size"] == "1920x1080"
    assert "1920x1080" in said_of((await anna.ask("GET", urlsplit(media["url"]).path)).body, tmp_path)


async def test_the_instance_says_what_it_takes(stadt: Town) -> None:
    for version in ("v1", "v2"):
        limits = (await app_of(stadt, "anna")).get(f"/api/{version}/instance")
        media = (await limits)["configuration"]["media_attachments"]
        assert {"image/heic", "image/avif", "video/mp4", "video/webm", "audio/mpeg", "audio/opus"} <= set(
            media["supported_mime_types"]
        )
        assert (media["video_size_limit"], media["video_matrix_limit"]) == (99_000_000, 8_294_400)
        assert media["video_frame_rate_limit"] == 120


async def test_without_ffmpeg_only_pictures_are_taken_and_named(
    database_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with town(database_url, tmp_path / "stadt", ffmpeg="/nowhere/ffmpeg") as stadt:
        assert [record.message for record in caplog.records if "ffmpeg" in record.message] == [
            "There is no ffmpeg ([media] ffmpeg): people can attach pictures, but no sound and no films."
        ]
        anna = await app_of(stadt, "anna")
        media = (await anna.get("/api/v2/instance"))["configuration"]["media_attachments"]
        assert {kind.partition("/")[0] for kind in media["supported_mime_types"]} == {"image"}
        assert media["video_size_limit"] == 0
        assert (await upload(anna, film("mp4"))).status == 422
        moving = await upload(anna, picture("GIF", (40, 30), frames=3))
        assert (moving.status, moving.json["type"]) == (200, "image")
        served = await anna.ask("GET", urlsplit(moving.json["url"]).path)
        assert size_of(served.body, frames=3) == (40, 30)


def hold_back(monkeypatch: pytest.MonkeyPatch, go_on: asyncio.Event) -> None:
    """Let nothing be drawn anew before `go_on` is set."""
    finish = Studio.finish

    async def later(self: Studio, name: str, heard: Any) -> object:
        heard(0.426)
        await go_on.wait()
        return await finish(self, name, heard)

    monkeypatch.setattr(Studio, "finish", later)


def arrivals(town: Town) -> list[str]:
    return [path.name for path in town.app.server.studio.store.incoming().iterdir()]


def files(town: Town) -> list[str]:
    store = town.app.server.studio.store
    return [path.name for path in store._root.rglob("*.*") if path.is_file() and path.parent != store.incoming()]
