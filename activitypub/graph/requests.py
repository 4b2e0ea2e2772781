"""What somebody wants to do with a status whose author decides on each of it: one of the two is one of ours.

https://docs.gotosocial.org/en/latest/federation/interaction_controls/, FEP-044f for quotes
"""

from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session

from activitypub.access import Approval, Interaction, approval, bond, is_for_everybody, judge, names_followers
from activitypub.events import InteractionRequested, InteractionSettled
from activitypub.models import Actor, InteractionRequest, Status, Wish, new_id
from activitypub.unit import Unit
from activitypub.vocabulary import Visibility

INTERACTIONS = {
    Wish.LIKE: Interaction.LIKE,
    Wish.REPLY: Interaction.REPLY,
    Wish.ANNOUNCE: Interaction.ANNOUNCE,
    Wish.QUOTE: Interaction.QUOTE,
}
ONCE = frozenset({Wish.LIKE, Wish.ANNOUNCE})  # of these one is all that an actor can have of a status


class Asked(Struct, frozen=True):
    """What somebody wants, as it came: `uri` is the Like, the Announce, or the status that answers or quotes.

    `request_uri` is the request for it, if the sender asked first. `seen_by` and `published_at` belong to an announce.
    """

    wish: Wish
    uri: str
    request_uri: str | None = None
    seen_by: Visibility | None = None
    published_at: datetime | None = None


def find_request(session: Session, actor_id: int, status_id: int, asked: Asked) -> InteractionRequest | None:
    """Return what was noted of this before: by its id or, of what can only be once, by who and what."""
    same = InteractionRequest.interaction_uri == asked.uri
    if asked.wish in ONCE:
        same = InteractionRequest.status_id == status_id
    return session.scalar(
        select(InteractionRequest)
        .where(InteractionRequest.wish == asked.wish, InteractionRequest.actor_id == actor_id, same)
        .order_by(InteractionRequest.id.desc())
        .limit(1)
    )


def note_request(unit: Unit, actor: Actor, status: Status, asked: Asked) -> InteractionRequest:
    """Note what somebody wants with a status; a second time the row takes over the ids, as of a Follow."""
    row = find_request(unit, actor.id, status.id, asked)
    if row is None:
        row = InteractionRequest(
            id=new_id(unit.now),
            wish=asked.wish,
            status_id=status.id,
            author_id=status.actor_id,
            actor_id=actor.id,
            created_at=unit.now,
            accepted_at=None,
            rejected_at=None,
            reply_id=None,
        )
        unit.add(row)
    row.interaction_uri = asked.uri
    row.request_uri = asked.request_uri or row.request_uri
    row.visibility, row.published_at = asked.seen_by, asked.published_at
    unit.flush()
    return row


def ask_author(
    unit: Unit, actor: Actor, status: Status, asked: Asked, reply: Status | None = None
) -> InteractionRequest:
    """Note what waits for the author's consent, and tell of it. `reply` is the status that answers or quotes."""
    row = note_request(unit, actor, status, asked)
    if reply is not None:
        row.reply_id = reply.id
    if not status.local:
        row.accepted_at = None  # what is done again there needs an authorization of its own
    unit.flush()
    unit.publish(InteractionRequested(row, reply or status))
    return row


def announce_settled(unit: Unit, row: InteractionRequest) -> None:
    """Tell that a request waits no more. Call while the status that answers or quotes is still there."""
    unit.publish(InteractionSettled(row.wish, row.actor_id, row.reply_id or row.status_id))


def verdict_on(session: Session, actor: Actor, status: Status, interaction: Interaction) -> Approval:
    """Say whether an actor needs consent for what it does with a status it may read: AUTOMATIC, MANUAL or DENIED.

    What others do with statuses of others, others settle. Elsewhere an actor of ours needs the word of the author's
    server also where the policy lets a group: nobody else can tell who belongs to it.
    """
    if not (status.local or actor.is_local):
        return Approval.AUTOMATIC
    verdict = judge(session, actor, status, interaction)
    if verdict is Approval.UNKNOWN:
        return Approval.MANUAL
    by_group = verdict is Approval.AUTOMATIC and not status.local and _is_by_group(session, actor, status, interaction)
    return Approval.MANUAL if by_group else verdict


