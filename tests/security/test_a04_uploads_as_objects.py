"""A04 and F05: a file that somebody uploaded is never an ActivityPub object or a page, whoever asks how."""

from urllib.parse import urlsplit

import pytest

from tests.client import anonymous, app_of
from tests.pictures import picture, upload
from tests.town import Town

ACCEPTS = [
    "application/activity+json",
    'application/ld+json; profile="https://www.w3.org/ns/activitystreams"',
    "text/html",
    "application/json",
    "*/*",
    "",
]


async def test_a04_a_file_is_a_picture_to_everybody(stadt: Town, subtests: pytest.Subtests) -> None:
    anna = await app_of(stadt, "anna")
    url = (await upload(anna, picture("PNG", (10, 10)), filename="x.json", content_type="application/json")).json["url"]
    for accept in ACCEPTS:
        with subtests.test(accept=accept):
            reply = await anonymous(stadt).ask("GET", urlsplit(url).path, headers={"Accept": accept})
            assert (reply.status, reply.headers["Content-Type"]) == (200, "image/png")
            assert reply.headers["X-Content-Type-Options"] == "nosniff"
            assert reply.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
            assert reply.headers["Cache-Control"] == "public, max-age=31536000, immutable"


async def test_f04_no_key_leads_out_of_the_store(stadt: Town, subtests: pytest.Subtests) -> None:
    for key in [
        *("..%2f..%2fetc%2fpasswd", "x.png", "a" * 64, "a" * 64 + ".html", "a" * 64 + ".json", "incoming"),
        *("A" * 64 + ".png", "%00", "a" * 64 + ".png%00.html", "a" * 64 + ".png/", "aa%2f" + "a" * 64 + ".png"),
    ]:
        with subtests.test(key=key):
            assert (await anonymous(stadt).ask("GET", f"/media/{key}")).status == 404


async def test_f04_a_file_that_lies_there_under_another_name_is_none(stadt: Town) -> None:
    root = stadt.app.server.studio.store._root
    for name in ("x.json", "actor.html", "a" * 63 + ".png"):
        (root / name[:2]).mkdir(parents=True, exist_ok=True)
        (root / name[:2] / name).write_bytes(b"{}")
        assert (await anonymous(stadt).ask("GET", f"/media/{name}")).status == 404


async def test_f09_a_name_cannot_be_worked_out_from_the_picture(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    body = picture("PNG", (10, 10))
    one, other = [(await upload(anna, body)).json["url"] for _ in range(2)]
    assert one != other
