"""F05: what somebody hides in a picture, or behind it, is not served."""

from urllib.parse import urlsplit

from tests.client import app_of
from tests.pictures import picture, upload
from tests.town import Town


async def test_f05_what_hides_behind_a_picture_does_not_survive(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    hidden = b"<script>alert(1)</script>" + b"PK\x03\x04"
    for kind in ("JPEG", "PNG", "GIF", "WEBP"):
        reply = await upload(anna, picture(kind, (40, 30)) + hidden)
        assert reply.status == 200
        served = await anna.ask("GET", urlsplit(reply.json["url"]).path)
        assert b"<script" not in served.body
        assert b"PK\x03\x04" not in served.body
