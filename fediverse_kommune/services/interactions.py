"""Liking, announcing and pinning, as a local actor does it: only what the actor may read (row H03).

https://docs.joinmastodon.org/methods/statuses/
"""

from functools import cache

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import Session

from activitypub.access import ANY_READER, OPEN, Approval, Interaction, judge, readable_by
from activitypub.graph import interactions as graph
from activitypub.graph.requests import (
    INTERACTIONS,
    Asked,
    ask_author,
    authorize_at_once,
    find_request,
    take_back_request,
    verdict_on,
)
from activitypub.models import Actor, Announce, Status, Wish, new_id
from activitypub.models.base import Id
from activitypub.unit import Unit
from activitypub.vocabulary import Visibility
from fediverse_kommune.services.refusals import Forbidden, Invalid, NotFound
from fediverse_kommune.services.timelines import announce_readable_by
from outbox import groups, send, send_consent

PINS = 5  # Mastodon's StatusPinValidator; `configuration.accounts.max_pinned_statuses` tells clients


def find_readable(session: Session, reader: Actor | None, status_id: int) -> Status:
    """Return the status with this id, or the one an announce with this id passes on, if `reader` may read it.

    Statuses and announces share one order of ids, and clients use either. Raises `NotFound`.
    """
    parameters = {"asked_id": status_id} | ({"reader_id": reader.id} if reader else {})
    status: Status | None = session.scalar(_readable(signed_in=reader is not None), parameters)
    if status is None:
        raise NotFound
    return status


@cache
def _readable(*, signed_in: bool) -> Select[Status]:
    reader, asked = ANY_READER if signed_in else None, bindparam("asked_id", type_=Id)
    passed_on = select(Announce.status_id).where(Announce.id == asked, announce_readable_by(reader)).scalar_subquery()
    return select(Status).where(Status.id == func.coalesce(passed_on, asked), readable_by(reader))


def check_policy(session: Session, actor: Actor, status: Status, interaction: Interaction) -> None:
    """Raise `Forbidden` if the author of a status lets this actor not do that with it.

    Where its server decides on each one, or alone knows who may, it is asked by being told.
    """
    if judge(session, actor, status, interaction) is Approval.DENIED:
        raise Forbidden("The author of this post does not let you do that with it.")


def like(unit: Unit, actor: Actor, status_id: int) -> None:
    """Like a status, or ask its author who decides on that, here or elsewhere; a second time changes nothing.

    Raises `NotFound`, `Forbidden`.
    """
    status = find_readable(unit, actor, status_id)
    if graph.find_like(unit, actor.id, status.id) is None:
        check_policy(unit, actor, status, Interaction.LIKE)
        if not _waits(unit, actor, status, Wish.LIKE, Visibility.PUBLIC):
            send.send_like(unit, graph.like(unit, actor, status), status)


def unlike(unit: Unit, actor: Actor, status_id: int) -> None:
    """Take a like back, if there is one. Raises `NotFound`."""
    status = find_readable(unit, actor, status_id)
    row = graph.find_like(unit, actor.id, status.id)
    if row is not None:
        graph.unlike(unit, row)
        send.send_unlike(unit, row, status)
    else:
        _take_back(unit, actor, status, Wish.LIKE)


def announce(unit: Unit, actor: Actor, status_id: int, visibility: Visibility = Visibility.PUBLIC) -> Announce | None:
    """Pass a status on: a public or unlisted one, or one's own for followers, which stays for followers (row H07).

    None if its author has to allow it first, and is asked. Raises `NotFound` also for what this actor may read but not
    pass on, `Forbidden` if its author does not want that, and `Invalid` for a visibility that announces do not have.
    """
    status = find_readable(unit, actor, status_id)
    own = status.actor_id == actor.id and status.visibility is Visibility.PRIVATE
    if status.held or (status.visibility not in OPEN and not own):
        raise NotFound
    if visibility is Visibility.DIRECT:
        raise Invalid("An announce is public, unlisted or private.")
    existing = graph.find_announce(unit, actor.id, status.id)
    if existing is not None:
        return existing
    check_policy(unit, actor, status, Interaction.ANNOUNCE)
    if _waits(unit, actor, status, Wish.ANNOUNCE, visibility):
        return None
    row = graph.announce(unit, actor, status, visibility=Visibility.PRIVATE if own else visibility)
    asked = Asked(Wish.ANNOUNCE, row.uri, seen_by=row.visibility, published_at=row.published_at)
    row.authorization_uri = row.authorization_uri or authorize_at_once(unit, actor, status, asked)
    if status.audience_uri == actor.uri and not status.local_only:
        groups.take_up(unit, actor, status)
    send.send_announce(unit, row, status)
    return row


def unannounce(unit: Unit, actor: Actor, status_id: int) -> Status:
    """Take an announce back, if there is one, and return the status. Raises `NotFound`.

    What one has announced can be taken back also when it can no longer be read. A group removes what was posted or
    answered in it so, and takes up what waits for its team by announcing it (FEP-1b12).
    """
    row = unit.scalar(
        select(Announce).where(
            Announce.actor_id == actor.id, (Announce.id == status_id) | (Announce.status_id == status_id)
        )
    )
    if row is None:
        status = find_readable(unit, actor, status_id)
        _take_back(unit, actor, status, Wish.ANNOUNCE)
    else:
        status = unit.get_one(Status, row.status_id)
        graph.unannounce(unit, row)
        send.send_unannounce(unit, row, status)
    groups.take_out(unit, actor, status)
    return status


def _waits(unit: Unit, actor: Actor, status: Status, wish: Wish, seen_by: Visibility) -> bool:
    """True if the author has to allow this first; then it is noted, and asked for. Raises `Forbidden` after a no."""
    if verdict_on(unit, actor, status, INTERACTIONS[wish]) is not Approval.MANUAL:
        return False
    uri = unit.instance.activity_uri(actor.uri, wish, new_id(unit.now))
    asked = Asked(wish, uri, seen_by=seen_by, published_at=unit.now)
    earlier = find_request(unit, actor.id, status.id, asked)
    if earlier is not None and earlier.rejected_at is not None:
        raise Forbidden("The author of this post has not let you do that with it.")
    if earlier is not None and earlier.accepted_at is not None and status.local:
        return False
    if earlier is None or earlier.accepted_at is not None:
        row = ask_author(unit, actor, status, asked)
        if not status.local:
            send_consent.send_wish(unit, row, status)
    return True


def _take_back(unit: Unit, actor: Actor, status: Status, wish: Wish) -> None:
    """Take back what waits for consent, if it does."""
    row = find_request(unit, actor.id, status.id, Asked(wish, ""))
    if row is None or row.accepted_at is not None or row.rejected_at is not None:
        return
    if not status.local:
        send_consent.send_undo_wish(unit, row, status)
    take_back_request(unit, actor.id, wish, uri=row.interaction_uri, status_id=None)


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
    if status.pinned_at is not None:
        return
    status.pinned_at = unit.now
    unit.flush()
    if _is_for_all(status):
        send.send_add_pinned(unit, actor, status)


def unpin(unit: Unit, actor: Actor, status_id: int) -> None:
    """Show a status on top of the profile no longer. Raises `NotFound`."""
    status = find_readable(unit, actor, status_id)
    if status.actor_id != actor.id or status.pinned_at is None:
        return
    status.pinned_at = None
    unit.flush()
    if _is_for_all(status):
        send.send_remove_pinned(unit, actor, status)


def _is_for_all(status: Status) -> bool:
    """True if the collection of pinned posts shows it to other servers."""
    return status.visibility in OPEN and not status.local_only and not status.held
