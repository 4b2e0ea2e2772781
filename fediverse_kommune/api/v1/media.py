"""https://docs.joinmastodon.org/methods/media/, both versions.

A picture is ready when the answer comes, so version 2 answers 200 as well and nothing has to be asked for again.
"""

from fediverse_kommune.api.entities import Entity
from fediverse_kommune.api.entities.media_attachment import media_attachment_entity
from fediverse_kommune.api.routing import Call, Routes
from fediverse_kommune.media.sizes import Purpose
from fediverse_kommune.services import media
from fediverse_kommune.services.media import MediaForm, Picture
from fediverse_kommune.services.refusals import Invalid, Refusal

routes = Routes()


@routes.post("/api/v2/media", scope="write:media", upload=True)
@routes.post("/api/v1/media", scope="write:media", upload=True)
async def upload(call: Call) -> Entity:
    """Take a picture, with its description."""
    file = call.params.file("file")
    if file is None:
        raise Invalid("file is missing.")
    form = _form(call)
    drawn = await call.server.studio.draw(file, Purpose.ATTACHMENT)
    picture = Picture(drawn.key, drawn.thumbnail_key, drawn.media_type, drawn.width, drawn.height, drawn.blurhash)
    try:
        row = await call.write(media.attach_picture, call.me.actor.id, picture, form)
    except Refusal:
        await call.server.studio.remove(drawn.key, drawn.thumbnail_key)
        raise
    return media_attachment_entity(row, call.server.instance)


@routes.get("/api/v1/media/<media_id>", scope="write:media")
async def show(call: Call, media_id: int) -> Entity:
    """Return an own file."""
    row = await call.read(media.find_own, call.me.actor.id, media_id)
    return media_attachment_entity(row, call.server.instance)


@routes.put("/api/v1/media/<media_id>", scope="write:media")
async def update(call: Call, media_id: int) -> Entity:
    """Change the description or the focal point of an own file that no post shows yet."""
    row = await call.write(media.describe, call.me.actor.id, media_id, _form(call))
    return media_attachment_entity(row, call.server.instance)


@routes.delete("/api/v1/media/<media_id>", scope="write:media")
async def remove(call: Call, media_id: int) -> Entity:
    """Remove an own file that no post shows."""
    keys = await call.write(media.remove, call.me.actor.id, media_id)
    await call.server.studio.remove(*keys)
    return {}


def _form(call: Call) -> MediaForm:
    return MediaForm(call.params.text("description"), call.params.focus("focus"))
