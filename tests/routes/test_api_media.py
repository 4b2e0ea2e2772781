"""Uploading pictures. https://docs.joinmastodon.org/methods/media/"""

import io
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import timedelta
from urllib.parse import urlsplit

import aiohttp
import pytest
from PIL import Image, ImageSequence
from sqlalchemy import update

from activitypub.models import Media
from activitypub.unit import Unit
from fediverse_kommune.housekeeping import Housekeeping
from tests.client import app_of
from tests.pictures import picture, size_of, upload
from tests.town import Town


@pytest.mark.parametrize("path", ["/api/v1/media", "/api/v2/media"])
async def test_a_picture_is_ready_when_the_answer_comes(stadt: Town, path: str) -> None:
    anna = await app_of(stadt, "anna")
    reply = await upload(anna, picture("JPEG", (1200, 800)), path=path, description="Ein Baum", focus="0.5,-0.3")
    assert reply.status == 200
    media = reply.json
    assert (media["type"], media["description"]) == ("image", "Ein Baum")
    assert media["meta"]["original"]["size"] == "1200x800"
    assert media["meta"]["focus"] == {"x": 0.5, "y": -0.3}
    assert media["blurhash"]
    for part, size in ((media["url"], (1200, 800)), (media["preview_url"], (588, 392))):
        served = await anna.ask("GET", urlsplit(part).path)
        assert size_of(served.body) == size
    assert media["meta"]["small"]["size"] == "588x392"
    assert (await anna.get(f"/api/v1/media/{media['id']}")) == media


async def test_every_kind_that_the_instance_names_is_taken(stadt: Town, subtests: pytest.Subtests) -> None:
    anna = await app_of(stadt, "anna")
    for kind, extension in [
        ("JPEG", "jpg"),
        ("PNG", "png"),
        ("WEBP", "webp"),
        ("GIF", "png"),
        ("AVIF", "jpg"),
        ("HEIF", "jpg"),
    ]:
        with subtests.test(kind=kind, extension=extension):
            reply = await upload(anna, picture(kind, (40, 30)))
            assert reply.json["url"].endswith(f".{extension}")


@pytest.mark.parametrize("kind", ["WEBP", "AVIF", "PNG"])
async def test_a_moving_picture_keeps_moving(stadt: Town, kind: str) -> None:
    anna = await app_of(stadt, "anna")
    reply = await upload(anna, picture(kind, (40, 30), frames=3))
    assert (reply.status, reply.json["type"]) == (200, "image")
    served = await anna.ask("GET", urlsplit(reply.json["url"]).path)
    assert served.headers["Content-Type"] == ("image/png" if kind == "PNG" else "image/webp")
    assert size_of(served.body, frames=3) == (40, 30)
    preview = await anna.ask("GET", urlsplit(reply.json["preview_url"]).path)
    assert size_of(preview.body) == (40, 30), "the preview stands still"


