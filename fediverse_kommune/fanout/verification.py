"""The pages that a profile names are looked at when it changes."""

from activitypub.events import ActorUpdated
from activitypub.unit import Unit
from fediverse_kommune.services import verification


def on_actor_updated(unit: Unit, event: ActorUpdated) -> None:
    """Look whether they link back."""
    verification.want(unit, event.actor)
