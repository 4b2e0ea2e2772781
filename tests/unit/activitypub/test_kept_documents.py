"""One reading for all who ask at once, and never one that began before the question."""

import asyncio

from activitypub.kept_documents import KeptDocument, KeptDocuments


class Shelf:
    """Reads a document that changes, slowly."""

    def __init__(self) -> None:
        self.text = "eins"
        self.readings = 0
        self.go_on = asyncio.Event()
        self.generation: int | None = None

    async def read(self) -> KeptDocument | None:
        self.readings += 1
        text = self.text
        await self.go_on.wait()
        return KeptDocument(text.encode()) if text else None


async def test_all_who_wait_share_one_reading_that_began_after_they_asked() -> None:
    shelf = Shelf()
    kept = KeptDocuments(lambda: shelf.generation)
    first = asyncio.create_task(kept.get("a", shelf.read))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    shelf.text = "zwei"
    others = [asyncio.create_task(kept.get("a", shelf.read)) for _ in range(50)]
    await asyncio.sleep(0)
    shelf.go_on.set()
    assert await first == KeptDocument(b"eins")
    assert set(await asyncio.gather(*others)) == {KeptDocument(b"zwei")}
    assert shelf.readings == 2
    await kept.get("a", shelf.read)
    assert shelf.readings == 3, "without a generation nothing is kept"


async def test_it_holds_until_the_next_commit() -> None:
    shelf = Shelf()
    shelf.generation = 1
    kept = KeptDocuments(lambda: shelf.generation)
    shelf.go_on.set()
    for _ in range(3):
        assert await kept.get("a", shelf.read) == KeptDocument(b"eins")
    assert shelf.readings == 1
    shelf.text, shelf.generation = "", 2
    for _ in range(2):
        assert await kept.get("a", shelf.read) is None
    assert shelf.readings == 3, "that there is nothing is not kept"


async def test_what_was_read_across_a_commit_is_not_kept() -> None:
    shelf = Shelf()
    shelf.generation = 1
    kept = KeptDocuments(lambda: shelf.generation)
    asking = asyncio.create_task(kept.get("a", shelf.read))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    shelf.text, shelf.generation = "zwei", 2
    shelf.go_on.set()
    assert await asking == KeptDocument(b"eins")
    assert await kept.get("a", shelf.read) == KeptDocument(b"zwei")
