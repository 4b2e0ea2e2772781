"""E05: one activity causes at most 50 fetches, however deep its thread and however many people it names."""

from typing import Any

import pytest

from activitypub.caps import CAPS
from activitypub.models import Actor, Status
from tests.fediverse import Person, Remote
from tests.security.attack import follower_of, serves
from tests.town import Town


class Thread(dict[str, Any]):
    """The documents of a server on which every post answers another one, by one author or by ever new ones."""

    def __init__(self, author: Person, documents: dict[str, Any], *, new_authors: bool) -> None:
        super().__init__(documents)
        self._author = author
        self._new_authors = new_authors

    def get(self, path: str, default: Any = None) -> Any:
        server = self._author.server
        if path.startswith("/deep/"):
            number = int(path.removeprefix("/deep/"))
            author = Person(server, f"p{number}", self._author.key) if self._new_authors else self._author
            above = f"{server.origin}/deep/{number + 1}"
            mentions = [{"type": "Mention", "href": f"{server.origin}/users/m{number}-{other}"} for other in range(20)]
            return {**author.note(inReplyTo=above, tag=mentions), "id": server.origin + path}
        if path.startswith("/users/p"):
            return Person(server, path.removeprefix("/users/"), self._author.key).document()
        return super().get(path, default)


@pytest.mark.parametrize("new_authors", [False, True])
@pytest.mark.parametrize("kind", ["Create", "Announce"])
async def test_a_thread_is_climbed_with_a_limit(
    stadt: Town, nachbar: Remote, boese: Remote, new_authors: bool, kind: str
) -> None:
    mallory = boese.person("mallory")
    await follower_of(stadt, mallory)
    boese.documents = Thread(mallory, boese.documents, new_authors=new_authors)
    boese.requested.clear()

    top = f"{boese.origin}/deep/1"
    activity = mallory.create(mallory.note(inReplyTo=top)) if kind == "Create" else mallory.activity("Announce", top)
    await stadt.accept(mallory, activity)

    assert 5 <= len(boese.requested) <= CAPS.fetches_per_activity
    assert await stadt.count(Status) <= CAPS.fetches_per_activity
    await serves(stadt, nachbar)


async def test_nobody_who_is_only_named_is_fetched(stadt: Town, nachbar: Remote, boese: Remote) -> None:
    mallory = boese.person("mallory")
    resident = await follower_of(stadt, mallory)
    named = [f"{boese.origin}/users/named{number}" for number in range(1_000)]
    boese.requested.clear()
    note = mallory.note(
        to=[*named[:500], resident.uri],
        cc=named[500:],
        tag=[{"type": "Mention", "href": uri, "name": "@x"} for uri in named],
    )
    await stadt.accept(mallory, mallory.create(note))
    assert boese.requested == []
    assert await stadt.count(Actor, Actor.host == boese.domain) == 1
    assert await stadt.count(Status, Status.uri == note["id"]) == 1
    await serves(stadt, nachbar)


async def test_a_circle_of_replies_ends(stadt: Town, nachbar: Remote, boese: Remote) -> None:
    mallory = boese.person("mallory")
    await follower_of(stadt, mallory)
    one, two, itself = mallory.note(), mallory.note(), mallory.note()
    one["inReplyTo"], two["inReplyTo"], itself["inReplyTo"] = two["id"], one["id"], itself["id"]
    boese.requested.clear()
    for note in (one, itself):
        await stadt.accept(mallory, mallory.activity("Announce", note["id"]))
    assert await stadt.count(Status, Status.uri.in_([one["id"], two["id"], itself["id"]])) == 3
    assert len(boese.requested) <= 5
    await serves(stadt, nachbar)
