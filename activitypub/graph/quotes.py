"""Quotes and what becomes of them: asked for, accepted, rejected, revoked; wherever the two statuses were written.

A quote of a local status holds because its author, or the author's policy, says so; then there is a stamp, a
QuoteAuthorization at our origin. A quote of a remote status holds if both have one author, if the quoted status
mentions who quotes it, or if a stamp was read from the quoted author's origin (`Resolver.quote_claim`) or came in the
author's own Accept. FEP-044f, https://docs.joinmastodon.org/client/quotes/
"""

from collections.abc import Sequence
from functools import cache

from msgspec import Struct
from sqlalchemy import ColumnElement, Insert, String, Update, bindparam, delete, exists, insert, select, update
from sqlalchemy.orm import Session

from activitypub.access import OPEN, Approval, bond, may_read, quote_approval
from activitypub.events import QuoteAccepted, QuoteEnded
from activitypub.graph.requests import Asked, ask_author, forget_quote_request, settle_quote
from activitypub.models import Actor, Mention, Quote, QuoteState, Status, Wish, attach, new_id
from activitypub.models.base import Id
from activitypub.unit import Unit


class QuoteClaim(Struct, frozen=True):
    """What a status quotes by its own word. `stamp_uri` is a stamp for this very pair that its origin has shown us.

    `is_unstamped` if the status shows none, or one of which its origin knows nothing; neither if nobody could be asked.
    """

    quoted_uri: str
    stamp_uri: str | None = None
    is_unstamped: bool = False


def find_quote_of(session: Session, status_id: int) -> Quote | None:
    """Return the quote in a status."""
    return session.scalar(select(Quote).where(Quote.status_id == status_id))


def find_by_request(session: Session, request_uri: str) -> Quote | None:
    """Return the quote that a QuoteRequest with this id asked for."""
    return session.scalar(select(Quote).where(Quote.request_uri == request_uri))


def find_by_stamp(session: Session, stamp_uri: str) -> Quote | None:
    """Return the quote that this stamp allows, or allowed."""
    return session.scalar(select(Quote).where(Quote.stamp_uri == stamp_uri))


def judge(session: Session, quoter: Actor, quoted: Status) -> Approval:
    """Say what the policy of a status makes of a quote by an actor; what few may read they may not quote."""
    if quoted.held or not may_read(session, quoter, quoted.id):
        return Approval.DENIED
    return quote_approval(quoted.interaction_policy, quoted.visibility, bond(session, quoter, quoted))


def record_quote(unit: Unit, status: Status, claim: QuoteClaim) -> Quote:
    """Store what a status quotes, and decide as far as can be decided now. `status.actor` is loaded."""
    quoted = unit.scalar(select(Status).where(Status.uri == claim.quoted_uri))
    quote_id = new_id(unit.now)
    row = Quote(
        id=quote_id,
        status_id=status.id,
        quoted_uri=claim.quoted_uri,
        quoted_id=quoted.id if quoted else None,
        quoted_actor_id=quoted.actor_id if quoted else None,
        state=QuoteState.PENDING,
        request_uri=unit.instance.activity_uri(status.actor.uri, "quote", quote_id) if status.local else None,
        stamp_uri=None,
        created_at=unit.now,
    )
    unit.run(_insert_quote(), {column.name: getattr(row, column.name) for column in Quote.__table__.c})
    stored = unit.get_one(Quote, quote_id)
    if quoted is not None:
        _decide(unit, stored, status, quoted, claim.stamp_uri)
    attach(status, quote=stored)
    return stored


def update_quote(unit: Unit, status: Status, claim: QuoteClaim | None) -> None:
    """Follow an edit: what a status quotes came, went, or was given its stamp."""
    row = find_quote_of(unit, status.id)
    if row is not None and (claim is None or claim.quoted_uri != row.quoted_uri):
        _remove(unit, row, status)
        row = None
    if claim is None:
        return
    if row is None:
        record_quote(unit, status, claim)
    elif claim.stamp_uri and claim.stamp_uri != row.stamp_uri:
        accept_quote(unit, row, stamp_uri=claim.stamp_uri)
    elif claim.is_unstamped and row.stamp_uri and not unit.instance.owns(row.stamp_uri):
        end_quote(unit, row, QuoteState.REVOKED)


def accept_quote(unit: Unit, row: Quote, *, stamp_uri: str | None) -> None:
    """Let a quote hold, by this stamp. One that holds already takes over the stamp."""
    fresh = row.state is not QuoteState.ACCEPTED
    row.state, row.stamp_uri = QuoteState.ACCEPTED, stamp_uri or row.stamp_uri
    unit.flush()
    if fresh:
        settle_quote(unit, row.status_id, accepted=True)
        status = unit.get_one(Status, row.status_id)
        _count(unit, row, status, by=1)
        unit.publish(QuoteAccepted(row, status))


