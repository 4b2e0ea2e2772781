"""Polls between servers: questions and tallies out and in, votes to whoever asked, and nobody else's word on either."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from activitypub.graph.actors import find_actor
from activitypub.models import Poll, PollVote, Status
from activitypub.unit import Unit
from fediverse_kommune.models import Notification
from tests.client import Client, app_of
from tests.fediverse import Person, Remote
from tests.security.attack import follower_of
from tests.town import Town
from tests.towns import followed_by

QUESTION = {"options": ["Linde", "Raps"], "expires_in": 3_600}
SOON = timedelta(hours=1)


async def asked(stadt: Town, anna: Client, *followers: Person, **changes: Any) -> str:
    """Let Anna ask her followers something; return the URI of the question."""
    resident = await stadt.read(find_actor, f"{stadt.origin}/users/anna")
    assert resident is not None
    await followed_by(stadt, resident, *followers)
    fields = {"visibility": "public"} | changes.pop("post", {})
    status = await anna.write("Welcher Honig?", poll=QUESTION | changes, **fields)
    return str(status["uri"])


def vote_of(person: Person, uri: str, title: str, **changes: Any) -> dict[str, Any]:
    """Return the Create of a vote as Mastodon writes it."""
    note = {
        "id": person.server.fresh_id("vote"),
        "type": "Note",
        "name": title,
        "attributedTo": person.uri,
        "inReplyTo": uri,
        "to": uri.rpartition("/statuses/")[0],
        **changes,
    }
    return person.activity("Create", note, to=note["to"])


async def tallies(town: Town, uri: str) -> tuple[list[int], int | None]:
    """Return the votes for each option, and how many voted."""
    poll = await town.read(
        lambda session: session.scalars(
            select(Poll).join(Status, Status.id == Poll.status_id).where(Status.uri == uri)
        ).one()
    )
    return [option["votes"] for option in poll.options], poll.voters_count


def question(person: Person, *options: str, kind: str = "oneOf", **changes: Any) -> dict[str, Any]:
    """Return a Question of somebody elsewhere, open for an hour."""
    end = (datetime.now(UTC) + SOON).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    choices = [{"type": "Note", "name": title, "replies": {"type": "Collection", "totalItems": 2}} for title in options]
    return person.note(
        "<p>Wohin?</p>", **{"type": "Question", "endTime": end, "votersCount": 4, kind: choices, **changes}
    )


async def expire(town: Town, uri: str) -> None:
    def past(unit: Unit) -> None:
        ago = unit.now - timedelta(seconds=1)
        ids = select(Status.id).where(Status.uri == uri)
        unit.execute(update(Poll).where(Poll.status_id.in_(ids)).values(expires_at=ago, due_at=ago))

    await town.write(past)
    await town.until(Poll, Poll.announced_at.is_not(None))


async def test_a_question_leaves_and_votes_come_back(stadt: Town, nachbar: Remote) -> None:
    anna, emil, frida = await app_of(stadt, "anna"), nachbar.person("emil"), nachbar.person("frida")
    uri = await asked(stadt, anna, emil)
    (sent,) = await nachbar.until_received("Create")
    note = sent.activity["object"]
    assert (note["type"], note["votersCount"]) == ("Question", 0)
    assert [option["name"] for option in note["oneOf"]] == ["Linde", "Raps"]
    assert note["oneOf"][0]["replies"] == {"type": "Collection", "totalItems": 0}
    assert "closed" not in note
    assert datetime.fromisoformat(note["endTime"]) - datetime.now(UTC) < SOON

    vote = vote_of(emil, uri, "Raps")
    await stadt.accept(emil, vote)
    await stadt.accept(emil, {**vote, "id": nachbar.fresh_id("create")})
    await stadt.accept(emil, vote_of(emil, uri, "Linde"))
    await stadt.accept(frida, vote_of(frida, uri, "Raps"))
    assert await tallies(stadt, uri) == ([0, 2], 2)
    assert await stadt.count(Status) == 1, "a vote is no post"

    # Both votes make one Update, some minutes later.
    await stadt.write(lambda unit: unit.execute(update(Poll).values(due_at=unit.now)) and None)
    (told,) = await nachbar.until_received("Update")
    assert [option["replies"]["totalItems"] for option in told.activity["object"]["oneOf"]] == [0, 2]
    assert told.activity["object"]["votersCount"] == 2


async def test_several_choices_come_one_by_one(stadt: Town, nachbar: Remote) -> None:
    anna, emil = await app_of(stadt, "anna"), nachbar.person("emil")
    uri = await asked(stadt, anna, emil, multiple=True)
    for title in ("Raps", "Linde", "Raps"):
        await stadt.accept(emil, vote_of(emil, uri, title))
    assert await tallies(stadt, uri) == ([1, 1], 1)

    # Mastodon sends the choices of one voter in parallel: none may be lost.
    voters = [nachbar.person(name) for name in ("frida", "gina", "hans")]
    votes = [(voter, vote_of(voter, uri, title)) for voter in voters for title in ("Linde", "Raps")]
    await asyncio.gather(*(stadt.accept(voter, vote) for voter, vote in votes))
    assert await tallies(stadt, uri) == ([4, 4], 4)


async def test_votes_that_do_not_count(stadt: Town, nachbar: Remote, boese: Remote) -> None:
    anna, emil, mallory = await app_of(stadt, "anna"), nachbar.person("emil"), boese.person("mallory")
    uri = await asked(stadt, anna, emil, post={"visibility": "private"})
    await stadt.accept(mallory, vote_of(mallory, uri, "Raps"))  # may not read it
    await stadt.accept(emil, vote_of(emil, uri, "Wald"))  # no option
    await stadt.accept(emil, vote_of(emil, f"{uri}9", "Raps"))  # no poll
    post = await anna.write("keine Umfrage")
    await stadt.accept(emil, vote_of(emil, post["uri"], "Raps"))
    assert await stadt.deliver(mallory, vote_of(mallory, uri, "Raps", attributedTo=emil.uri)) == 403
    for person, poll, choice in ((mallory, uri, "Raps"), (emil, uri, "Wald"), (emil, f"{uri}9", "Raps")):
        await stadt.accept(person, person.activity("PollVote", poll, choice_text=choice))  # the same, as PieFed says it
    await expire(stadt, uri)
    await stadt.accept(emil, vote_of(emil, uri, "Raps"))  # too late
    assert await tallies(stadt, uri) == ([0, 0], 0)
    assert await stadt.count(PollVote) == 0


async def test_whom_one_blocks_has_no_vote(stadt: Town, nachbar: Remote) -> None:
    anna, emil = await app_of(stadt, "anna"), nachbar.person("emil")
    uri = await asked(stadt, anna)
    known = await stadt.meet(emil)
    await anna.post(f"/api/v1/accounts/{known.id}/block")
    await stadt.accept(emil, vote_of(emil, uri, "Raps"))
    assert await tallies(stadt, uri) == ([0, 0], 0)


async def test_the_end_is_told_to_followers_and_voters(stadt: Town, nachbar: Remote) -> None:
    anna, emil, frida = await app_of(stadt, "anna"), nachbar.person("emil"), nachbar.person("frida")
    uri = await asked(stadt, anna, emil, hide_totals=True)
    await stadt.accept(frida, vote_of(frida, uri, "Linde"))
    await expire(stadt, uri)
    (told,) = await nachbar.until_received("Update")
    note = told.activity["object"]
    assert note["closed"] == note["endTime"]
    assert [option["replies"]["totalItems"] for option in note["oneOf"]] == [1, 0]


async def test_a_question_arrives_and_our_vote_goes_to_its_author_alone(stadt: Town, nachbar: Remote) -> None:
    emil = nachbar.person("emil")
    bert = await app_of(stadt, "bert")
    await follower_of(stadt, emil)
    asks = question(emil, "Berg", "See & Meer", kind="anyOf")
    await stadt.accept(emil, emil.create(asks))
    status_id = await stadt.read(lambda session: session.scalars(select(Status.id)).one())
    poll = (await bert.get(f"/api/v1/statuses/{status_id}"))["poll"]
    assert (poll["multiple"], poll["votes_count"], poll["voters_count"], poll["voted"]) == (True, 4, 4, False)
    assert [option["title"] for option in poll["options"]] == ["Berg", "See & Meer"]

    voted = await bert.post(f"/api/v1/polls/{status_id}/votes", json={"choices": [0, 1]})
    assert (voted["own_votes"], voted["votes_count"], voted["voters_count"]) == ([0, 1], 6, 5)
    sent = await nachbar.until_received("Create", 2)
    votes = [item.activity["object"] for item in sent]
    assert [vote["name"] for vote in votes] == ["Berg", "See & Meer"]
    assert {item.path for item in sent} == {"/users/emil/inbox"}
    for vote in votes:
        assert (vote["type"], vote["inReplyTo"], vote["to"]) == ("Note", asks["id"], [emil.uri])
        assert vote["attributedTo"] == f"{stadt.origin}/users/bert"
        assert "content" not in vote
        assert "cc" not in vote
    assert len({vote["id"] for vote in votes}) == 2


async def test_only_the_owner_tells_new_tallies(stadt: Town, nachbar: Remote, boese: Remote) -> None:
    emil, mallory = nachbar.person("emil"), boese.person("mallory")
    bert = await app_of(stadt, "bert")
    await follower_of(stadt, emil)
    asks = question(emil, "Berg", "See")
    await stadt.accept(emil, emil.create(asks))
    status_id = await stadt.read(lambda session: session.scalars(select(Status.id)).one())
    await bert.post(f"/api/v1/polls/{status_id}/votes", json={"choices": [0]})
    told = {**asks, "votersCount": 9, "oneOf": [{**asks["oneOf"][0], "replies": {"totalItems": 8}}, asks["oneOf"][1]]}
    assert await stadt.deliver(mallory, mallory.activity("Update", told)) == 403
    assert await tallies(stadt, asks["id"]) == ([3, 2], 5)
    await stadt.accept(emil, emil.activity("Update", told))
    assert await tallies(stadt, asks["id"]) == ([8, 2], 9)
    shown = await bert.get(f"/api/v1/statuses/{status_id}")
    assert (shown["edited_at"], shown["poll"]["own_votes"]) == (None, [0])

    other = {**told, "oneOf": [{"type": "Note", "name": "Wald"}, asks["oneOf"][1]], "votersCount": 0}
    await stadt.accept(emil, emil.activity("Update", other))
    poll = (await bert.get(f"/api/v1/statuses/{status_id}"))["poll"]
    assert ([option["title"] for option in poll["options"]], poll["voted"]) == (["Wald", "See"], False)


async def test_old_tallies_are_read_again_when_somebody_looks(stadt: Town, nachbar: Remote) -> None:
    emil = nachbar.person("emil")
    bert = await app_of(stadt, "bert")
    await follower_of(stadt, emil)
    asks = question(emil, "Berg", "See")
    await stadt.accept(emil, emil.create(asks))
    path = f"/api/v1/polls/{await stadt.read(lambda session: session.scalars(select(Status.id)).one())}"
    asks["oneOf"][1]["replies"]["totalItems"] = 7
    assert (await bert.get(path))["votes_count"] == 4, "read a moment ago"

    async def age() -> None:
        await stadt.write(
            lambda unit: unit.execute(update(Poll).values(fetched_at=unit.now - timedelta(minutes=2))) and None
        )

    await age()
    assert (await stadt.get(path, accept="application/json"))[1]["votes_count"] == 4, "nobody in particular asks"
    assert (await bert.get(path))["votes_count"] == 9
    await age()
    nachbar.down = True
    asked_before = len(nachbar.requested)
    assert (await bert.get(path))["votes_count"] == 9, "the last that is known"
    assert (await bert.get(path))["votes_count"] == 9
    assert len(nachbar.requested) == asked_before + 1


async def test_the_end_of_a_poll_elsewhere_is_told_to_who_voted_here(stadt: Town, nachbar: Remote) -> None:
    emil = nachbar.person("emil")
    bert, carla = await app_of(stadt, "bert"), await app_of(stadt, "carla")
    await follower_of(stadt, emil)
    asks = question(emil, "Berg", "See")
    await stadt.accept(emil, emil.create(asks))
    status_id = await stadt.read(lambda session: session.scalars(select(Status.id)).one())
    await bert.post(f"/api/v1/polls/{status_id}/votes", json={"choices": [0]})
    await expire(stadt, asks["id"])
    assert [item["type"] for item in await bert.get("/api/v1/notifications")] == ["poll"]
    assert await carla.get("/api/v1/notifications") == []
    assert await stadt.count(Notification) == 1


async def test_a_poll_that_was_over_when_it_came_is_told_to_nobody(stadt: Town, nachbar: Remote) -> None:
    emil = nachbar.person("emil")
    await follower_of(stadt, emil)
    await stadt.accept(emil, emil.create(question(emil, "Berg", "See", endTime="2026-01-01T00:00:00Z")))
    await stadt.until(Poll, Poll.announced_at.is_not(None))
    assert await stadt.count(Notification) == 0


async def test_two_towns_vote_with_each_other(stadt: Town, nord: Town) -> None:
    anna, emma = await app_of(stadt, "anna"), await app_of(nord, "emma")
    uri = await asked(stadt, anna)
    status = await nord.app.server.resolver.status(uri)
    assert (await emma.get(f"/api/v1/statuses/{status.id}"))["poll"]["options"][1]["title"] == "Raps"
    await emma.post(f"/api/v1/polls/{status.id}/votes", json={"choices": [1]})
    await stadt.until(PollVote)
    assert await tallies(stadt, uri) == ([0, 1], 1)
    await expire(stadt, uri)
    await nord.until(Poll, Poll.announced_at.is_not(None))
    over = await emma.get(f"/api/v1/polls/{status.id}")
    assert (over["expired"], over["votes_count"], over["own_votes"]) == (True, 1, [1])
    assert [item["type"] for item in await emma.get("/api/v1/notifications")] == ["poll"]
