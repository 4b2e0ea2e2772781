"""What one actor says for another of its server, as members do for their group: the server is asked (rows A11, A12)."""

from typing import Any

import pytest

from activitypub.models import Status
from tests.acts import loaded_status
from tests.fediverse import Person, Remote
from tests.security.attack import follower_of, repelled
from tests.town import Town


@pytest.fixture
def club(nachbar: Remote) -> Person:
    return nachbar.person("kulturring", kind="Group")


@pytest.fixture
def member(nachbar: Remote) -> Person:
    return nachbar.person("kulturamt")


def served(server: Remote, document: dict[str, Any] | None, uri: str) -> None:
    """Let a server answer for one of its ids otherwise than before."""
    server.documents[uri.removeprefix(server.origin)] = document


async def says(stadt: Town, uri: str) -> str | None:
    status = await stadt.read(loaded_status, uri)
    return str(status.content) if status else None


async def test_a_member_brings_what_its_group_has_published(stadt: Town, club: Person, member: Person) -> None:
    await follower_of(stadt, club)
    event = club.note("<p>Echt</p>", type="Event", name="Lange Nacht")

    await stadt.accept(member, member.create({**event, "content": "<p>Falsch</p>"}))

    status = await stadt.read(loaded_status, event["id"])
    assert status is not None
    assert (status.actor.uri, status.title, status.content) == (club.uri, "Lange Nacht", "<p>Echt</p>")


async def test_nobody_publishes_for_a_group_what_its_server_denies(
    stadt: Town, nachbar: Remote, club: Person, member: Person
) -> None:
    await follower_of(stadt, club)
    await follower_of(stadt, member, "bernd")
    event = club.note()
    served(nachbar, None, event["id"])

    async with repelled(stadt, nachbar, but_for={"inbox_items"}):
        await stadt.accept(member, member.create(event))


async def test_what_concerns_nobody_costs_no_fetch(stadt: Town, nachbar: Remote, club: Person, member: Person) -> None:
    await stadt.meet(member)
    nachbar.requested.clear()
    await stadt.accept(member, member.create(club.note()))
    assert nachbar.requested == []
    assert await stadt.count(Status) == 0


async def test_a_member_makes_an_edit_known(stadt: Town, nachbar: Remote, club: Person, member: Person) -> None:
    await follower_of(stadt, club)
    event = club.note("<p>Samstag</p>")
    await stadt.accept(club, club.create(event))
    edited = {**event, "content": "<p>Sonntag</p>", "updated": "2030-01-01T00:00:00Z"}

    served(nachbar, edited, event["id"])
    await stadt.accept(member, member.activity("Update", {**edited, "content": "<p>Falsch</p>"}))

    assert await says(stadt, event["id"]) == "<p>Sonntag</p>"


async def test_a_moderator_makes_a_removal_known(stadt: Town, nachbar: Remote, club: Person, member: Person) -> None:
    await follower_of(stadt, club)
    post = club.note()
    await stadt.accept(club, club.create(post))
    served(nachbar, {**post, "content": "<p>Entschärft</p>", "updated": "2030-01-01T00:00:00Z"}, post["id"])
    await stadt.accept(member, member.activity("Delete", post["id"]))
    assert await says(stadt, post["id"]) == "<p>Entschärft</p>", "it is still there, and says something else (FEP-4f05)"

    served(nachbar, {"id": post["id"], "type": "Tombstone"}, post["id"])
    await stadt.accept(member, member.activity("Delete", post["id"]))
    assert await says(stadt, post["id"]) is None


@pytest.mark.parametrize("passed_on", [False, True])
async def test_that_we_may_not_see_a_private_post_does_not_end_it(
    stadt: Town, nachbar: Remote, boese: Remote, club: Person, member: Person, passed_on: bool
) -> None:
    await follower_of(stadt, club)
    post = club.note(to=[club.followers], cc=[])
    await stadt.accept(club, club.create(post))
    served(nachbar, None, post["id"])  # to our instance actor, who follows nobody

    if passed_on:
        rumour = club.activity("Delete", post["id"], signature={"type": "RsaSignature2017"})
        await stadt.accept(boese.person("mallory"), rumour)
    else:
        await stadt.accept(member, member.activity("Delete", post["id"]))

    assert await says(stadt, post["id"]) is not None
