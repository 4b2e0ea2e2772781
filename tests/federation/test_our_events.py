"""Events of ours and people elsewhere: told as FEP-8a8e has it, joined, left, changed and cancelled."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from activitypub.graph.actors import find_actor
from activitypub.models import Participation
from tests.client import Client, app_of
from tests.fediverse import Person, Received, Remote
from tests.town import Town
from tests.towns import followed_by

EVENTS = "/api/v1/pleroma/events"
START = (datetime.now(UTC) + timedelta(days=40)).replace(microsecond=0)


async def announced(anna: Client, **changes: Any) -> Any:
    fields = {
        "name": "Bürgerfest",
        "status": "Mit Tanz",
        "start_time": START.isoformat(),
        "location": {"name": "Stadthalle", "street": "Markt 1", "locality": "Musterstadt"},
    }
    return await anna.post(EVENTS, json=fields | changes)


async def answer_to(nachbar: Remote, join: dict[str, Any]) -> Received | None:
    """Return what was said to a Join."""
    answers = [item for item in nachbar.received if item.activity["type"] in {"Accept", "Reject", "Ignore"}]
    return next((item for item in answers if item.activity["object"]["id"] == join["id"]), None)


async def said(stadt: Town, nachbar: Remote, person: Person, kind: str, post: Any, **more: Any) -> str | None:
    """Let somebody say something about an event, and return the answer."""
    activity = person.activity(kind, post["uri"], **more)
    await stadt.accept(person, activity)
    await stadt.rest()
    answer = await answer_to(nachbar, activity)
    if answer is None:
        return None
    assert answer.path == f"/users/{person.username}/inbox"
    assert answer.activity["object"] == {
        "id": activity["id"],
        "type": "Join",
        "actor": person.uri,
        "object": post["uri"],
    }
    return str(answer.activity["type"])


async def test_people_elsewhere_hear_of_our_events_and_join_them(
    stadt: Town, nachbar: Remote, subtests: pytest.Subtests
) -> None:
    emil, frida, gina = (nachbar.person(name) for name in ("emil", "frida", "gina"))
    anna = await app_of(stadt, "anna")
    resident = await stadt.read(find_actor, f"{stadt.origin}/users/anna")
    assert resident is not None
    await followed_by(stadt, resident, emil)
    post = await announced(anna, capacity=1, online_url="https://raum.stadt.example/fest")

    with subtests.test("told"):
        (sent,) = await nachbar.until_received("Create")
        event = sent.activity["object"]
        assert (event["type"], event["name"], event["joinMode"]) == ("Event", "Bürgerfest", "free")
        assert datetime.fromisoformat(event["startTime"]) == START
        assert (event["timezone"], event["displayEndTime"], event["ical:status"]) == (
            "Europe/Berlin",
            False,
            "CONFIRMED",
        )
        place, room = event["location"]
        assert (place["name"], place["address"]["streetAddress"]) == ("Stadthalle", "Markt 1")
        assert (room["type"], room["url"]) == ("VirtualLocation", "https://raum.stadt.example/fest")
        assert (event["maximumAttendeeCapacity"], event["remainingAttendeeCapacity"]) == (1, 1)
        assert event["summary"].endswith(" Uhr, Stadthalle, Markt 1, Musterstadt")
        assert (event["sensitive"], event["repliesModerationOption"]) == (False, "allow_all")

    with subtests.test("a place at once, and none for the next"):
        assert await said(stadt, nachbar, frida, "Join", post) == "Accept"
        assert await said(stadt, nachbar, frida, "Join", post) == "Accept"  # again
        assert await said(stadt, nachbar, gina, "Join", post) == "Reject"
        assert await stadt.count(Participation) == 1

    with subtests.test("who leaves frees a place, and leaves for themselves only"):
        await stadt.accept(gina, gina.activity("Leave", post["uri"]))
        assert await stadt.count(Participation) == 1
        assert await said(stadt, nachbar, frida, "Leave", post) is None
        assert await said(stadt, nachbar, gina, "Join", post) == "Accept"
        undone = gina.activity("Undo", gina.activity("Join", post["uri"]))
        await stadt.accept(gina, undone)
        assert await stadt.count(Participation) == 0

    with subtests.test("to accept an event is to join it, as Hubzilla does"):
        await stadt.accept(frida, frida.activity("Accept", {"id": post["uri"], "type": "Event"}))
        assert await stadt.count(Participation) == 1

    with subtests.test("a Join that was undone before it came has no effect"):
        late = gina.activity("Join", post["uri"])
        await stadt.accept(gina, gina.activity("Undo", late))
        await stadt.accept(gina, late)
        assert await stadt.count(Participation) == 1

    with subtests.test("cancelled: who comes is told, and nobody joins any more"):
        await anna.post(f"{EVENTS}/{post['id']}/cancel")
        await stadt.rest()
        updates = [item.activity["object"] for item in nachbar.received if item.activity["type"] == "Update"]
        told = [event for event in updates if event["id"] == post["uri"]]
        assert told[-1]["ical:status"] == "CANCELLED"
        assert told[-1]["eventStatus"] == "https://schema.org/EventCancelled"
        assert told[-1]["summary"].startswith("Abgesagt: ")
        assert await said(stadt, nachbar, gina, "Join", post) == "Reject"


async def test_the_organiser_has_the_last_word(stadt: Town, nachbar: Remote, subtests: pytest.Subtests) -> None:
    emil, anna = nachbar.person("emil"), await app_of(stadt, "anna")

    with subtests.test("the organiser decides, and may change its mind"):
        second = await announced(anna, join_mode="restricted")
        assert await said(stadt, nachbar, emil, "Join", second, participationMessage="<b>Gern</b>") is None
        (waiting,) = await anna.get(f"{EVENTS}/{second['id']}/participation_requests")
        assert (waiting["account"]["username"], waiting["participation_message"]) == ("emil", "Gern")
        decide = f"{EVENTS}/{second['id']}/participation_requests/{waiting['account']['id']}"
        for name, kind in (("authorize", "Accept"), ("reject", "Reject")):
            before = len([item for item in nachbar.received if item.activity["type"] == kind])
            await anna.post(f"{decide}/{name}")
            *_, last = await nachbar.until_received(kind, before + 1)
            assert (last.activity["object"]["actor"], last.activity["object"]["object"]) == (emil.uri, second["uri"])
        assert await said(stadt, nachbar, emil, "Join", second) == "Reject"

    with subtests.test("who is deleted elsewhere frees the place"):
        fourth = await announced(anna, capacity=1)
        gina = nachbar.person("gina")
        assert await said(stadt, nachbar, gina, "Join", fourth) == "Accept"
        await stadt.accept(gina, gina.activity("Delete", gina.uri))
        shown = (await anna.get(f"/api/v1/statuses/{fourth['id']}"))["pleroma"]["event"]
        assert (shown["participants_count"], shown["places_left"]) == (0, 1)

    with subtests.test("where nobody joins, a Join is ignored"):
        third = await announced(anna, join_mode="external", external_url="https://stadt.example/anmeldung")
        assert await said(stadt, nachbar, emil, "Join", third) == "Ignore"


async def test_invitations_go_out_and_are_answered(stadt: Town, nachbar: Remote, boese: Remote) -> None:
    emil, frida, mallory = nachbar.person("emil"), nachbar.person("frida"), boese.person("mallory")
    anna = await app_of(stadt, "anna")
    guests = [await stadt.meet(person) for person in (emil, frida)]
    post = await announced(anna, join_mode="invite", capacity=1)
    assert await said(stadt, nachbar, frida, "Join", post) == "Reject"
    await anna.post(f"{EVENTS}/{post['id']}/invite", json={"account_ids": [str(guest.id) for guest in guests]})
    sent = await nachbar.until_received("Invite", 2)
    invites = {item.activity["target"]: item.activity for item in sent}
    assert {item.path for item in sent} == {"/users/emil/inbox", "/users/frida/inbox"}
    assert invites[emil.uri]["object"] == post["uri"]

    inner = {key: invites[emil.uri][key] for key in ("id", "type", "actor", "object", "target")}
    await stadt.accept(mallory, mallory.activity("Accept", inner["id"]))
    assert await stadt.deliver(mallory, mallory.activity("Accept", inner)) == 403
    await stadt.accept(frida, frida.activity("Accept", {**inner, "target": frida.uri}))
    assert await anna.get(f"{EVENTS}/{post['id']}/participations") == []

    await stadt.accept(emil, emil.activity("Accept", inner["id"]))
    (guest,) = await anna.get(f"{EVENTS}/{post['id']}/participations")
    assert guest["username"] == "emil"
    await stadt.accept(frida, frida.activity("Reject", invites[frida.uri]))
    assert await said(stadt, nachbar, frida, "Join", post) == "Reject"


async def test_what_is_not_for_everybody_is_joined_by_nobody_else(stadt: Town, nachbar: Remote) -> None:
    emil, anna = nachbar.person("emil"), await app_of(stadt, "anna")
    hidden = await announced(anna, visibility="private")
    note = await anna.write("kein Termin")
    assert await said(stadt, nachbar, emil, "Join", hidden) is None
    assert await said(stadt, nachbar, emil, "Join", note) is None
    known = await stadt.meet(emil)
    open_to_all = await announced(anna)
    await anna.post(f"/api/v1/accounts/{known.id}/block")
    assert await said(stadt, nachbar, emil, "Join", open_to_all) is None
    assert await stadt.count(Participation) == 0
