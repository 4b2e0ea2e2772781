"""Events of our own: announced, changed, cancelled, joined here, shown on a page, put into a calendar.

https://github.com/mkljczk/pl-fe/blob/develop/packages/pl-api/lib/params/events.ts
"""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from icalendar import Calendar

from activitypub.models import Participation
from tests.client import Client, anonymous, app_of
from tests.town import Town
from tests.webpages import page_of

EVENTS = "/api/v1/pleroma/events"
START = (datetime.now(UTC) + timedelta(days=40)).replace(hour=17, minute=0, second=0, microsecond=0)
HALL = {"name": "Stadthalle", "street": "Markt 1", "postal_code": "74001", "locality": "Musterstadt"}


async def announced(client: Client, **changes: Any) -> Any:
    fields = {
        "name": "Bürgerfest",
        "status": "Mit #Musik & Tanz",
        "start_time": START.isoformat(),
        "end_time": (START + timedelta(hours=4)).isoformat(),
        "location": HALL,
        "capacity": 2,
    }
    return await client.post(EVENTS, json=fields | changes)


async def test_an_event_is_announced_and_shown(stadt: Town, subtests: pytest.Subtests) -> None:
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert")
    await bert.follow(anna)
    post = await announced(anna)
    event = post["pleroma"]["event"]

    with subtests.test("announced"):
        assert post["content"].startswith("<p><strong>Bürgerfest</strong></p><p>Wann: ")
        assert "<br>Wo: Stadthalle, Markt 1, 74001 Musterstadt<br>" in post["content"]
        assert [tag["name"] for tag in post["tags"]] == ["Musik"]
        assert (event["join_mode"], event["capacity"], event["places_left"]) == ("free", 2, 2)
        assert (event["time_zone"], event["participants_count"]) == ("Europe/Berlin", 0)
        assert [row["id"] for row in await bert.get("/api/v1/timelines/home")] == [post["id"]]

    with subtests.test("in its page"):
        page = await page_of(stadt, f"/@anna/{post['id']}")
        assert page.one(".event time").get("datetime")
        assert "Stadthalle, Markt 1, 74001 Musterstadt" in page.text
        data = json.loads(page.one('script[type="application/ld+json"]').text_content())
        assert (data["@type"], data["name"], data["remainingAttendeeCapacity"]) == ("Event", "Bürgerfest", 2)
        assert data["location"][0]["address"]["streetAddress"] == "Markt 1"
        assert datetime.fromisoformat(data["startDate"]) == START
        (described,) = page.meta("og:description")
        assert described.startswith("Bürgerfest. ")
        assert described.endswith(" Uhr, Stadthalle, Markt 1, 74001 Musterstadt. Mit #Musik & Tanz")
        feed = await anonymous(stadt).ask("GET", "/@anna.rss")
        assert "Uhr, Stadthalle, Markt 1" in feed.text
        english = await page_of(stadt, f"/@anna/{post['id']}?lang=en")
        assert "Everybody can take part." in english.text

    with subtests.test("in a calendar"):
        reply = await anonymous(stadt).ask("GET", f"/@anna/{post['id']}.ics")
        assert reply.headers["Content-Type"] == "text/calendar; charset=utf-8"
        (entry,) = Calendar.from_ical(reply.text).walk("VEVENT")
        assert (entry["uid"], str(entry["summary"])) == (post["uri"], "Bürgerfest")
        assert entry["dtstart"].dt == START
        assert entry["dtstart"].params["TZID"] == "Europe/Berlin"
        asked = await bert.ask("GET", f"{EVENTS}/{post['id']}/ics")
        assert (asked.text, asked.headers["Content-Type"]) == (reply.text, "text/calendar; charset=utf-8")
        note = await anna.write("kein Termin")
        assert (await bert.ask("GET", f"{EVENTS}/{note['id']}/ics")).status == 404
        for path in (f"/@anna/{note['id']}.ics", f"/@bert/{post['id']}.ics", "/@anna/1.ics"):
            assert (await anonymous(stadt).ask("GET", path)).status == 404


