"""E04: no collection of a remote leads us on: what hangs on a post or an actor is read with a limit, or not at all."""

from typing import Any

from activitypub.caps import CAPS
from activitypub.models import Status
from tests.fediverse import Person, Remote
from tests.security.attack import follower_of, serves
from tests.town import Town


class Endless(dict[str, Any]):
    """The documents of a server on which every collection has one more page, with ever new things on it."""

    def __init__(self, owner: Person, documents: dict[str, Any]) -> None:
        super().__init__(documents)
        self._owner = owner
        self.pages = 0
        self.things = 0

    def get(self, path: str, default: Any = None) -> Any:
        origin = self._owner.server.origin
        if "/pages" in path:
            self.pages += 1
            things = [f"{origin}/things/{self.pages}-{number}" for number in range(100)]
            page = {"id": origin + path, "type": "OrderedCollectionPage", "partOf": f"{origin}/pages"}
            page |= {
                "first": origin + path,
                "next": f"{origin}/pages/{self.pages}",
                "totalItems": 2**62,
            }  # more would be no JSON that we read at all
            return {**page, "type": "OrderedCollection", "orderedItems": things, "items": things}
        if path.startswith("/things/"):
            self.things += 1
            return self._owner.note(id=origin + path)
        return super().get(path, default)


async def test_no_collection_is_read_for_ever(stadt: Town, nachbar: Remote, boese: Remote) -> None:
    mallory = boese.person("mallory")
    resident = await follower_of(stadt, mallory)
    endless = Endless(mallory, boese.documents)
    boese.documents = endless
    pages = {name: f"{boese.origin}/pages/{name}" for name in ("outbox", "followers", "following", "featured")}
    endless["/users/mallory"] = {**mallory.document(), **pages}

    await stadt.accept(mallory, mallory.activity("Update", mallory.document()))
    collections: list[Any] = [f"{boese.origin}/pages/replies", await _embedded(boese)]
    for collection in collections:
        note = mallory.note(cc=[resident.uri], replies=collection, likes=collection, shares=collection)
        await stadt.accept(mallory, mallory.create(note))
        announced = mallory.note(replies=collection, likes=collection, shares=collection)
        await stadt.accept(mallory, mallory.activity("Announce", announced["id"]))
    await stadt.accept(mallory, mallory.activity("Announce", f"{boese.origin}/pages/replies"))

    assert endless.pages <= CAPS.collection_pages
    assert await stadt.count(Status) <= CAPS.collection_items
    assert endless.things <= CAPS.fetches_per_activity
    await serves(stadt, nachbar)


async def _embedded(boese: Remote) -> dict[str, Any]:
    first = {"type": "CollectionPage", "next": f"{boese.origin}/pages/1", "items": [f"{boese.origin}/things/0"]}
    return {"id": f"{boese.origin}/pages/x", "type": "Collection", "first": first}
