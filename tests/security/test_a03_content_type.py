"""A03: only what is served as ActivityPub is ActivityPub: an upload with the right words in it is a file."""

import pytest

from activitypub.models import Status
from tests.fediverse import Remote
from tests.security.attack import follower_of, repelled, serves
from tests.town import Town

PROFILE = 'profile="https://www.w3.org/ns/activitystreams"'
WRONG = [
    "text/plain",
    "text/html; charset=utf-8",
    "application/json",
    "application/octet-stream",
    "application/ld+json",
    'application/ld+json; profile="https://example.org/other"',
    f"text/plain; {PROFILE}",
    "application/activity+jsonx",
]
RIGHT = ["application/activity+json; charset=utf-8", f"application/ld+json; {PROFILE}"]


async def test_a_key_of_another_type_is_no_key(stadt: Town, nachbar: Remote, boese: Remote) -> None:
    resident = await stadt.resident("anna")
    async with repelled(stadt, nachbar):
        for number, content_type in enumerate(WRONG):
            boese.content_type = content_type
            mallory = boese.person(f"mallory{number}")
            assert await stadt.deliver(mallory, mallory.activity("Follow", resident.uri)) == 401, content_type


async def test_a_status_of_another_type_is_not_stored(stadt: Town, nachbar: Remote, boese: Remote) -> None:
    mallory = boese.person("mallory")
    await follower_of(stadt, mallory)
    async with repelled(stadt, nachbar, but_for={"inbox_items"}):
        for content_type in WRONG:
            boese.content_type = content_type
            announced, created = mallory.note()["id"], mallory.note()["id"]
            await stadt.accept(mallory, mallory.activity("Announce", announced))
            await stadt.accept(mallory, mallory.activity("Create", created))
            assert {uri.removeprefix(boese.origin) for uri in (announced, created)} <= set(boese.requested)


@pytest.mark.parametrize("content_type", RIGHT)
async def test_both_types_of_activitypub_are_read(stadt: Town, nachbar: Remote, content_type: str) -> None:
    paul = nachbar.person("paul")
    nachbar.content_type = content_type
    await follower_of(stadt, paul)
    note = paul.note()
    await stadt.accept(paul, paul.activity("Create", note["id"]))
    assert await stadt.count(Status, Status.uri == note["id"]) == 1
    await serves(stadt, nachbar)