async def test_an_event_changes_and_its_guests_hear_of_it(stadt: Town, subtests: pytest.Subtests) -> None:
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert")
    post = await announced(anna)

    with subtests.test("changed, and only in what is sent"):
        await bert.post(f"{EVENTS}/{post['id']}/join")
        later = {"start_time": (START + timedelta(hours=1)).isoformat(), "capacity": 30}
        changed = await anna.put(f"{EVENTS}/{post['id']}", json=later)
        shown = changed["pleroma"]["event"]
        assert datetime.fromisoformat(shown["start_time"]) == START + timedelta(hours=1)
        assert (shown["name"], shown["location"]["street"], shown["capacity"]) == ("Bürgerfest", "Markt 1", 30)
        assert shown["participants_count"] == 1
        assert changed["edited_at"]
        assert "Mit " in changed["content"]

    with subtests.test("its text is edited like that of any post"):
        edited = await anna.put(f"/api/v1/statuses/{post['id']}", json={"status": "Mit Tanz"})
        assert edited["pleroma"]["event"]["name"] == "Bürgerfest"
        assert edited["content"].endswith("<p>Mit Tanz</p>")

    with subtests.test("cancelled, which guests are told"):
        assert (await bert.ask("POST", f"{EVENTS}/{post['id']}/cancel")).status == 404
        gone = await anna.post(f"{EVENTS}/{post['id']}/cancel")
        assert gone["content"].startswith("<p><strong>Abgesagt: Bürgerfest</strong></p>")
        kinds = [(row["type"], row["status"]["id"]) for row in await bert.get("/api/v1/notifications?types[]=update")]
        assert kinds == [("update", post["id"])]
        assert (await anna.ask("PUT", f"{EVENTS}/{post['id']}", json={"name": "Doch"})).status == 422
        assert (await bert.ask("POST", f"{EVENTS}/{post['id']}/join")).status == 200  # who is in stays in
        reply = await anonymous(stadt).ask("GET", f"/@anna/{post['id']}.ics")
        assert "STATUS:CANCELLED" in reply.text


async def test_what_is_wrong_with_an_event_is_said_at_once(stadt: Town, subtests: pytest.Subtests) -> None:
    anna = await app_of(stadt, "anna")
    for changes, field in (
        ({"name": " "}, "name"),
        ({"start_time": ""}, "start_time"),
        ({"start_time": "1970-01-01T00:00:00Z"}, "start_time"),
        ({"end_time": START.isoformat()}, "end_time"),
        ({"end_time": (START + timedelta(days=400)).isoformat()}, "end_time"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"time_zone": "../etc/passwd"}, "time_zone"),
        ({"join_mode": "open"}, "join_mode"),
        ({"join_mode": "external"}, "external_url"),
        ({"online_url": "javascript:alert(1)"}, "online_url"),
        ({"capacity": 0}, "capacity"),
        ({"location": {"name": "x" * 201}}, "location"),
        ({"location": {"name": "x", "latitude": 91}}, "location"),
    ):
        with subtests.test(str(changes)[:60]):
            fields = {"name": "Fest", "start_time": START.isoformat(), **changes}
            reply = await anna.ask("POST", EVENTS, json=fields)
            assert (reply.status, list(reply.json["details"])) == (422, [field])
    with subtests.test("other bad input"):
        for changes in ({"location": "Halle"}, {"location": {"latitude": "Nord"}}, {"visibility": "alle"}):
            fields = {"name": "Fest", "start_time": START.isoformat(), **changes}
            assert (await anna.ask("POST", EVENTS, json=fields)).status == 422
    with subtests.test("the same request twice is one event"):
        fields = {"name": "Fest", "start_time": START.isoformat()}
        sent = [await anna.ask("POST", EVENTS, json=fields, headers={"Idempotency-Key": "einmal"}) for _ in range(2)]
        assert sent[0].json["id"] == sent[1].json["id"]
        event = sent[0].json["pleroma"]["event"]
        assert (event["end_time"], event["location"]) == (None, None)


