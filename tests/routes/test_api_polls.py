"""Asking and voting. https://docs.joinmastodon.org/methods/polls/"""

import asyncio
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from sqlalchemy import update

from activitypub.models import Poll, PollVote
from activitypub.unit import Unit
from fediverse_kommune.agenda import Agenda
from fediverse_kommune.models import Notification, NotificationType
from tests.client import Client, anonymous, app_of
from tests.town import Town

QUESTION = {"options": ["Linde", "Raps"], "expires_in": 3_600}


async def ask(client: Client, **changes: Any) -> Any:
    """Publish a post with a poll and return the poll."""
    return (await client.write("Welcher Honig?", poll=QUESTION | changes))["poll"]


async def end(stadt: Town, poll_id: str) -> None:
    """Let the time of a poll be over."""

    def expire(unit: Unit) -> None:
        past = unit.now - timedelta(seconds=1)
        unit.execute(update(Poll).where(Poll.status_id == int(poll_id)).values(expires_at=past, due_at=past))

    await stadt.write(expire)
    await stadt.until(Poll, Poll.announced_at.is_not(None))


@pytest.mark.parametrize("shape", ["json", "form", "multipart"])
async def test_a_question_in_every_body(stadt: Town, shape: str) -> None:
    anna = await app_of(stadt, "anna")
    fields = [
        ("status", "Welcher Honig?"),
        ("poll[options][]", "Linde"),
        ("poll[options][]", "Raps"),
        ("poll[expires_in]", "3600"),
        ("poll[multiple]", "true"),
    ]
    if shape == "json":
        body: dict[str, Any] = {"json": {"status": "Welcher Honig?", "poll": QUESTION | {"multiple": True}}}
    else:
        form = aiohttp.FormData(default_to_multipart=shape == "multipart")
        for name, value in fields:
            form.add_field(name, value)
        body = {"data": form}
    status = await anna.post("/api/v1/statuses", **body)
    poll = status["poll"]
    assert poll | {"expires_at": None} == {
        "id": status["id"],
        "expires_at": None,
        "expired": False,
        "multiple": True,
        "votes_count": 0,
        "voters_count": 0,
        "options": [{"title": "Linde", "votes_count": 0}, {"title": "Raps", "votes_count": 0}],
        "emojis": [],
        "voted": True,
        "own_votes": [],
    }
    assert (await anonymous(stadt).get(f"/api/v1/polls/{status['id']}")).keys() == poll.keys() - {"voted", "own_votes"}


async def test_what_cannot_be_asked(stadt: Town, subtests: pytest.Subtests) -> None:
    anna = await app_of(stadt, "anna")
    for changes, sentence in [
        ({"options": ["eine"]}, "A poll needs at least two options, each with a text."),
        ({"options": ["eine", " "]}, "A poll needs at least two options, each with a text."),
        ({"options": list("abcde")}, "A poll has at most 4 options."),
        ({"options": ["a", "a "]}, "Two options of the poll are the same."),
        ({"options": ["a  b", "a\nb"]}, "Two options of the poll are the same."),
        ({"options": ["a", "x" * 51]}, "An option of a poll has at most 50 characters."),
        ({"expires_in": None}, "expires_in is missing: for how many seconds can people vote?"),
        ({"expires_in": 299}, "A poll is open for at least five minutes and at most a month."),
        ({"expires_in": 2_629_747}, "A poll is open for at least five minutes and at most a month."),
        ({"expires_in": "bald"}, "poll[expires_in] is a number, not 'bald'."),
    ]:
        with subtests.test(changes=changes, sentence=sentence):
            body = {"status": "Welcher Honig?", "poll": QUESTION | changes}
            reply = await anna.ask("POST", "/api/v1/statuses", json=body)
            assert (reply.status, reply.json["error"]) == (422, sentence)


