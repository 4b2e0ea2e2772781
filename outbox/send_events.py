"""What is told of events: who wants to take part, and what the organiser says to that. See `send.py`."""

from activitypub.documents import Document
from activitypub.models import Actor, Participation, Status, Taking, new_id
from activitypub.unit import Unit
from outbox import activities
from outbox.publish import publish
from outbox.recipients import inboxes_of


def send_join(unit: Unit, row: Participation, event: Status) -> None:
    """Ask the organiser of an event elsewhere, and nobody else, to let one of ours take part."""
    actor, author = unit.get_one(Actor, row.actor_id), unit.get_one(Actor, event.actor_id)
    _tell(unit, activities.join(row, actor=actor, event=event, author=author), by=actor, to=author)


def send_leave(unit: Unit, row: Participation, event: Status) -> None:
    """Tell the organiser that one of ours does not come. The row may be gone already."""
    actor, author = unit.get_one(Actor, row.actor_id), unit.get_one(Actor, event.actor_id)
    uri = _new_uri(unit, actor, "leave")
    _tell(unit, activities.leave(actor=actor, event=event, author=author, uri=uri), by=actor, to=author)


def send_accept_invitation(unit: Unit, row: Participation, event: Status) -> None:
    """Tell the organiser that one of ours accepts the invitation."""
    actor, author = unit.get_one(Actor, row.actor_id), unit.get_one(Actor, event.actor_id)
    uri = _new_uri(unit, actor, "accept")
    activity = activities.accept_invitation(row, actor=actor, event=event, author=author, uri=uri)
    _tell(unit, activity, by=actor, to=author)


def send_reject_invitation(unit: Unit, row: Participation, event: Status) -> None:
    """Tell the organiser that one of ours does not accept the invitation. The row may be gone already."""
    actor, author = unit.get_one(Actor, row.actor_id), unit.get_one(Actor, event.actor_id)
    uri = _new_uri(unit, actor, "reject")
    activity = activities.reject_invitation(row, actor=actor, event=event, author=author, uri=uri)
    _tell(unit, activity, by=actor, to=author)


def send_answer(unit: Unit, row: Participation, event: Status) -> None:
    """Tell somebody elsewhere who wants to take part in an event of ours whether they do: as the row says."""
    _answer(unit, row, event, "accept" if row.state is Taking.ACCEPTED else "reject")


def send_refusal(unit: Unit, row: Participation, event: Status, *, ignored: bool = False) -> None:
    """Tell somebody elsewhere that an event of ours takes nobody (any more), or nobody this way. The row is no row."""
    _answer(unit, row, event, "ignore" if ignored else "reject")


def _answer(unit: Unit, row: Participation, event: Status, kind: str) -> None:
    make = {"accept": activities.accept_join, "reject": activities.reject_join, "ignore": activities.ignore_join}[kind]
    actor, author = unit.get_one(Actor, row.actor_id), unit.get_one(Actor, event.actor_id)
    uri = _new_uri(unit, author, kind)
    _tell(unit, make(row, actor=actor, event=event, author=author, uri=uri), by=author, to=actor)


def send_invite(unit: Unit, row: Participation, event: Status) -> None:
    """Ask somebody elsewhere to take part in an event of ours."""
    actor, author = unit.get_one(Actor, row.actor_id), unit.get_one(Actor, event.actor_id)
    _tell(unit, activities.invite(row, actor=actor, event=event, author=author), by=author, to=actor)


def _tell(unit: Unit, activity: Document, *, by: Actor, to: Actor) -> None:
    """Queue what concerns one actor only, for its personal inbox; one of ours is told by its notifications."""
    if not to.is_local:
        publish(unit, activity, by=by, object_uri=to.uri, inboxes=inboxes_of(unit, actors=[to.id], shared=False))


def _new_uri(unit: Unit, actor: Actor, kind: str) -> str:
    return unit.instance.activity_uri(actor.uri, kind, new_id(unit.now))
