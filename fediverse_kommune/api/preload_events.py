"""What a page has to know of its reader for the sake of events and of emoji: how it stands between them."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Select, literal, select

from activitypub.models import Actor, EmojiReaction, Participation, Status
from fediverse_kommune.api.entities.status import REACTED


def takings_of(reader: Actor | None, statuses: Iterable[Status]) -> Sequence[Select[*tuple[Any, ...]]]:
    """Return selects of (kind, id of a status, 0) as `preload_quotes.facts_about`; `kind` is a word of `Taking`.

    It is asked in the one statement that asks what the reader has done, and only of a page that holds events.
    """
    events = [status.id for status in statuses if status.event is not None]
    if reader is None or not events:
        return ()
    mine = Participation.actor_id == reader.id, Participation.status_id.in_(events)
    return [select(Participation.state.label("kind"), Participation.status_id, literal(0)).where(*mine)]


def reactions_of(reader: Actor | None, statuses: Iterable[Status]) -> Sequence[Select[*tuple[Any, ...]]]:
    """Return the same of the emoji that a reader has put below statuses, only of a page on which there are some."""
    reacted = [status.id for status in statuses if status.reactions]
    if reader is None or not reacted:
        return ()
    mine = EmojiReaction.actor_id == reader.id, EmojiReaction.status_id.in_(reacted)
    kind = literal(REACTED).concat(EmojiReaction.name).label("kind")
    return [select(kind, EmojiReaction.status_id, literal(0)).where(*mine)]
