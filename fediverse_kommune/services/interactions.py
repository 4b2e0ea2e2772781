"""Liking, announcing and pinning, as a local actor does it: only what the actor may read (row H03).

https://docs.joinmastodon.org/methods/statuses/
"""

from sqlalchemy import func, literal, select
from sqlalchemy.orm import Session

from activitypub.access import OPEN, Approval, Interaction, judge, readable_by
from activitypub.graph import interactions as graph
from activitypub.models import Actor, Announce, Status
from activitypub.models.base import Id
from activitypub.unit import Unit
from activitypub.vocabulary import Visibility
from fediverse_kommune.services.refusals import Forbidden, Invalid, NotFound
from fediverse_kommune.services.timelines import announce_readable_by
from outbox import send

PINS = 5  # Mastodon's StatusPinValidator; `configuration.accounts.max_pinned_statuses` tells clients


def find_readable(session: Session, reader: Actor | None, status_id: int) -> Status:
    """Return the status with this id, or the one an announce with this id passes on, if `reader` may read it.

    Statuses and announces share one order of ids, and clients use either. Raises `NotFound`.
    """
    passed_on = (
        select(Announce.status_id).where(Announce.id == status_id, announce_readable_by(reader)).scalar_subquery()
    )
    status = session.scalar(
        select(Status).where(Status.id == func.coalesce(passed_on, literal(status_id, Id)), readable_by(reader))
    )
    if status is None:
        raise NotFound
    return status


def check_policy(session: Session, actor: Actor, status: Status, interaction: Interaction) -> None:
    """Raise `Forbidden` if the author of a status lets this actor not do that with it.

    Where its server decides on each one, or alone knows who may, it is asked by being told.
    """
    if judge(session, actor, status, interaction) is Approval.DENIED:
        raise Forbidden("The author of this post does not let you do that with it.")


def like(unit: Unit, actor: Actor, status_id: int) -> None:
    """Like a status; a second time changes nothing. Raises `NotFound`, `Forbidden`."""
    status = find_readable(unit, actor, status_id)
    if graph.find_like(unit, actor.id, status.id) is None:
        check_policy(unit, actor, status, Interaction.LIKE)
        send.send_like(unit, graph.like(unit, actor, status), status)


def unlike(unit: Unit, actor: Actor, status_id: int) -> None:
    """Take a like back, if there is one. Raises `NotFound`."""
    status = find_readable(unit, actor, status_id)
    row = graph.find_like(unit, actor.id, status.id)
    if row is not None:
        graph.unlike(unit, row)
        send.send_unlike(unit, row, status)


def announce(unit: Unit, actor: Actor, status_id: int, visibility: Visibility = Visibility.PUBLIC) -> Announce:
    """Pass a status on: a public or unlisted one, or one's own for followers, which stays for followers (row H07).

    Raises `NotFound` also for what this actor may read but not pass on, `Forbidden` if its author does not want that,
    and `Invalid` for a visibility that announces do not have.
    """
    status = find_readable(unit, actor, status_id)
    own = status.actor_id == actor.id and status.visibility is Visibility.PRIVATE
    if status.visibility not in OPEN and not own:
        raise NotFound
    if visibility is Visibility.DIRECT:
        raise Invalid("An announce is public, unlisted or private.")
    existing = graph.find_announce(unit, actor.id, status.id)
    if existing is not None:
        return existing
    check_policy(unit, actor, status, Interaction.ANNOUNCE)
    row = graph.announce(unit, actor, status, visibility=Visibility.PRIVATE if own else visibility)
    send.send_announce(unit, row, status)
    return row


def unannounce(unit: Unit, actor: Actor, status_id: int) -> Status:
    """Take an announce back, if there is one, and return the status. Raises `NotFound`.

    What one has announced can be taken back also when it can no longer be read.
    """
    row = unit.scalar(
        select(Announce).where(
            Announce.actor_id == actor.id, (Announce.id == status_id) | (Announce.status_id == status_id)
        )
    )
    if row is None:
        return find_readable(unit, actor, status_id)
    status = unit.get_one(Status, row.status_id)
    graph.unannounce(unit, row)
    send.send_unannounce(unit, row, status)
    return status


def pin(unit: Unit, actor: Actor, status_id: int) -> None:
    """Show an own status on top of the profile. Raises `NotFound`, `Invalid`."""
    status = find_readable(unit, actor, status_id)
    if status.actor_id != actor.id:
        raise Invalid("Only your own posts can be pinned to your profile.")
    if status.visibility is Visibility.DIRECT:
        raise Invalid("Posts that only mentioned people can read cannot be pinned to a profile.")
    pinned = select(func.count()).where(Status.actor_id == actor.id, Status.pinned_at.is_not(None))
    if status.pinned_at is None and (unit.scalar(pinned) or 0) >= PINS:
        raise Invalid(f"{PINS} posts are pinned already: unpin one first.")
    status.pinned_at = status.pinned_at or unit.now
    unit.flush()


def unpin(unit: Unit, actor: Actor, status_id: int) -> None:
    """Show a status on top of the profile no longer. Raises `NotFound`."""
    status = find_readable(unit, actor, status_id)
    if status.actor_id == actor.id:
        status.pinned_at = None
        unit.flush()
