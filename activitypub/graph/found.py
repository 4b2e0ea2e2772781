"""What was read in the background: stored at its place in time, without anybody being told."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from activitypub.access import OPEN, Approval, Interaction
from activitypub.graph.interactions import announce
from activitypub.graph.quotes import QuoteClaim
from activitypub.graph.remote import remote_draft
from activitypub.graph.requests import verdict_on
from activitypub.graph.statuses import create_status, find_status, is_buried, seen
from activitypub.models import Actor, Status
from activitypub.unit import Unit
from activitypub.vocabulary import FoundAnnounce, RemoteStatus

APART = timedelta(milliseconds=1)  # between two pinned statuses, which are shown in the order of their times


def keep_found(
    unit: Unit, remote: RemoteStatus, author: Actor, known: Mapping[str, Actor], quote: QuoteClaim | None
) -> bool:
    """Store a status unless it is known, was deleted, or is not for everybody; say whether it is new.

    An answer for which somebody here would have to be asked is left out, and so is what it quotes of ours: to ask is
    for its author, by sending it to us.
    """
    draft = remote_draft(remote, author, known, unit.now, _without_ours(unit, quote), unheard=True)
    if remote.is_vote or draft.visibility not in OPEN or any(seen(unit, remote.uri)):
        return False
    parent = find_status(unit, remote.in_reply_to) if remote.in_reply_to else None
    if parent and (parent.held or verdict_on(unit, author, parent, Interaction.REPLY) is not Approval.AUTOMATIC):
        return False
    create_status(unit, draft)
    return True


def keep_found_announce(unit: Unit, actor: Actor, found: FoundAnnounce) -> bool:
    """Note that an actor once passed on a status that is known; say whether that is new."""
    status = find_status(unit, found.object)
    if status is None or status.local or status.visibility not in OPEN or is_buried(unit, found.uri):
        return False
    row = announce(
        unit,
        actor,
        status,
        visibility=found.visibility,
        uri=found.uri,
        published_at=found.published,
        unheard=True,
    )
    return row.uri == found.uri


def pin_found(unit: Unit, actor_id: int, uris: Sequence[str]) -> None:
    """Show these of an actor's statuses on top of its profile, the first of them first, and no others."""
    mine = select(Status).where(Status.actor_id == actor_id)
    rows = {row.uri: row for row in unit.scalars(mine.where(Status.uri.in_(uris)))}
    for place, uri in enumerate(uris):
        if uri in rows and rows[uri].pinned_at is None:
            rows[uri].pinned_at = unit.now - place * APART
    unit.flush()
    others = (Status.actor_id == actor_id, Status.pinned_at.is_not(None), Status.uri.not_in(uris))
    unit.execute(update(Status).where(*others).values(pinned_at=None).execution_options(synchronize_session=False))


def _without_ours(session: Session, quote: QuoteClaim | None) -> QuoteClaim | None:
    quoted = find_status(session, quote.quoted_uri) if quote else None
    return None if quoted is not None and quoted.local else quote
