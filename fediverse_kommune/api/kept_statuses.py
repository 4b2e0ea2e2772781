"""Posts kept in memory, loaded and encoded: most of a page is the same for whoever reads it.

What is kept is held against a stamp that comes with every page: the versions of the post's and of its author's row,
which the database counts up with every UPDATE, and the card it shows. So an edit, a like or a new name is in the very
next answer, in every process, and nobody has to tell anybody. What changes in other rows is not kept: posts with a
poll, an event, a quote, or a card that names an author. Nor is anything read inside a unit that writes: it may be
taken back.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from msgspec import Struct
from sqlalchemy import Select, and_
from sqlalchemy.orm import aliased

from activitypub.instance import LocalInstance
from activitypub.models import Actor, Status
from fediverse_kommune.api.entities import Entity
from fediverse_kommune.api.entities.status import ViewerState, shared_entity
from fediverse_kommune.models import PreviewCard, StatusCard
from fediverse_kommune.services.filtering import Kept

MOST = 8_192  # posts, some 4 kB each


class Stamp(NamedTuple):
    """What changes when a post is to be shown otherwise."""

    status_version: int
    author_version: int
    card_id: int | None
    card_fetched_at: datetime | None


class KeptStatus(Struct, frozen=True):
    """A post with all that belongs to it, as it was at its stamp; `shared` is encoded part by part."""

    stamp: Stamp
    status: Status
    card: PreviewCard | None
    shared: Entity


class KeptStatuses:
    """The posts asked for last."""

    def __init__(self, instance: LocalInstance) -> None:
        self._instance = instance
        self._kept: Kept[int, KeptStatus] = Kept(MOST)

    def recall(self, stamps: Mapping[int, Stamp]) -> dict[Status, PreviewCard | None]:
        """Return those of these posts that are kept as they are now, with their cards."""
        found: dict[Status, PreviewCard | None] = {}
        for status_id, stamp in stamps.items():
            kept = self._kept.get(status_id)
            if kept is not None and kept.stamp == stamp:
                found[kept.status] = kept.card
        return found

    def shared_of(self, statuses: Iterable[Status]) -> dict[int, Entity]:
        """Return what is the same for everybody of those that are the very rows kept here, by id."""
        kept = ((status, self._kept.get(status.id)) for status in statuses)
        return {status.id: each.shared for status, each in kept if each is not None and each.status is status}

    def keep(self, statuses: Mapping[Status, PreviewCard | None], stamps: Mapping[int, Stamp]) -> None:
        """Keep posts with mentions, hashtags and files, loaded after their stamps had been read."""
        for status, card in statuses.items():
            stamp = stamps.get(status.id)
            if stamp is None or status.poll or status.event or status.quote or (card and card.author_id):
                continue
            state = ViewerState(cards={status.id: card} if card else {})
            shared = {
                name: value if name == "id" else msgspec.Raw(msgspec.json.encode(value))
                for name, value in shared_entity(status, self._instance, state).items()
            }
            self._kept.put(status.id, KeptStatus(stamp, status, card, shared))


def with_stamps(query: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """Add the four columns of `Stamp`, behind what a query of statuses selects."""
    author = aliased(Actor)
    is_read = and_(PreviewCard.id == StatusCard.card_id, PreviewCard.fetched_at.is_not(None))
    return (
        query.add_columns(Status.version, author.version, StatusCard.card_id, PreviewCard.fetched_at)
        .join(author, author.id == Status.actor_id)
        .outerjoin(StatusCard, StatusCard.status_id == Status.id)
        .outerjoin(PreviewCard, is_read)
    )