async def test_places_are_counted_and_nobody_is_named(stadt: Town, subtests: pytest.Subtests) -> None:
    anna, bert, cora = [await app_of(stadt, name) for name in ("anna", "bert", "cora")]
    post = await announced(anna, capacity=1)
    path = f"{EVENTS}/{post['id']}"

    with subtests.test("a place, and none left"):
        joined = (await bert.post(f"{path}/join"))["pleroma"]["event"]
        assert (joined["join_state"], joined["places_left"], joined["participants_count"]) == ("accept", 0, 1)
        assert (await cora.ask("POST", f"{path}/join")).status == 422
        assert (await anna.ask("POST", f"{path}/join")).status == 422  # one's own

    with subtests.test("who comes is told to the organiser alone"):
        assert [row["username"] for row in await anna.get(f"{path}/participations")] == ["bert"]
        assert await cora.get(f"{path}/participations") == []
        assert await bert.get(f"{path}/participations") == []
        assert "bert" not in (await page_of(stadt, f"/@anna/{post['id']}")).text
        document = await anonymous(stadt).ask(
            "GET", f"/users/anna/statuses/{post['id']}", headers={"Accept": "application/activity+json"}
        )
        assert (document.json["participantCount"], document.json["attendees"]["totalItems"]) == (1, 1)
        assert "bert" not in document.text
        attendees = await anonymous(stadt).ask("GET", f"/users/anna/statuses/{post['id']}/attendees")
        assert (attendees.json["totalItems"], "orderedItems" in attendees.json) == (1, False)

    with subtests.test("who leaves frees a place"):
        assert (await bert.post(f"{path}/leave"))["pleroma"]["event"]["places_left"] == 1
        assert (await cora.post(f"{path}/join"))["pleroma"]["event"]["join_state"] == "accept"


async def test_the_organiser_says_who_comes(stadt: Town, subtests: pytest.Subtests) -> None:
    anna, bert, cora, dora = [await app_of(stadt, name) for name in ("anna", "bert", "cora", "dora")]

    with subtests.test("the organiser decides"):
        second = await announced(anna, join_mode="restricted", capacity=1)
        path = f"{EVENTS}/{second['id']}"
        asked = await bert.post(f"{path}/join", json={"participation_message": "Gern!", "named": True})
        assert asked["pleroma"]["event"]["join_state"] == "pending"
        await dora.post(f"{path}/join")
        assert [row["type"] for row in await anna.get("/api/v1/notifications?types[]=participation_request")] == [
            "participation_request"
        ] * 2
        waiting = await anna.get(f"{path}/participation_requests")
        assert [(row["account"]["username"], row["participation_message"]) for row in waiting] == [
            ("dora", None),
            ("bert", "Gern!"),
        ]
        assert await bert.get(f"{path}/participation_requests") == []
        decide = f"{path}/participation_requests"
        assert (await bert.ask("POST", f"{decide}/{bert.id}/authorize")).status == 404
        assert (await anna.ask("POST", f"{decide}/{cora.id}/authorize")).status == 404
        await anna.post(f"{decide}/{bert.id}/authorize")
        assert (await anna.ask("POST", f"{decide}/{dora.id}/authorize")).status == 422  # full
        await anna.post(f"{decide}/{dora.id}/reject")
        assert [row["type"] for row in await bert.get("/api/v1/notifications")] == ["participation_accepted"]
        assert [row["type"] for row in await dora.get("/api/v1/notifications")] == ["participation_rejected"]
        assert (await dora.ask("POST", f"{path}/join")).status == 403
        assert await anna.get("/api/v1/notifications?types[]=participation_request") == []

    with subtests.test("by invitation"):
        third = await announced(anna, join_mode="invite")
        path = f"{EVENTS}/{third['id']}"
        assert (await bert.ask("POST", f"{path}/join")).status == 403
        assert (await bert.ask("POST", f"{path}/invite", json={"account_ids": [bert.id]})).status == 404
        assert (await anna.ask("POST", f"{path}/invite", json={"account_ids": [1]})).status == 404
        await anna.post(f"{path}/invite", json={"account_ids": [bert.id, anna.id]})
        assert (await bert.get("/api/v1/notifications"))[0]["type"] == "event_invitation"
        assert (await bert.post(f"{path}/join"))["pleroma"]["event"]["join_state"] == "accept"
        assert await stadt.count(Participation) == 3

    with subtests.test("what is for followers only is not joined by others"):
        hidden = await announced(anna, visibility="private")
        assert (await bert.ask("POST", f"{EVENTS}/{hidden['id']}/join")).status == 404
        assert (await anonymous(stadt).ask("GET", f"/@anna/{hidden['id']}.ics")).status == 404
