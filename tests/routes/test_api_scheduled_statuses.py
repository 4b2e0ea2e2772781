"""Posts that wait for their hour. https://docs.joinmastodon.org/methods/scheduled_statuses/"""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from activitypub.models import Actor, Media, Status
from activitypub.unit import Unit
from fediverse_kommune.agenda import Agenda
from fediverse_kommune.models import ScheduledStatus
from fediverse_kommune.services import media
from tests.client import Client, anonymous, app_of
from tests.fediverse import Remote
from tests.pictures import picture as drawn
from tests.pictures import upload
from tests.town import Town, town

A_PICTURE = drawn("JPEG", (20, 10))
ALL = "/api/v1/scheduled_statuses"


def at(minutes: float) -> str:
    return (datetime.now(UTC) + timedelta(minutes=minutes)).isoformat(timespec="milliseconds")


async def schedule(client: Client, text: str = "Bald ist Markt", *, minutes: float = 60, **fields: Any) -> Any:
    return await client.write(text, scheduled_at=at(minutes), **fields)


async def let_come_due(stadt: Town) -> None:
    def come(unit: Unit) -> None:
        unit.execute(update(ScheduledStatus).values(scheduled_at=unit.now - timedelta(seconds=1)))

    await stadt.write(come)


async def test_a_scheduled_post_waits_and_is_shown_to_its_author_alone(stadt: Town) -> None:
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert")
    made = await schedule(
        anna,
        spoiler_text="Termin",
        visibility="unlisted",
        language="de",
        poll={"options": ["ja", "nein"], "expires_in": 600},
    )
    assert made["params"] == {
        "text": "Bald ist Markt",
        "poll": {"options": ["ja", "nein"], "expires_in": 600, "multiple": False, "hide_totals": False},
        "media_ids": None,
        "sensitive": False,
        "spoiler_text": "Termin",
        "visibility": "unlisted",
        "in_reply_to_id": None,
        "language": "de",
        "local_only": False,
        "bubble_only": False,
        "idempotency": None,
        "quoted_status_id": None,
        "scheduled_at": None,
        "application_id": made["params"]["application_id"],
        "with_rate_limit": False,
    }
    assert await anna.get(f"/api/v1/accounts/{anna.id}/statuses") == []
    assert await anna.get(ALL) == [made]
    assert await anna.get(f"{ALL}/{made['id']}") == made
    assert await bert.get(ALL) == []
    for method, body in (("GET", {}), ("PUT", {"json": {"scheduled_at": at(70)}}), ("DELETE", {})):
        assert (await bert.ask(method, f"{ALL}/{made['id']}", **body)).status == 404
        assert (await anonymous(stadt).ask(method, f"{ALL}/{made['id']}", **body)).status == 401


async def test_at_its_hour_it_is_published_once_with_all_it_has(stadt: Town) -> None:
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert")
    picture = (await upload(anna, A_PICTURE)).json
    parent = await bert.write("Wann?")
    made = await schedule(
        anna, "@bert bald", media_ids=[picture["id"]], in_reply_to_id=parent["id"], sensitive=True, visibility="private"
    )
    assert [item["id"] for item in made["media_attachments"]] == [picture["id"]]
    await let_come_due(stadt)
    await asyncio.gather(*(Agenda(stadt.app.server).round() for _ in range(3)))
    await stadt.until(ScheduledStatus, count=0)
    (status,) = await anna.get(f"/api/v1/accounts/{anna.id}/statuses")
    assert (status["visibility"], status["sensitive"], status["in_reply_to_id"]) == ("private", True, parent["id"])
    assert [item["id"] for item in status["media_attachments"]] == [picture["id"]]
    assert [item["type"] for item in await bert.get("/api/v1/notifications")] == ["mention"]
    assert await anna.get(ALL) == []


