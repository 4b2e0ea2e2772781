"""https://docs.joinmastodon.org/methods/mutes/"""

from sqlalchemy import select
from sqlalchemy.orm import Session, contains_eager

from activitypub.models import Actor
from fediverse_kommune.api.entities.muted_account import muted_account_entity
from fediverse_kommune.api.pagination import Page
from fediverse_kommune.api.preload import Listing, Reader
from fediverse_kommune.api.routing import Answer, Call, Routes
from fediverse_kommune.models import Mute
from fediverse_kommune.unwanted import is_muting

routes = Routes()


@routes.get("/api/v1/mutes", scope="read:mutes")
async def show_all(call: Call) -> Answer:
    """Return whom one mutes, and until when."""
    found = await call.read(_list, call.reader, call.me.actor.id, call.page(default=40, most=80))
    return call.listing(found.entities, found.ids)


def _list(session: Session, reader: Reader, actor_id: int, page: Page) -> Listing:
    query = (
        select(Mute)
        .join(Actor, Actor.id == Mute.target_id)
        .where(Mute.actor_id == actor_id, is_muting(Mute), Actor.suspended_at.is_(None))
        .options(contains_eager(Mute.target))
    )
    rows = page.in_order(list(session.scalars(page.select(query, Mute.id))))
    return Listing([muted_account_entity(row, reader.instance) for row in rows], [row.id for row in rows])
