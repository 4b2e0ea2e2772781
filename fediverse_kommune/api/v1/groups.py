"""What the team of a group does that Mastodon has no method for.

https://codeberg.org/fediverse/fep/src/branch/main/fep/1b12/fep-1b12.md (groups)
"""

from activitypub.models import Actor
from activitypub.unit import Unit
from fediverse_kommune.api.entities import Entity
from fediverse_kommune.api.preload import Reader, show_status
from fediverse_kommune.api.routing import Call, Routes
from fediverse_kommune.models import Standing
from fediverse_kommune.services import groups

routes = Routes()


@routes.post("/api/v1/statuses/<status_id>/lock", scope="write:statuses", standing=Standing.EDITOR)
async def lock(call: Call, status_id: int) -> Entity:
    """Take no more answers to a post that is in this group."""
    return await call.write(_set_lock, call.reader, call.me.actor.id, status_id, locked=True)


@routes.post("/api/v1/statuses/<status_id>/unlock", scope="write:statuses", standing=Standing.EDITOR)
async def unlock(call: Call, status_id: int) -> Entity:
    """Take answers to it again."""
    return await call.write(_set_lock, call.reader, call.me.actor.id, status_id, locked=False)


def _set_lock(unit: Unit, reader: Reader, group_id: int, status_id: int, *, locked: bool) -> Entity:
    groups.set_lock(unit, unit.get_one(Actor, group_id), status_id, locked=locked)
    return show_status(unit, reader, status_id)