async def test_the_limits_are_announced_and_hold(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    limits = (await anna.get("/api/v2/instance"))["configuration"]["polls"]
    assert limits == {
        "max_options": 4,
        "max_characters_per_option": 50,
        "min_expiration": 300,
        "max_expiration": 2_629_746,
    }
    for seconds in (limits["min_expiration"], limits["max_expiration"]):
        assert await ask(anna, options=["x" * 50, "b", "c", "d"], expires_in=seconds)


async def test_a_poll_needs_a_text_and_no_picture(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    reply = await anna.ask("POST", "/api/v1/statuses", json={"status": "", "poll": QUESTION})
    assert (reply.status, reply.json["error"]) == (422, "A poll needs a question above it.")
    assert (await anna.write("keine Frage", poll={"options": []}))["poll"] is None


async def test_a_vote_counts_once_and_is_seen_in_the_post(stadt: Town) -> None:
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert")
    poll = await ask(anna)
    path = f"/api/v1/polls/{poll['id']}"
    voted = await bert.post(f"{path}/votes", json={"choices": ["1"]})
    assert (voted["voted"], voted["own_votes"], voted["votes_count"], voted["voters_count"]) == (True, [1], 1, 1)
    assert [option["votes_count"] for option in voted["options"]] == [0, 1]
    shown = await bert.get(f"/api/v1/statuses/{poll['id']}")
    assert shown["poll"] == voted
    again = await bert.ask("POST", f"{path}/votes", data={"choices[]": "0"})
    assert (again.status, again.json["error"]) == (422, "You have already voted in this poll.")
    assert await anna.get(path) == voted | {"own_votes": []}


async def test_several_choices_where_they_may_be_made(stadt: Town) -> None:
    anna, bert, carla = [await app_of(stadt, name) for name in ("anna", "bert", "carla")]
    path = f"/api/v1/polls/{(await ask(anna, multiple=True))['id']}/votes"
    voted = await bert.post(path, data=[("choices[]", "1"), ("choices[]", "0"), ("choices[]", "1")])
    assert (voted["own_votes"], voted["votes_count"], voted["voters_count"]) == ([0, 1], 2, 1)
    voted = await carla.post(path, json={"choices": [0]})
    assert (voted["own_votes"], voted["votes_count"], voted["voters_count"]) == ([0], 3, 2)


async def test_choices_that_are_none(stadt: Town, subtests: pytest.Subtests) -> None:
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert")
    poll = await ask(anna)
    for choices, sentence in [
        ([], "choices is missing: which options do you choose?"),
        (["2"], "There is no such option in this poll."),
        (["-1"], "choices are the places of the options, from 0."),
        (["Linde"], "choices are the places of the options, from 0."),
        (["0", "1"], "Only one option of this poll can be chosen."),
    ]:
        with subtests.test(choices=choices, sentence=sentence):
            reply = await bert.ask("POST", f"/api/v1/polls/{poll['id']}/votes", json={"choices": choices})
            assert (reply.status, reply.json["error"]) == (422, sentence)
            assert await stadt.count(PollVote) == 0


async def test_nobody_votes_in_their_own_poll_or_too_late(stadt: Town) -> None:
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert")
    poll = await ask(anna)
    path = f"/api/v1/polls/{poll['id']}/votes"
    reply = await anna.ask("POST", path, json={"choices": [0]})
    assert (reply.status, reply.json["error"]) == (422, "You cannot vote in your own poll.")
    await end(stadt, poll["id"])
    reply = await bert.ask("POST", path, json={"choices": [0]})
    assert (reply.status, reply.json["error"]) == (422, "The poll has already ended.")


async def test_a_poll_that_one_may_not_read_does_not_exist(stadt: Town) -> None:
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert")
    hidden = (await anna.write("nur ich", visibility="direct", poll=QUESTION))["poll"]["id"]
    text = (await anna.write("keine Umfrage"))["id"]
    for client in (bert, anonymous(stadt)):
        for poll_id in (hidden, text, "1"):
            reply = await client.ask("GET", f"/api/v1/polls/{poll_id}")
            assert (reply.status, reply.json) == (404, {"error": "Record not found"})
    for poll_id in (hidden, text, "1"):
        assert (await bert.ask("POST", f"/api/v1/polls/{poll_id}/votes", json={"choices": [0]})).status == 404
    assert (await anonymous(stadt).ask("POST", f"/api/v1/polls/{hidden}/votes", json={"choices": [0]})).status == 401
    public = await ask(anna)
    await bert.post(f"/api/v1/accounts/{anna.id}/block")
    assert (await bert.ask("POST", f"/api/v1/polls/{public['id']}/votes", json={"choices": [0]})).status == 404


async def test_hidden_totals_show_when_it_is_over(stadt: Town) -> None:
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert")
    poll = await ask(anna, hide_totals=True)
    voted = await bert.post(f"/api/v1/polls/{poll['id']}/votes", json={"choices": [0]})
    assert [option["votes_count"] for option in voted["options"]] == [None, None]
    await end(stadt, poll["id"])
    over = await bert.get(f"/api/v1/polls/{poll['id']}")
    assert (over["expired"], [option["votes_count"] for option in over["options"]]) == (True, [1, 0])


async def test_an_edit_with_other_options_begins_anew(stadt: Town) -> None:
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert")
    poll = await ask(anna)
    path = f"/api/v1/statuses/{poll['id']}"
    vote = {"choices": [0]}
    await bert.post(f"/api/v1/polls/{poll['id']}/votes", json=vote)
    same = await anna.put(path, json={"status": "Welcher Honig denn?", "poll": QUESTION | {"expires_in": 7_200}})
    assert same["poll"]["votes_count"] == 1
    assert same["poll"]["expires_at"] > poll["expires_at"]
    other = await anna.put(
        path, json={"status": "Welcher Honig denn?", "poll": QUESTION | {"options": ["Wald", "Raps"]}}
    )
    assert (other["poll"]["votes_count"], other["poll"]["voters_count"]) == (0, 0)
    assert (await bert.post(f"/api/v1/polls/{poll['id']}/votes", json=vote))["votes_count"] == 1
    without = await anna.put(path, json={"status": "Keine Frage"})
    assert without["poll"] is None
    history = await anna.get(f"{path}/history")
    titles = [version["poll"] and [option["title"] for option in version["poll"]["options"]] for version in history]
    assert titles == [["Linde", "Raps"], ["Linde", "Raps"], ["Wald", "Raps"], None]
    assert (await anna.get(f"{path}/source"))["text"] == "Keine Frage"


async def test_a_deleted_poll_takes_its_votes_along(stadt: Town) -> None:
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert")
    poll = await ask(anna)
    await bert.post(f"/api/v1/polls/{poll['id']}/votes", json={"choices": [0]})
    deleted = await anna.delete(f"/api/v1/statuses/{poll['id']}")
    assert deleted["poll"]["votes_count"] == 1
    assert (await stadt.count(Poll), await stadt.count(PollVote)) == (0, 0)


async def test_the_end_is_told_to_the_author_and_to_who_voted_once(stadt: Town) -> None:
    anna, bert, carla = [await app_of(stadt, name) for name in ("anna", "bert", "carla")]
    poll = await ask(anna)
    await bert.post(f"/api/v1/polls/{poll['id']}/votes", json={"choices": [0]})
    await end(stadt, poll["id"])
    for client in (anna, bert):
        (told,) = await client.get("/api/v1/notifications")
        assert (told["type"], told["account"]["acct"], told["status"]["poll"]["expired"]) == ("poll", "anna", True)
    assert await carla.get("/api/v1/notifications") == []
    await asyncio.gather(*(Agenda(stadt.app.server).round() for _ in range(3)))
    assert await stadt.count(Notification, Notification.type == NotificationType.POLL) == 2


async def test_many_votes_at_once_are_all_counted(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    poll = await ask(anna)
    voters = [await app_of(stadt, f"person{number}") for number in range(8)]
    path = f"/api/v1/polls/{poll['id']}/votes"
    await asyncio.gather(*(voter.post(path, json={"choices": [index % 2]}) for index, voter in enumerate(voters)))
    twice = await asyncio.gather(*(anna.ask("GET", f"/api/v1/polls/{poll['id']}") for _ in range(2)))
    assert {reply.json["votes_count"] for reply in twice} == {8}
    assert [option["votes_count"] for option in twice[0].json["options"]] == [4, 4]
