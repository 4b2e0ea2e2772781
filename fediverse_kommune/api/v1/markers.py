"""https://docs.joinmastodon.org/methods/markers/"""

from collections.abc import Mapping

from activitypub.unit import Unit
from fediverse_kommune.api.entities import Entity
from fediverse_kommune.api.entities.marker import marker_entity
from fediverse_kommune.api.routing import Call, Routes
from fediverse_kommune.models import Standing
from fediverse_kommune.services.markers import TIMELINES, markers_of, move_marker
from fediverse_kommune.services.refusals import Invalid

routes = Routes()


@routes.get("/api/v1/markers", scope="read:statuses")
async def show(call: Call) -> Entity:
    """Return how far one has read the timelines that are named; none if none is."""
    wanted = call.params.many("timeline") or []
    rows = await call.read(markers_of, call.me.actor.id, wanted)
    return {timeline: marker_entity(row) for timeline, row in rows.items()}


@routes.post("/api/v1/markers", scope="write:statuses", standing=Standing.VIEWER)
async def save(call: Call) -> Entity:
    """Keep one's place in one or both timelines."""
    places: dict[str, int] = {}
    for timeline in TIMELINES:
        place = call.params.nested(timeline).integer("last_read_id")
        if place is not None:
            if place < 0:
                raise Invalid("last_read_id is the id of something that was read.")
            places[timeline] = place
    return await call.write(_save, call.me.actor.id, places)


def _save(unit: Unit, actor_id: int, places: Mapping[str, int]) -> Entity:
    return {timeline: marker_entity(move_marker(unit, actor_id, timeline, place)) for timeline, place in places.items()}
