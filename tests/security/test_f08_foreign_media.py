"""F08 and H02: somebody else's upload does not exist for me."""

from activitypub.models import Media
from tests.client import app_of
from tests.pictures import picture, upload
from tests.town import Town


async def test_f08_nobody_sees_changes_removes_or_posts_an_upload_of_another(stadt: Town) -> None:
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert")
    media = (await upload(anna, picture("PNG", (10, 10)), description="meins")).json
    path = f"/api/v1/media/{media['id']}"
    for method, body in (("GET", None), ("PUT", {"description": "deins"}), ("DELETE", None)):
        reply = await bert.ask(method, path, json=body)
        assert (reply.status, reply.json) == (404, {"error": "Record not found"})
    reply = await bert.ask("POST", "/api/v1/statuses", json={"status": "x", "media_ids": [media["id"]]})
    unknown = await bert.ask("POST", "/api/v1/statuses", json={"status": "x", "media_ids": ["1"]})
    assert reply.status == unknown.status == 422
    assert reply.json == unknown.json, "taken and unknown are answered alike"
    status = await bert.write("x")
    edit = {"status": "x", "media_ids": [media["id"]]}
    assert (await bert.ask("PUT", f"/api/v1/statuses/{status['id']}", json=edit)).status == 422
    assert (await anna.get(path))["description"] == "meins"
    assert await stadt.count(Media, Media.status_id.is_(None)) == 1
