"""A quote between two instances of this software, from the request to the revocation, as residents see it."""

from collections.abc import Callable
from pathlib import Path

from tests.client import app_of
from tests.town import Town, town
from tests.towns import found, until


async def test_a_quote_is_asked_for_granted_shown_and_revoked(nord: Town, sued: Town) -> None:
    anna, bernd = await app_of(nord, "anna"), await app_of(sued, "bernd")
    post = await anna.write("Sommerfest")
    quote = await bernd.write("Wir kommen", quoted_status_id=(await found(bernd, post["uri"]))["id"])
    assert quote["quote"]["state"] == "pending"

    async def seen_there() -> str:
        return str((await bernd.get(f"/api/v1/statuses/{quote['id']}"))["quote"]["state"])

    await until(seen_there, "accepted")
    (seen_here,) = await anna.get(f"/api/v1/statuses/{post['id']}/quotes")
    assert seen_here["uri"] == quote["uri"]
    assert seen_here["quote"]["quoted_status"]["id"] == post["id"]
    assert [item["type"] for item in await anna.get("/api/v1/notifications")] == ["quote"]

    await anna.post(f"/api/v1/statuses/{post['id']}/quotes/{seen_here['id']}/revoke")

    await until(seen_there, "revoked")
    assert await anna.get(f"/api/v1/statuses/{post['id']}/quotes") == []


async def test_a_policy_holds_in_the_other_town(nord: Town, sued: Town) -> None:
    anna, bernd = await app_of(nord, "anna"), await app_of(sued, "bernd")
    post = await anna.write("x", quote_approval_policy="nobody")
    known = await found(bernd, post["uri"])
    assert known["quote_approval"] == {"automatic": [], "manual": [], "current_user": "denied"}
    body = {"status": "y", "quoted_status_id": known["id"]}
    assert (await bernd.ask("POST", "/api/v1/statuses", json=body)).status == 404


async def test_a_third_town_believes_the_stamp(
    nord: Town, sued: Town, new_database: Callable[[], str], tmp_path: Path
) -> None:
    async with town(new_database(), tmp_path / "west", host="west.test") as west:
        anna, bernd, carla = [await app_of(*pair) for pair in ((nord, "anna"), (sued, "bernd"), (west, "carla"))]
        post = await anna.write("Sommerfest")
        quote = await bernd.write("Wir kommen", quoted_status_id=(await found(bernd, post["uri"]))["id"])

        async def seen_there() -> str:
            return str((await bernd.get(f"/api/v1/statuses/{quote['id']}"))["quote"]["state"])

        await until(seen_there, "accepted")
        seen = await found(carla, quote["uri"])
        assert seen["quote"]["state"] == "accepted"
        assert seen["quote"]["quoted_status"]["uri"] == post["uri"]
