"""Reading pages in the background, through the one egress: some at once, each for a few seconds and once (row D08)."""

import asyncio
import logging
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

from activitypub.fetch import FetchBudget, FetchError
from activitypub.http import EgressError, Response
from activitypub.tasks import Worker
from activitypub.uris import host_of
from fediverse_kommune.media.sizes import Purpose
from fediverse_kommune.previews.page import Page, read_page
from fediverse_kommune.server import Server
from fediverse_kommune.services import previews
from fediverse_kommune.services.previews import Image
from fediverse_kommune.services.refusals import Invalid
from webfinger.handle import InvalidHandle, parse_handle

log = logging.getLogger(__name__)

ROOM = 4  # pages read at once
PAGE_BYTES = 524_288  # what a page says of itself stands at its beginning
IMAGE_BYTES = 8_388_608
SECONDS = 20.0  # for a page with its picture and its author
PAGE_TYPES = frozenset({"text/html", "application/xhtml+xml"})
IMAGE_TYPES = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif", "image/avif"})


class Wanted(Struct, frozen=True):
    """A page to be read."""

    card_id: int
    url: str


class PageReading:
    """The pages to be read, as a `Queue` for `activitypub.tasks.Worker`."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._db = server.db

    async def claim(self, room: int) -> Sequence[Wanted]:
        """Lease pages that are due."""
        if not await self._db.read(previews.PAGES.any_due, self._server.clock()):
            return []
        return [Wanted(card_id, url) for card_id, url in await self._db.write_behind(previews.claim, room)]

    async def work(self, item: Wanted) -> bool:
        """Read a page and keep what it says, or note that there is nothing to show."""
        image: Image | None = None
        try:
            async with asyncio.timeout(SECONDS):
                page = await self._db.read(previews.told, item.card_id) or await self._page(item.url)
                image = await self._image(page.image_url) if page else None
                author_id = await self._author(page, item.url) if page else None
        except (EgressError, TimeoutError) as error:
            log.info("no preview of %s: %s", item.url, error)
            page = None
        if page is None:
            await self._server.studio.remove(image.key if image else None)
            await self._db.write_behind(previews.give_up, item.card_id)
        else:
            await self._db.write_behind(previews.finish, item.card_id, page, image, author_id)
        return False

    async def extend(self, items: Sequence[Wanted]) -> None:
        """Renew the leases of what is in hand."""
        await self._db.write_behind(previews.PAGES.extend, [item.card_id for item in items])

    async def release(self, items: Sequence[Wanted]) -> None:
        """Give back what was not finished."""
        await self._db.write_behind(previews.PAGES.release, [item.card_id for item in items])

    async def _page(self, url: str) -> Page | None:
        answer = await self._server.resolver.ctx.http.get(
            url, accept="text/html, application/xhtml+xml;q=0.9", expect=PAGE_TYPES, limit=PAGE_BYTES, beginning=True
        )
        if answer.status != 200:
            return None
        return await asyncio.to_thread(read_page, answer.body, answer.headers.get("Content-Type"), answer.url)

    async def _image(self, url: str | None) -> Image | None:
        """Return the picture of a page, drawn anew; None for what cannot be had or is none."""
        if url is None:
            return None
        with suppress(EgressError, Invalid):
            answer = await self._server.resolver.ctx.http.get(
                url, accept="image/*", expect=IMAGE_TYPES, limit=IMAGE_BYTES
            )
            return await self._drawn(answer) if answer.status == 200 else None
        return None

    async def _drawn(self, answer: Response) -> Image:
        studio = self._server.studio
        with await asyncio.to_thread(tempfile.TemporaryDirectory, dir=studio.store.incoming()) as folder:
            path = Path(folder) / "picture"
            await asyncio.to_thread(path.write_bytes, answer.body)
            drawn = await studio.draw_file(path, Purpose.THUMBNAIL)
        await studio.remove(drawn.key)
        if drawn.thumbnail_key is None or drawn.thumbnail_width is None or drawn.thumbnail_height is None:
            raise Invalid("The picture has no preview.")
        return Image(drawn.thumbnail_key, drawn.thumbnail_width, drawn.thumbnail_height, drawn.blurhash or "")

    async def _author(self, page: Page, url: str) -> int | None:
        """Return the actor that a page names as its author, if that actor lets this site do so."""
        if page.creator is None:
            return None
        try:
            handle = parse_handle(page.creator, test_network=self._server.instance.test_network)
            actor = await self._server.resolver.handle(handle, FetchBudget())
        except (InvalidHandle, FetchError) as error:
            log.info("%s names an author that is not found: %s", url, error)
            return None
        return actor.id if await self._db.read(previews.author_allows, actor.id, host_of(url)) else None


def preview_worker(server: Server) -> Worker[Wanted]:
    """Return the worker that reads pages."""
    return Worker(PageReading(server), name="previews", room=ROOM)
