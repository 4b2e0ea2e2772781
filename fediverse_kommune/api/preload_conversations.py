"""Loading what a page of conversations shows: who takes part, and what was said last."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from activitypub.models import Actor
from fediverse_kommune.api.entities import Entity
from fediverse_kommune.api.entities.conversation import conversation_entity
from fediverse_kommune.api.preload import Reader, status_entities
from fediverse_kommune.models import Conversation


def conversation_entities(
    session: Session, reader: Reader, actor_id: int, rows: Sequence[Conversation]
) -> list[Entity]:
    """Return the entities; who speaks with nobody else is shown with oneself."""
    people = {row.id: row.participant_ids or [actor_id] for row in rows}
    ids = {one for some in people.values() for one in some}
    actors = {actor.id: actor for actor in session.scalars(select(Actor).where(Actor.id.in_(ids)))} if ids else {}
    statuses = status_entities(session, reader, [row.last_status_id for row in rows if row.last_status_id])
    return [
        conversation_entity(
            row,
            [actors[one] for one in people[row.id] if one in actors],
            statuses.get(row.last_status_id) if row.last_status_id else None,
            reader.instance,
        )
        for row in rows
    ]
