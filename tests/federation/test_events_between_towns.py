"""An event of one town and residents of another: found, joined, by invitation too, and cancelled, as both see it."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.client import app_of
from tests.town import Town
from tests.towns import found, until

EVENTS = "/api/v1/pleroma/events"
START = datetime.now(UTC) + timedelta(days=40)


async def test_residents_of_another_town_come_to_an_event(nord: Town, sued: Town) -> None:
    anna, bernd = await app_of(nord, "anna"), await app_of(sued, "bernd")
    fields = {"name": "Fest", "start_time": START.isoformat(), "join_mode": "restricted", "capacity": 5}
    here = await anna.post(EVENTS, json=fields)
    there = await found(bernd, here["uri"])
    assert there["pleroma"]["event"]["capacity"] == 5
    assert there["content"].startswith("<p><strong>Fest</strong></p><p>Wann: ")

    async def stands() -> Any:
        return (await bernd.get(f"/api/v1/statuses/{there['id']}"))["pleroma"]["event"]["participation"]

    async def waiting() -> int:
        return len(await anna.get(f"{EVENTS}/{here['id']}/participation_requests"))

    await bernd.post(f"{EVENTS}/{there['id']}/join")
    await until(waiting, 1)
    assert await stands() == "requested"
    (guest,) = await anna.get(f"{EVENTS}/{here['id']}/participation_requests")
    await anna.post(f"{EVENTS}/{here['id']}/participation_requests/{guest['account']['id']}/authorize")
    await until(stands, "accepted")

    async def state() -> Any:
        return (await bernd.get(f"/api/v1/statuses/{there['id']}"))["pleroma"]["event"]["state"]

    await anna.post(f"{EVENTS}/{here['id']}/cancel")
    await until(state, "cancelled")
    kinds = [row["type"] for row in await bernd.get("/api/v1/notifications")]
    assert kinds == ["update", "participation_accepted"]


async def test_an_invitation_crosses_and_its_answer_comes_back(nord: Town, sued: Town) -> None:
    anna, bernd = await app_of(nord, "anna"), await app_of(sued, "bernd")
    here = await anna.post(EVENTS, json={"name": "Fest", "start_time": START.isoformat(), "join_mode": "invite"})
    (guest,) = await anna.get(f"/api/v1/accounts/search?q=bernd@{sued.host}:{sued.port}&resolve=true")
    await anna.post(f"{EVENTS}/{here['id']}/invite", json={"account_ids": [guest["id"]]})

    async def told() -> list[str]:
        return [row["type"] for row in await bernd.get("/api/v1/notifications")]

    await until(told, ["event_invitation"])
    there = await found(bernd, here["uri"])
    await bernd.post(f"{EVENTS}/{there['id']}/join")

    async def guests() -> list[str]:
        return [row["username"] for row in await anna.get(f"{EVENTS}/{here['id']}/participations")]

    await until(guests, ["bernd"])
    await bernd.post(f"{EVENTS}/{there['id']}/leave")
    await until(guests, [])
