"""https://docs.joinmastodon.org/methods/media/, both versions.

A picture is ready when the answer comes. Sound, films and moving GIFs are drawn anew by a worker: version 2 answers 202
at once, and the app asks again until it gets a `url`; version 1 waits for it.
"""

import asyncio
import time

from sqlalchemy.orm import Session

from activitypub.models import Media, MediaState
from fediverse_kommune.api.entities import Entity
from fediverse_kommune.api.entities.media_attachment import media_attachment_entity
from fediverse_kommune.api.routing import Answer, Call, Routes
from fediverse_kommune.media.sizes import Purpose
from fediverse_kommune.services import media
from fediverse_kommune.services.media import File, MediaForm
from fediverse_kommune.services.refusals import Invalid, Refusal

routes = Routes()

ASK_AGAIN_SECONDS = 0.2
LONGEST_WAIT_SECONDS = 120.0  # of version 1: proxies give up on a request at some time, too


@routes.post("/api/v2/media", scope="write:media", upload=True)
async def upload(call: Call) -> Answer:
    """Take a file, with its description; do not wait for what takes long."""
    row = await _receive(call)
    return Answer(media_attachment_entity(row, call.server.instance), 202 if _waits(row) else 200)


@routes.post("/api/v1/media", scope="write:media", upload=True)
async def upload_and_wait(call: Call) -> Answer:
    """Take a file, with its description, and answer when it can be shown."""
    row = await _receive(call)
    until = time.monotonic() + LONGEST_WAIT_SECONDS
    while _waits(row) and time.monotonic() < until:
        await asyncio.sleep(ASK_AGAIN_SECONDS)
        row = await call.read(media.find_usable, call.me.actor.id, row.id)
    return Answer(media_attachment_entity(row, call.server.instance), 202 if _waits(row) else 200)


@routes.get("/api/v1/media/<media_id>", scope="write:media")
async def show(call: Call, media_id: int) -> Answer:
    """Return an own file: 206 while it is being worked on, with `meta.progress` in percent, 422 if it could not be."""
    row, progress = await call.read(_with_progress, call.me.actor.id, media_id)
    entity = media_attachment_entity(row, call.server.instance, progress=progress)
    return Answer(entity, 206 if _waits(row) else 200)


@routes.put("/api/v1/media/<media_id>", scope="write:media", upload=True)
async def update(call: Call, media_id: int) -> Entity:
    """Change the description, the focal point or the preview of an own file that no post shows yet."""
    await call.read(media.find_own, call.me.actor.id, media_id)
    form = await _form(call)
    try:
        row, former = await call.write(media.describe, call.me.actor.id, media_id, form)
    except Refusal:
        await _discard(call, form.thumbnail)
        raise
    await call.server.studio.remove(*former)
    return media_attachment_entity(row, call.server.instance)


@routes.delete("/api/v1/media/<media_id>", scope="write:media")
async def remove(call: Call, media_id: int) -> Entity:
    """Remove an own file that no post shows."""
    keys = await call.write(media.remove, call.me.actor.id, media_id)
    await call.server.studio.remove(*keys)
    return {}


async def _receive(call: Call) -> Media:
    """Store what was sent. Whatever is refused leaves no file behind."""
    file = call.params.file("file")
    if file is None:
        raise Invalid("file is missing.")
    form = await _form(call)
    try:
        received = await call.server.studio.receive(file)
    except Refusal:
        await _discard(call, form.thumbnail)
        raise
    try:
        if isinstance(received, File):
            return await call.write(media.attach_file, call.me.actor.id, received, form)
        row = await call.write(media.await_file, call.me.actor.id, received, form)
    except Refusal:
        await _discard(call, form.thumbnail)
        kept = (received.key, received.thumbnail_key) if isinstance(received, File) else (received.upload,)
        await call.server.studio.remove(*kept)
        raise
    call.server.media_worker.wake()
    return row


async def _form(call: Call) -> MediaForm:
    thumbnail = call.params.file("thumbnail")
    description, focus = call.params.text("description"), call.params.focus("focus")
    drawn = await call.server.studio.draw(thumbnail, Purpose.THUMBNAIL) if thumbnail else None
    if drawn:
        await call.server.studio.remove(drawn.key)
    return MediaForm(description, focus, drawn)


async def _discard(call: Call, drawn: File | None) -> None:
    if drawn:
        await call.server.studio.remove(drawn.thumbnail_key)


def _waits(row: Media) -> bool:
    return row.state is MediaState.PROCESSING


def _with_progress(session: Session, actor_id: int, media_id: int) -> tuple[Media, int | None]:
    row = media.find_usable(session, actor_id, media_id)
    return row, media.progress_of(session, row)
