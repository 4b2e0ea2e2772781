"""Who put which emoji below a post."""

from collections import defaultdict
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from activitypub.models import Actor, EmojiReaction
from fediverse_kommune.api.entities import Entity
from fediverse_kommune.api.entities.account import account_entity
from fediverse_kommune.api.entities.emoji_reaction import emoji_reaction_entity
from fediverse_kommune.api.preload import Reader
from fediverse_kommune.services.interactions import find_readable

SHOWN = 40  # accounts of each emoji, the latest


def list_reactions(session: Session, reader: Reader, status_id: int, name: str | None = None) -> list[Entity]:
    """Return the emoji below a post, or one of them, each with who chose it. Raises `NotFound`."""
    status = find_readable(session, reader.actor, status_id)
    shown = [counted for counted in status.reactions if name in {None, counted["name"]}]
    people: dict[str, list[Actor]] = defaultdict(list)
    for reaction_name, actor in session.execute(_people(status.id)) if shown else ():
        people[reaction_name].append(actor)
    mine = {row[0] for row in session.execute(_mine(reader.actor, status.id))} if shown and reader.actor else set()
    return [
        emoji_reaction_entity(counted, me=counted["name"] in mine)
        | {"accounts": [account_entity(actor, reader.instance) for actor in people[counted["name"]]]}
        for counted in shown
    ]


def _people(status_id: int) -> Select[*tuple[Any, ...]]:
    place = func.row_number().over(partition_by=EmojiReaction.name, order_by=EmojiReaction.id.desc())
    ranked = (
        select(EmojiReaction.id, EmojiReaction.name, EmojiReaction.actor_id, place.label("place"))
        .join(Actor, Actor.id == EmojiReaction.actor_id)
        .where(EmojiReaction.status_id == status_id, Actor.suspended_at.is_(None))
        .subquery()
    )
    return (
        select(ranked.c.name, Actor)
        .join(Actor, Actor.id == ranked.c.actor_id)
        .where(ranked.c.place <= SHOWN)
        .order_by(ranked.c.id)
    )


def _mine(actor: Actor, status_id: int) -> Select[*tuple[Any, ...]]:
    return select(EmojiReaction.name).where(EmojiReaction.actor_id == actor.id, EmojiReaction.status_id == status_id)