async def test_the_picture_for_those_who_see_no_moving_one_is_no_part_of_it(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    body = io.BytesIO()
    frames = [Image.new("RGBA", (20, 20), (50 * number, 0, 200, 255)) for number in range(4)]
    frames[0].save(body, "PNG", save_all=True, append_images=frames[1:], default_image=True, duration=[70, 80, 90])
    served = await anna.ask("GET", urlsplit((await upload(anna, body.getvalue())).json["url"]).path)
    with Image.open(io.BytesIO(served.body)) as image:
        assert [
            (frame.info["duration"], frame.convert("RGB").getpixel((5, 5))) for frame in ImageSequence.Iterator(image)
        ] == [(70, (50, 0, 200)), (80, (100, 0, 200)), (90, (150, 0, 200))]


async def test_a_transparent_picture_stays_transparent(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    body = io.BytesIO()
    Image.new("RGBA", (40, 30), (0, 0, 0, 0)).save(body, "AVIF")
    reply = await upload(anna, body.getvalue())
    with Image.open(io.BytesIO((await anna.ask("GET", urlsplit(reply.json["url"]).path)).body)) as image:
        assert image.mode == "RGBA"
        assert image.getpixel((5, 5))[3] == 0


async def test_too_large_a_picture_is_refused_while_it_arrives(stadt: Town) -> None:
    """Row E14, and 413 as documented: the limit is that of its kind, and no more than that is kept."""
    anna = await app_of(stadt, "anna")
    limit = stadt.app.server.config.media.image_limit_mb * 1_000_000
    sent = 0

    async def pieces() -> AsyncIterator[bytes]:
        nonlocal sent
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n\xff\xd8\xff'
        while sent < 5 * limit:
            sent += 65_536
            yield b"\x00" * 65_536

    head = {"Content-Type": "multipart/form-data; boundary=x"}
    with suppress(aiohttp.ClientError):  # who is cut off in the middle may not get to read the answer
        reply = await anna.ask("POST", "/api/v2/media", data=pieces(), headers=head)
        assert reply.status == 413
    assert sent < 3 * limit
    assert list((stadt.app.server.studio.store._root).rglob("*")) == [stadt.app.server.studio.store.incoming()]


async def test_more_than_any_file_may_have_is_refused_before_it_arrives(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    head = {"Content-Length": str(10**9), "Content-Type": "multipart/form-data; boundary=x"}
    reply = await anna.ask("POST", "/api/v2/media", data=b"x", headers=head)
    assert reply.status == 413


async def test_a_large_picture_is_kept_smaller(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    reply = await upload(anna, picture("JPEG", (5000, 3000)))
    assert reply.json["meta"]["original"]["size"] == "3718x2231"


async def test_a_post_shows_its_pictures_in_order(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    ids = [(await upload(anna, picture("PNG", (10, 10)))).json["id"] for _ in range(3)]
    status = await anna.write("", media_ids=[ids[2], ids[0], ids[1]])
    assert [media["id"] for media in status["media_attachments"]] == [ids[2], ids[0], ids[1]]
    assert [s["id"] for s in await anna.get(f"/api/v1/accounts/{anna.id}/statuses?only_media=1")] == [status["id"]]
    again = await anna.ask("POST", "/api/v1/statuses", json={"status": "x", "media_ids": [ids[0]]})
    assert again.status == 422, "a picture is shown by one post"


async def test_description_and_focus_are_changed_before_and_after_posting(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    media_id = (await upload(anna, picture("PNG", (10, 10)))).json["id"]
    changed = await anna.put(f"/api/v1/media/{media_id}", json={"description": "Baum", "focus": "0,1"})
    assert (changed["description"], changed["meta"]["focus"]) == ("Baum", {"x": 0.0, "y": 1.0})
    status = await anna.write("Schaut", media_ids=[media_id])
    edited = await anna.put(
        f"/api/v1/statuses/{status['id']}",
        json={
            "status": "Schaut",
            "media_ids": [media_id],
            "media_attributes": [{"id": media_id, "description": "Ast"}],
        },
    )
    assert edited["media_attachments"][0]["description"] == "Ast"
    assert edited["edited_at"]


async def test_a_focus_is_two_numbers(stadt: Town, subtests: pytest.Subtests) -> None:
    anna = await app_of(stadt, "anna")
    for focus in ["nan,0", "2,0", "0", "inf,inf", "1e5,0", ";", "0,0,0"]:
        with subtests.test(focus=focus):
            assert (await upload(anna, picture("PNG", (10, 10)), focus=focus)).status == 422


async def test_a_description_has_an_end(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    reply = await upload(anna, picture("PNG", (10, 10)), description="x" * 1_501)
    assert (reply.status, reply.json["error"]) == (422, "The description has more than 1500 characters.")
    assert list((stadt.app.server.studio.store._root).rglob("*.png")) == [], "and its files are gone"


async def test_delete_and_write_anew_keeps_the_pictures(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    media_id = (await upload(anna, picture("PNG", (10, 10)))).json["id"]
    status = await anna.write("Fehler", media_ids=[media_id])
    await anna.delete(f"/api/v1/statuses/{status['id']}")
    again = await anna.write("Besser", media_ids=[media_id])
    assert again["media_attachments"][0]["id"] == media_id


async def test_deleted_with_the_post_a_picture_is_gone_after_housekeeping(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    media = (await upload(anna, picture("PNG", (10, 10)))).json
    status = await anna.write("x", media_ids=[media["id"]])
    await anna.delete(f"/api/v1/statuses/{status['id']}?delete_media=true")
    await Housekeeping(stadt.app.server).round(trim=True)
    for url in (media["url"], media["preview_url"]):
        assert (await anna.ask("GET", urlsplit(url).path)).status == 404
    assert await stadt.count(Media) == 0


async def test_an_upload_that_nobody_uses_goes_after_a_day(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    kept = (await upload(anna, picture("PNG", (10, 10)))).json
    late = (await upload(anna, picture("PNG", (10, 10)))).json

    def age(unit: Unit) -> None:
        unit.execute(update(Media).where(Media.id == int(late["id"])).values(created_at=unit.now - timedelta(hours=25)))

    await stadt.write(age)
    await Housekeeping(stadt.app.server).round(trim=False)
    assert (await anna.ask("GET", f"/api/v1/media/{late['id']}")).status == 404
    assert (await anna.ask("GET", urlsplit(late["url"]).path)).status == 404
    assert (await anna.ask("GET", urlsplit(kept["url"]).path)).status == 200


async def test_an_upload_can_be_removed_unless_a_post_shows_it(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    one, other = [(await upload(anna, picture("PNG", (10, 10)))).json for _ in range(2)]
    await anna.delete(f"/api/v1/media/{one['id']}")
    assert (await anna.ask("GET", urlsplit(one["url"]).path)).status == 404
    await anna.write("x", media_ids=[other["id"]])
    assert (await anna.ask("DELETE", f"/api/v1/media/{other['id']}")).status == 422


async def test_a_face_is_cut_square_and_replaces_the_one_before(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    urls = []
    for _ in range(2):
        reply = await upload(
            anna, picture("PNG", (800, 600)), field="avatar", path="/api/v1/accounts/update_credentials", method="PATCH"
        )
        urls.append(urlsplit(reply.json["avatar"]).path)
    assert size_of((await anna.ask("GET", urls[1])).body) == (400, 400)
    assert (await anna.ask("GET", urls[0])).status == 404
