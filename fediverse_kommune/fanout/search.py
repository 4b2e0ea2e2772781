"""What becomes findable by its words after an event, and stays so (`services/search_index.py`)."""

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from activitypub.events import ConsentChanged, StatusAnnounced, StatusCreated, StatusEdited, StatusFound, StatusLiked
from activitypub.models import Actor, Status
from activitypub.search_consent import is_for_some
from activitypub.unit import Unit
from fediverse_kommune.events import StatusKept
from fediverse_kommune.services import search_index


def on_status_created(unit: Unit, event: StatusCreated | StatusFound) -> None:
    """Index a status that somebody here may find: ours, of an author who consents, or naming one of us."""
    status = event.status
    names_us = any(mention.actor.is_local for mention in status.mentions)
    if status.local or is_for_some(status) or names_us:
        search_index.put(unit, [status])


def on_status_edited(unit: Unit, event: StatusEdited) -> None:
    """Index what it says now, if it is to be found."""
    _index(unit, event.status.id)


def on_status_liked(unit: Unit, event: StatusLiked) -> None:
    """Index what somebody here likes: they find it again."""
    if not event.like.actor.is_local or event.status.local:
        return
    _index(unit, event.status.id)


def on_status_announced(unit: Unit, event: StatusAnnounced) -> None:
    """Index what somebody here passes on: they find it again."""
    if not event.status.local and unit.get_one(Actor, event.announce.actor_id).is_local:
        _index(unit, event.status.id)


def on_consent_changed(unit: Unit, event: ConsentChanged) -> None:
    """Let the old posts of an author elsewhere follow what the author decided."""
    search_index.plan_revision(unit, event.actor_id)


def on_status_kept(unit: Unit, event: StatusKept) -> None:
    """Index what somebody here bookmarked."""
    _index(unit, event.status_id)


def _index(unit: Unit, status_id: int) -> None:
    found = select(Status).where(Status.id == status_id, search_index.is_wanted())
    loaded = found.options(selectinload(Status.media), selectinload(Status.poll))
    search_index.put(unit, unit.scalars(loaded).all())
