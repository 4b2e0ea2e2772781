"""Events between servers: read, shown as posts, changed and gone."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from activitypub.models import CalendarEvent, Participation, Status, StatusEdit
from tests.client import app_of, statements
from tests.fediverse import Person, Remote
from tests.security.attack import follower_of
from tests.town import Town

SOON = datetime.now(UTC).replace(microsecond=0) + timedelta(days=30)


def museum_night(person: Person, **changes: Any) -> dict[str, Any]:
    """Return an Event as Mobilizon writes it."""
    more = {
        "type": "Event",
        "name": "Nacht der Museen",
        "startTime": SOON.isoformat(),
        "endTime": (SOON + timedelta(hours=3)).isoformat(),
        "timezone": "Europe/Berlin",
        "joinMode": "free",
        "maximumAttendeeCapacity": 20,
        "remainingAttendeeCapacity": 18,
        "participantCount": 2,
        "ical:status": "CONFIRMED",
        "location": {
            "type": "Place",
            "name": "Heimatmuseum",
            "address": {"type": "PostalAddress", "streetAddress": "Kirchgasse 3", "addressLocality": "Musterstadt"},
        },
    }
    return person.note("<p>Acht Häuser.</p>", **more | changes)


async def test_an_event_is_a_post_that_says_when_and_where(
    stadt: Town, nachbar: Remote, subtests: pytest.Subtests
) -> None:
    emil = nachbar.person("emil")
    bert = await app_of(stadt, "bert")
    await follower_of(stadt, emil)
    event = museum_night(emil)
    await stadt.accept(emil, emil.create(event))
    (status_id,) = [row["id"] for row in await bert.get("/api/v1/timelines/public?remote=true")]

    async def shown() -> Any:
        return await bert.get(f"/api/v1/statuses/{status_id}")

    with subtests.test("shown"):
        entity = await shown()
        assert entity["content"].startswith("<p><strong>Nacht der Museen</strong></p><p>Wann: ")
        assert "Uhr<br>Wo: Heimatmuseum, Kirchgasse 3, Musterstadt<br>" in entity["content"]
        assert entity["content"].endswith("<p>Acht Häuser.</p>")
        told = entity["pleroma"]["event"]
        assert datetime.fromisoformat(told["start_time"]) == SOON
        assert (told["places_left"], told["participants_count"], told["join_state"]) == (18, 2, None)

    with subtests.test("who comes is news, but no edit"):
        again = {**event, "participantCount": 3, "remainingAttendeeCapacity": 17}
        await stadt.accept(emil, emil.activity("Update", again))
        entity = await shown()
        assert (entity["edited_at"], entity["pleroma"]["event"]["places_left"]) == (None, 17)
        assert await stadt.count(StatusEdit) == 0

    with subtests.test("another time is an edit"):
        moved = {**event, "startTime": (SOON + timedelta(days=1)).isoformat(), "eventStatus": "EventRescheduled"}
        await stadt.accept(emil, emil.activity("Update", moved))
        entity = await shown()
        assert entity["edited_at"]
        assert entity["content"].startswith("<p><strong>Neuer Termin: Nacht der Museen</strong></p>")

    with subtests.test("a page of events costs what a page of posts costs"):
        for number in range(3):
            await stadt.accept(emil, emil.create(museum_night(emil, name=f"Termin {number}")))
        with statements(stadt) as seen:
            assert len(await bert.get("/api/v1/timelines/public?remote=true&limit=5")) == 4
        assert len(seen) <= 6

    with subtests.test("no comments, as long as its organiser wants none"):
        comment = emil.note("<p>Ein früher Kommentar</p>", inReplyTo=event["id"])
        await stadt.accept(emil, emil.create(comment))
        below = await stadt.read(
            lambda session: session.scalars(select(Status.id).where(Status.uri == comment["id"])).one()
        )
        for word, expected in (("closed", 403), ("moderated", 200), ("closed", 403), ("allow_all", 200)):
            said = {**event, "repliesModerationOption": word, "commentsEnabled": word == "allow_all"}
            await stadt.accept(emil, emil.activity("Update", said))
            for parent in (status_id, below):
                answer = {"status": f"{word}?", "in_reply_to_id": str(parent)}
                reply = await bert.ask("POST", "/api/v1/statuses", json=answer)
                assert (word, reply.status) == (word, expected)
                assert expected == 200 or reply.json["error"] == "The organiser of this event takes no comments."

    with subtests.test("gone"):
        await stadt.accept(emil, emil.activity("Delete", {"id": event["id"], "type": "Tombstone"}))
        assert await stadt.count(Status, Status.uri == event["id"]) == 0
        assert await stadt.count(CalendarEvent) == 3


@pytest.mark.parametrize("home", ["own", "foreign"])
async def test_an_event_may_come_as_an_invitation(stadt: Town, nachbar: Remote, boese: Remote, home: str) -> None:
    emil, mallory = nachbar.person("emil"), boese.person("mallory")
    await follower_of(stadt, emil)
    event = museum_night(emil)
    sender = emil if home == "own" else mallory
    await stadt.accept(sender, sender.activity("Invite", event, to=event["to"], cc=event["cc"]))
    assert await stadt.count(CalendarEvent) == int(home == "own")


async def event_here(stadt: Town, emil: Person, **changes: Any) -> tuple[dict[str, Any], str]:
    """Let an event arrive; return it, and the id of its status."""
    event = museum_night(emil, **changes)
    await stadt.accept(emil, emil.create(event))
    found = await stadt.read(lambda session: session.scalars(select(Status.id).where(Status.uri == event["id"])).one())
    return event, f"/api/v1/pleroma/events/{found}"


async def test_a_resident_joins_an_event_elsewhere(
    stadt: Town, nachbar: Remote, boese: Remote, subtests: pytest.Subtests
) -> None:
    emil, clara, mallory = nachbar.person("emil"), nachbar.person("clara"), boese.person("mallory")
    bert = await app_of(stadt, "bert")
    me = f"{stadt.origin}/users/bert"
    await follower_of(stadt, emil)
    event, path = await event_here(stadt, emil, contacts=[clara.uri])

    async def stands() -> Any:
        return (await bert.get(path.replace("pleroma/events", "statuses")))["pleroma"]["event"]["participation"]

    async def told() -> list[str]:
        return [row["type"] for row in await bert.get("/api/v1/notifications")]

    with subtests.test("a Join goes to the organiser alone, once"):
        shown = await bert.post(f"{path}/join", json={"participation_message": "Zu  zweit"})
        assert shown["pleroma"]["event"]["join_state"] == "pending"
        await bert.post(f"{path}/join")
        (sent,) = await nachbar.until_received("Join")
        join = sent.activity
        assert (sent.path, join["actor"], join["object"], join["to"]) == (
            "/users/emil/inbox",
            me,
            event["id"],
            [emil.uri],
        )
        assert join["participationMessage"] == "Zu zweit"
        assert "cc" not in join

    inner = {"id": join["id"], "type": "Join", "actor": me, "object": event["id"]}
    with subtests.test("nobody else answers"):
        frida = nachbar.person("frida")
        assert await stadt.deliver(mallory, mallory.activity("Accept", inner)) == 403
        assert await stadt.deliver(mallory, mallory.activity("Ignore", inner)) == 403
        await stadt.accept(mallory, mallory.activity("Accept", join["id"]))
        await stadt.accept(frida, frida.activity("Accept", inner))
        await stadt.accept(frida, frida.activity("Reject", join["id"]))
        assert await stands() == "requested"

    with subtests.test("what the organiser and its helper say counts, the latest last"):
        await stadt.accept(clara, clara.activity("TentativeAccept", inner))
        assert await stands() == "tentative"
        await stadt.accept(clara, clara.activity("Accept", {**inner, "id": f"{join['id']}0"}))
        assert (await stands(), await told()) == ("accepted", ["participation_accepted"])
        listed = await bert.get("/api/v1/pleroma/events/joined_events?state=accept")
        assert [row["uri"] for row in listed] == [event["id"]]
        assert await bert.get("/api/v1/pleroma/events/joined_events?state=pending") == []
        await stadt.accept(emil, emil.activity("Reject", join["id"]))
        assert (await stands(), await told()) == ("rejected", ["participation_rejected"])
        assert (await bert.ask("POST", f"{path}/join")).status == 403

    with subtests.test("a Leave is told, and all is as before"):
        other, path = await event_here(stadt, emil, joinMode="restricted")
        await bert.post(f"{path}/join")
        (*_, asked) = await nachbar.until_received("Join", 2)
        await stadt.accept(emil, emil.activity("Ignore", asked.activity["id"]))
        assert await stands() == "ignored"
        shown = await bert.post(f"{path}/leave")
        (sent,) = await nachbar.until_received("Leave")
        assert (sent.activity["actor"], sent.activity["object"]) == (me, other["id"])
        assert shown["pleroma"]["event"]["join_state"] is None
        assert await stadt.count(Participation) == 1


async def test_who_cannot_join_is_told_why(stadt: Town, nachbar: Remote, subtests: pytest.Subtests) -> None:
    emil = nachbar.person("emil")
    bert = await app_of(stadt, "bert")
    await follower_of(stadt, emil)
    ago = (datetime.now(UTC) - timedelta(days=2)).isoformat()
    for changes, status, words in (
        ({"joinMode": "external"}, 422, "own page"),
        ({"joinMode": "none"}, 422, "nobody has to sign up"),
        ({"joinMode": "invite"}, 403, "invited people only"),
        ({"remainingAttendeeCapacity": 0}, 422, "All places"),
        ({"ical:status": "CANCELLED"}, 422, "cancelled"),
        ({"startTime": ago, "endTime": ago}, 422, "over"),
    ):
        with subtests.test(str(changes)):
            _, path = await event_here(stadt, emil, **changes)
            reply = await bert.ask("POST", f"{path}/join")
            assert (reply.status, words in reply.json["error"]) == (status, True)
    with subtests.test("a long message, a word that is none, and what is no event"):
        _, path = await event_here(stadt, emil)
        assert (await bert.ask("POST", f"{path}/join", json={"participation_message": "x" * 501})).status == 422
        assert (await bert.ask("GET", "/api/v1/pleroma/events/joined_events?state=no")).status == 422
        note = await bert.write("kein Termin")
        assert (await bert.ask("POST", f"/api/v1/pleroma/events/{note['id']}/join")).status == 404
        assert (await bert.ask("POST", f"/api/v1/pleroma/events/{note['id']}/leave")).status == 404
    with subtests.test("whom one has blocked oneself"):
        known = await stadt.meet(emil)
        await bert.post(f"/api/v1/accounts/{known.id}/block")
        assert (await bert.ask("POST", f"{path}/join")).status == 404
    assert await stadt.count(Participation) == 0


async def test_an_invitation_is_accepted_or_declined(
    stadt: Town, nachbar: Remote, boese: Remote, subtests: pytest.Subtests
) -> None:
    emil, mallory = nachbar.person("emil"), boese.person("mallory")
    bert = await app_of(stadt, "bert")
    me = f"{stadt.origin}/users/bert"
    await follower_of(stadt, emil)
    event, path = await event_here(stadt, emil, joinMode="invite")
    invite = emil.activity("Invite", event["id"], to=[me])

    with subtests.test("only the organiser invites"):
        frida = nachbar.person("frida")
        nachbar.documents[event["id"].removeprefix(nachbar.origin)] = event
        await stadt.accept(mallory, mallory.activity("Invite", event["id"], to=[me]))
        await stadt.accept(frida, frida.activity("Invite", event["id"], to=[me]))
        assert await stadt.count(Participation) == 0

    with subtests.test("invited, and accepted"):
        await stadt.accept(emil, invite)
        assert [row["type"] for row in await bert.get("/api/v1/notifications")] == ["event_invitation"]
        shown = await bert.post(f"{path}/join")
        assert shown["pleroma"]["event"]["join_state"] == "accept"
        (sent,) = await nachbar.until_received("Accept")
        assert sent.activity["object"]["id"] == invite["id"]
        assert (sent.activity["actor"], sent.activity["object"]["type"]) == (me, "Invite")

    with subtests.test("invited, and declined"):
        other, path = await event_here(stadt, emil, joinMode="invite")
        await stadt.accept(emil, emil.activity("Invite", other, to=[me], target=me))
        await bert.post(f"{path}/leave")
        (sent,) = await nachbar.until_received("Reject")
        assert sent.activity["object"]["object"] == other["id"]
        assert await stadt.count(Participation) == 1
