"""Rows as their documents need them: what did not come along is read, what did is not read again."""

from sqlalchemy import inspect, select

from activitypub.actor_documents import ACTOR_OPTIONS
from activitypub.documents import STATUS_OPTIONS
from activitypub.models import Actor, Status
from activitypub.unit import Unit


def load_status(unit: Unit, status: Status) -> None:
    """Load what a document reads of a status, unless it came with it."""
    unloaded = inspect(status).unloaded
    if not unloaded.isdisjoint(("actor", "mentions", "hashtags", "media", "poll", "event", "quote", "card")):
        unit.scalars(select(Status).where(Status.id == status.id).options(*STATUS_OPTIONS)).one()


def load_keys(unit: Unit, actor: Actor) -> None:
    """Load the keys of an actor, unless they came with it."""
    if "keys" in inspect(actor).unloaded:
        unit.scalars(select(Actor).where(Actor.id == actor.id).options(*ACTOR_OPTIONS)).one()
