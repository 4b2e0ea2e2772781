"""How often one may ask: the headers that tell, the refusal, and whose budget it is."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fediverse_kommune.api.limits import network_of
from fediverse_kommune.config import LimitsConfig
from tests.client import Client, anonymous, app_of
from tests.pictures import picture
from tests.town import Town, town

FEW = LimitsConfig(requests=4, uploads=2, deletions=2, sign_ups=1)
HOME = "/api/v1/timelines/home"
INSTANCE = "/api/v2/instance"


@pytest.fixture
async def streng(database_url: str, tmp_path: Path) -> AsyncIterator[Town]:
    """A town where four requests in five minutes are enough."""
    async with town(database_url, tmp_path / "streng", limits=FEW) as running:
        yield running


def left(reply: object) -> tuple[str, str]:
    headers = reply.headers  # type: ignore[attr-defined]
    return headers["X-RateLimit-Limit"], headers["X-RateLimit-Remaining"]


async def test_every_answer_says_what_is_left(streng: Town) -> None:
    anna = await app_of(streng, "anna")
    first = await anna.ask("GET", HOME)
    assert left(first) == ("4", "3")
    resets_at = datetime.fromisoformat(first.headers["X-RateLimit-Reset"])
    assert datetime.now(UTC) < resets_at <= datetime.now(UTC) + timedelta(minutes=5, seconds=1)
    assert first.headers["X-RateLimit-Reset"].endswith("Z")
    missing = await anna.ask("GET", "/api/v1/statuses/1")
    assert (missing.status, left(missing)) == (404, ("4", "2"))


async def test_what_is_too_often_is_refused_and_says_when_to_come_back(streng: Town) -> None:
    anna = await app_of(streng, "anna")
    for _ in range(4):
        await anna.get(HOME)
    refused = await anna.ask("GET", HOME)
    assert (refused.status, refused.json, left(refused)) == (429, {"error": "Too many requests"}, ("4", "0"))
    assert 0 < int(refused.headers["Retry-After"]) <= 300
    assert refused.headers["Access-Control-Allow-Origin"] == "*"


async def test_another_app_has_a_budget_of_its_own_and_a_person_one_for_all_apps(streng: Town) -> None:
    apps = [await app_of(streng, "anna") for _ in range(6)]
    for app in apps[:5]:
        for _ in range(4):
            await app.get(HOME)
    assert (await apps[5].ask("GET", HOME)).status == 429
    assert (await (await app_of(streng, "bert")).ask("GET", HOME)).status == 200


async def test_without_a_token_and_with_a_wrong_one_the_network_pays(streng: Town) -> None:
    for number in range(4):
        assert (await Client(streng, f"geraten{number}").ask("GET", HOME)).status == 401
    assert (await Client(streng, "geraten").ask("GET", HOME)).status == 429
    assert (await anonymous(streng).ask("GET", INSTANCE)).status == 429
    anna = await app_of(streng, "anna")
    assert (await anna.ask("GET", HOME)).status == 200


async def test_uploads_and_deletions_are_counted_by_themselves(streng: Town) -> None:
    anna = await app_of(streng, "anna")
    for _ in range(2):
        await anna.post("/api/v2/media", data={"file": picture("PNG", (4, 4))})
    refused = await anna.ask("POST", "/api/v2/media", data={"file": picture("PNG", (4, 4))})
    assert (refused.status, left(refused)) == (429, ("2", "0"))
    bert = await app_of(streng, "bert")
    for number in (1, 2, 3):
        reply = await bert.ask("DELETE", f"/api/v1/statuses/{number}")
        assert reply.status == (404 if number < 3 else 429)


async def test_browsers_may_read_the_headers(stadt: Town) -> None:
    reply = await anonymous(stadt).ask("GET", INSTANCE, headers={"Origin": "https://phanpy.example"})
    exposed = {name.strip() for name in reply.headers["Access-Control-Expose-Headers"].split(",")}
    assert {"Link", "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "Retry-After"} <= exposed


def test_a_household_is_one_network() -> None:
    assert network_of("2001:db8:1:2:3::4") == network_of("2001:db8:1:2:ffff::") == "2001:db8:1:2::/64"
    assert network_of("2001:db8:1:3::1") != network_of("2001:db8:1:2::1")
    assert network_of("192.0.2.7") == "192.0.2.7"
    assert network_of(None) == "unknown"