def stamp_quote(unit: Unit, row: Quote, author: Actor) -> None:
    """Let a quote of a status by `author`, one of ours, hold by a stamp of our own."""
    accept_quote(unit, row, stamp_uri=row.stamp_uri or unit.instance.quote_stamp_uri(author.uri, row.id))


def end_quote(unit: Unit, row: Quote, state: QuoteState) -> None:
    """Let a quote hold no longer, or never: rejected, revoked, or the quoted status is gone."""
    held = row.state is QuoteState.ACCEPTED
    if row.state is QuoteState.PENDING:
        settle_quote(unit, row.status_id, accepted=False)
    row.state, row.stamp_uri = state, None
    unit.flush()
    if held:
        status = unit.get_one(Status, row.status_id)
        _count(unit, row, status, by=-1)
        unit.publish(QuoteEnded(row, status))


def adopt_quotes(unit: Unit, quoted: Status) -> None:
    """Tie quotes that arrived before this status to it. A stamp for them is read when somebody says it again."""
    waiting = Quote.quoted_uri == quoted.uri, Quote.quoted_id.is_(None)
    for row in unit.scalars(select(Quote).where(*waiting)).all():
        row.quoted_id, row.quoted_actor_id = quoted.id, quoted.actor_id
        unit.flush()
        status = unit.scalars(select(Status).where(Status.id == row.status_id)).one()
        if _needs_no_stamp(unit, status, quoted):
            accept_quote(unit, row, stamp_uri=None)


def waiting_quote() -> ColumnElement[bool]:
    """Return whether a quote waits for the status `:uri`, as a column."""
    return exists().where(Quote.quoted_uri == bindparam("uri", type_=String), Quote.quoted_id.is_(None))


def forget_quotes(unit: Unit, status: Status) -> None:
    """Let go of all quotes in and of a status that is about to go."""
    row = find_quote_of(unit, status.id)
    if row is not None:
        _remove(unit, row, status)
    unit.execute(
        update(Quote)
        .where(Quote.quoted_id == status.id, Quote.state.in_((QuoteState.ACCEPTED, QuoteState.PENDING)))
        .values(state=QuoteState.DELETED, stamp_uri=None)
        .execution_options(synchronize_session=False)
    )


def quoters_of(session: Session, status_id: int) -> Sequence[Quote]:
    """Return the quotes of a status that hold."""
    return session.scalars(select(Quote).where(Quote.quoted_id == status_id, Quote.state == QuoteState.ACCEPTED)).all()


# --------------------------------------------------------------------------------------------- the steps


def _decide(unit: Unit, row: Quote, status: Status, quoted: Status, stamp_uri: str | None) -> None:
    if status.actor_id == quoted.actor_id:
        accept_quote(unit, row, stamp_uri=None)
    elif quoted.local:
        _decide_here(unit, row, status, quoted)
    elif stamp_uri is not None or _needs_no_stamp(unit, status, quoted):
        accept_quote(unit, row, stamp_uri=stamp_uri)


def _decide_here(unit: Unit, row: Quote, status: Status, quoted: Status) -> None:
    """Apply the policy of a status of ours, also to a quote by software that never asks."""
    match judge(unit, status.actor, quoted):
        case Approval.AUTOMATIC:
            stamp_quote(unit, row, unit.get_one(Actor, quoted.actor_id))
        case Approval.DENIED:
            end_quote(unit, row, QuoteState.REJECTED)
        case _:  # the author is asked
            asked = Asked(Wish.QUOTE, status.uri, row.request_uri)
            ask_author(unit, status.actor, quoted, asked, status)


def _needs_no_stamp(session: Session, status: Status, quoted: Status) -> bool:
    """True for one's own and for whoever the quoted status mentions (FEP-044f, "Verifying third-party quote posts")."""
    if status.actor_id == quoted.actor_id:
        return True
    named = select(Mention.actor_id).where(Mention.status_id == quoted.id, Mention.actor_id == status.actor_id)
    return session.scalar(named) is not None


def _remove(unit: Unit, row: Quote, status: Status) -> None:
    end_quote(unit, row, QuoteState.DELETED)
    forget_quote_request(unit, status.id)
    unit.execute(delete(Quote).where(Quote.id == row.id).execution_options(synchronize_session=False))
    unit.expunge(row)
    attach(status, quote=None)


def _count(unit: Unit, row: Quote, status: Status, *, by: int) -> None:
    """Move the counter of the quoted status. As with replies, what not everybody may see counts nowhere."""
    if row.quoted_id is not None and status.visibility in OPEN:
        unit.run(_count_quote(), {"quoted": row.quoted_id, "step": by})


@cache
def _count_quote() -> Update:
    values = {"quotes_count": Status.quotes_count + bindparam("step")}
    return update(Status).where(Status.id == bindparam("quoted", type_=Id)).values(values)


@cache
def _insert_quote() -> Insert:
    return insert(Quote)