def _is_by_group(session: Session, actor: Actor, status: Status, interaction: Interaction) -> bool:
    """True if it is only a follow, one way or the other, that lets an actor do something at once."""
    if not names_followers(status.interaction_policy, interaction):
        return False
    without = replace(bond(session, actor, status), follows=False, followed=False)
    return approval(status.interaction_policy, interaction, without) is not Approval.AUTOMATIC


def needs_authorization(status: Status, asked: Asked) -> bool:
    """True if others can only know from an authorization of ours that this is allowed.

    That is so if somebody asked for one, and where not everybody may: who belongs to a group, nobody else can tell.
    """
    return asked.request_uri is not None or not is_for_everybody(status.interaction_policy, INTERACTIONS[asked.wish])


def authorize_at_once(
    unit: Unit, actor: Actor, status: Status, asked: Asked, reply: Status | None = None
) -> str | None:
    """Return what tells others that one of ours may do what it does with a status of ours; None if nobody needs it.

    The caller has judged that it may at once. `reply` is the status that answers.
    """
    if not status.local or actor.id == status.actor_id or not needs_authorization(status, asked):
        return None
    row = note_request(unit, actor, status, asked)
    row.accepted_at = row.accepted_at or unit.now
    row.reply_id = reply.id if reply else None
    unit.flush()
    return unit.instance.authorization_uri(unit.get_one(Actor, status.actor_id).uri, row.id)


def take_back_request(unit: Unit, actor_id: int, wish: Wish, *, uri: str | None, status_id: int | None) -> bool:
    """Forget what an actor no longer wants, if it still waits: named by its id, or by the status. True if it did."""
    same = InteractionRequest.interaction_uri == uri if uri else InteractionRequest.status_id == status_id
    row = unit.scalar(select(InteractionRequest).where(InteractionRequest.wish == wish, same, *_waiting_of(actor_id)))
    if row is None:
        return (
            uri is not None
            and status_id is not None
            and take_back_request(unit, actor_id, wish, uri=None, status_id=status_id)
        )
    announce_settled(unit, row)
    unit.execute(delete(InteractionRequest).where(InteractionRequest.id == row.id))
    unit.expunge(row)
    return True


def settle_all_about(unit: Unit, status: Status) -> None:
    """Tell that nothing waits for consent about a status any more: it is about to go."""
    waiting = select(InteractionRequest).where(InteractionRequest.status_id == status.id, *_WAITING)
    for row in unit.scalars(waiting).all():
        announce_settled(unit, row)


def settle_quote(unit: Unit, status_id: int, *, accepted: bool) -> None:
    """Note that it was decided otherwise than by its request whether a status may quote: by an edit of the consent."""
    row = unit.scalar(
        select(InteractionRequest).where(
            InteractionRequest.wish == Wish.QUOTE, InteractionRequest.reply_id == status_id, *_WAITING
        )
    )
    if row is not None:
        row.accepted_at, row.rejected_at = (unit.now, None) if accepted else (None, unit.now)
        unit.flush()
        announce_settled(unit, row)


def forget_quote_request(unit: Unit, status_id: int) -> None:
    """Forget that a status wanted to quote: it quotes nothing any more, or something else."""
    unit.execute(
        delete(InteractionRequest).where(
            InteractionRequest.wish == Wish.QUOTE, InteractionRequest.reply_id == status_id
        )
    )


_WAITING = (InteractionRequest.accepted_at.is_(None), InteractionRequest.rejected_at.is_(None))


def _waiting_of(actor_id: int) -> tuple[ColumnElement[bool], ...]:
    return (InteractionRequest.actor_id == actor_id, *_WAITING)