async def test_a_poll_is_open_from_then_on(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    await schedule(anna, poll={"options": ["ja", "nein"], "expires_in": 600})
    await let_come_due(stadt)
    await stadt.until(Status)
    (status,) = await anna.get(f"/api/v1/accounts/{anna.id}/statuses")
    left = datetime.fromisoformat(status["poll"]["expires_at"]) - datetime.now(UTC)
    assert timedelta(minutes=9) < left <= timedelta(minutes=10)


async def test_people_elsewhere_are_looked_up_before(stadt: Town, nachbar: Remote) -> None:
    anna, emil = await app_of(stadt, "anna"), nachbar.person("emil")
    await schedule(anna, f"Hallo @emil@{nachbar.domain}", visibility="direct")
    assert await stadt.known(emil) is None
    await let_come_due(stadt)
    (sent,) = await nachbar.until_received("Create")
    assert sent.activity["object"]["to"] == [emil.uri]


async def test_what_cannot_be_scheduled(stadt: Town, subtests: pytest.Subtests) -> None:
    anna = await app_of(stadt, "anna")
    for fields, sentence in [
        ({"scheduled_at": at(4)}, "scheduled_at has to be at least five minutes from now."),
        ({"scheduled_at": at(-60)}, "scheduled_at has to be at least five minutes from now."),
        ({"scheduled_at": "morgen"}, "scheduled_at is a time such as 2026-12-24T18:00:00Z, not 'morgen'."),
        ({"scheduled_at": at(60), "status": ""}, "A post needs a text or a picture."),
        ({"scheduled_at": at(60), "language": "?"}, "'?' is no language tag such as de or en-GB."),
        (
            {"scheduled_at": at(60), "media_ids": ["1"]},
            "One of the files does not exist, or is shown by a post already.",
        ),
        ({"scheduled_at": at(60), "poll": {"options": ["a"]}}, "A poll needs at least two options, each with a text."),
    ]:
        with subtests.test(fields=fields, sentence=sentence):
            reply = await anna.ask("POST", "/api/v1/statuses", json={"status": "x"} | fields)
            assert (reply.status, reply.json["error"]) == (422, sentence)
            assert await stadt.count(ScheduledStatus) == await stadt.count(Status) == 0


async def test_there_is_an_end_to_plans(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")

    def plan(unit: Unit, count: int, day: int) -> None:
        for number in range(count):
            row = {"id": day * 1_000 + number + 1, "actor_id": int(anna.id), "params": {"text": "x"}, "media_ids": []}
            when = datetime(2031, 1, 1, 12, tzinfo=UTC) + timedelta(days=day)
            unit.add(ScheduledStatus(**row, scheduled_at=when, created_at=unit.now))

    await stadt.write(plan, 25, 0)
    body = {"status": "x", "scheduled_at": "2031-01-01T20:00:00Z"}
    reply = await anna.ask("POST", "/api/v1/statuses", json=body)
    assert (reply.status, reply.json["error"]) == (422, "25 posts wait for that day already: that is as many as may.")
    assert (await schedule(anna))["id"]
    for day in range(1, 12):
        await stadt.write(plan, 25 if day < 11 else 24, day)
    reply = await anna.ask("POST", "/api/v1/statuses", json=body | {"scheduled_at": at(60)})
    assert (reply.status, reply.json["error"]) == (422, "300 posts wait already: that is as many as may.")


async def test_it_can_be_moved_and_taken_back(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    picture = (await upload(anna, A_PICTURE)).json
    made = await schedule(anna, media_ids=[picture["id"]])
    path = f"{ALL}/{made['id']}"
    moved = await anna.put(path, json={"scheduled_at": "2031-05-04T12:00:00+02:00"})
    assert moved == made | {"scheduled_at": "2031-05-04T10:00:00.000Z"}
    for body in ({}, {"scheduled_at": at(1)}):
        assert (await anna.ask("PUT", path, data=body)).status == 422
    assert await stadt.write(media.sweep) == [], "its file stays until then"
    assert await anna.delete(path) == {}
    assert (await anna.ask("GET", path)).status == 404
    assert await stadt.count(Media) == 1


async def test_pages_go_by_id(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    made = [(await schedule(anna, str(number), minutes=100 - number))["id"] for number in range(3)]
    reply = await anna.ask("GET", f"{ALL}?limit=2")
    assert [row["id"] for row in reply.json] == [made[2], made[1]]
    assert [row["id"] for row in await anna.get(str(reply.link("next")))] == [made[0]]


async def test_a_repeated_key_schedules_once(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    key, body = {"Idempotency-Key": "abc"}, {"status": "x", "scheduled_at": at(60)}
    ids = {(await anna.post("/api/v1/statuses", json=body, headers=key))["id"] for _ in range(2)}
    assert len(ids) == 1


@pytest.mark.parametrize("reason", ["suspended", "parent"])
async def test_what_cannot_be_published_any_more_waits_and_hinders_nobody(stadt: Town, reason: str) -> None:
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert")
    parent = await bert.write("Wann?")
    await schedule(anna, in_reply_to_id=parent["id"], minutes=10)
    if reason == "parent":
        await bert.delete(f"/api/v1/statuses/{parent['id']}")
    else:

        def suspend(unit: Unit) -> None:
            unit.get_one(Actor, int(anna.id)).suspended_at = unit.now

        await stadt.write(suspend)
    await schedule(bert, "kommt trotzdem", minutes=20)
    await let_come_due(stadt)
    await stadt.until(Status, Status.actor_id == int(bert.id), Status.source == "kommt trotzdem")
    await stadt.until(ScheduledStatus, ScheduledStatus.last_error.is_not(None))
    assert await stadt.count(Status, Status.actor_id == int(anna.id)) == 0


async def test_what_came_due_while_nobody_was_here_is_published_at_the_next_start(
    database_url: str, tmp_path: Path
) -> None:
    async with town(database_url, tmp_path / "stadt") as before:
        anna = await app_of(before, "anna")
        await schedule(anna)

    async with town(database_url, tmp_path / "stadt") as after:
        assert await after.count(ScheduledStatus) == 1
        await let_come_due(after)
        await after.until(Status)
        await after.until(ScheduledStatus, count=0)
