"""What every verb of telling needs: an id never used, whoever has to sign, and the one who is told."""

from activitypub.documents import Document
from activitypub.models import Actor, new_id
from activitypub.unit import Unit
from outbox import activities
from outbox.publish import publish
from outbox.recipients import inboxes_of


def tell(unit: Unit, activity: Document, *, by: Actor, to: Actor) -> None:
    """Queue what concerns one actor only, for its personal inbox."""
    inboxes = [] if to.is_local else inboxes_of(unit, actors=[to.id], shared=False)
    publish(unit, activity, by=by, object_uri=to.uri, inboxes=inboxes)


def actor_of(unit: Unit, actor_id: int) -> Actor:
    """Return the actor that a row names."""
    return unit.get_one(Actor, actor_id)


def new_uri(unit: Unit, actor: Actor, kind: str) -> str:
    """Return an id that was never used: others ignore what they believe to have seen."""
    return unit.instance.activity_uri(actor.uri, kind, new_id(unit.now))


def undone(unit: Unit, activity: Document, actor: Actor) -> Document:
    """Return the Undo of an activity of ours."""
    return activities.undo(activity, uri=new_uri(unit, actor, "undo"))
