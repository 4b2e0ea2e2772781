"""The worker that draws sound and films anew, one at a time, whoever uploaded them and before whatever restart."""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress

from msgspec import Struct

from activitypub.tasks import Worker
from activitypub.unit import StorageUnavailable, UnitsOfWork
from fediverse_kommune.media.process import Studio
from fediverse_kommune.services import media_jobs
from fediverse_kommune.services.media_jobs import Job
from fediverse_kommune.services.refusals import Invalid

log = logging.getLogger(__name__)

NOTED_EVERY_SECONDS = 2.0
ROOM = 1  # films at once: each takes all the processor that the requests leave


class _Progress(Struct):
    """How far a file is, in percent; 99 until it is ready."""

    percent: int = 0

    def hear(self, share: float) -> None:
        self.percent = min(99, int(share * 100))


class MediaWork:
    """The uploads that wait, as `activitypub.tasks.Worker` works through them."""

    def __init__(self, db: UnitsOfWork, studio: Studio) -> None:
        self._db = db
        self._studio = studio

    async def claim(self, room: int) -> Sequence[Job]:
        """Lease the uploads that are due."""
        return await self._db.write_behind(media_jobs.claim, room)

    async def work(self, item: Job) -> bool:
        """Draw one anew, and say what became of it."""
        progress = _Progress()
        noting = asyncio.create_task(self._note(item, progress))
        try:
            file = await self._studio.finish(item.upload, progress.hear)
        except Invalid as refusal:
            await self._db.write(media_jobs.give_up, item.media_id, refusal.message)
        except FileNotFoundError:
            log.error("the upload of media %s is not in the store", item.media_id)
            await self._db.write(media_jobs.give_up, item.media_id, "The file is not there any more.")
        else:
            await self._studio.remove(*await self._db.write(media_jobs.finish, item.media_id, file))
        finally:
            noting.cancel()
        await self._studio.remove(item.upload)
        return True

    async def _note(self, item: Job, progress: "_Progress") -> None:
        """Write down how far it is, now and then. Where that cannot be written, nobody misses much."""
        noted = 0
        with suppress(StorageUnavailable):
            while True:
                await asyncio.sleep(NOTED_EVERY_SECONDS)
                if progress.percent != noted:
                    noted = progress.percent
                    await self._db.write_behind(media_jobs.note_progress, item.media_id, noted)

    async def extend(self, items: Sequence[Job]) -> None:
        """Say that they are still being worked on."""
        await self._db.write_behind(media_jobs.extend, [item.media_id for item in items])

    async def release(self, items: Sequence[Job]) -> None:
        """Give them back."""
        await self._db.write_behind(media_jobs.release, [item.media_id for item in items])


def media_worker(db: UnitsOfWork, studio: Studio) -> Worker[Job]:
    """Return the worker. What it has in hand when the server stops begins anew at the next start."""
    return Worker(MediaWork(db, studio), name="media", room=ROOM, grace_seconds=1.0)
