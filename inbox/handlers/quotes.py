"""QuoteRequest, its answers, and the end of a stamp. FEP-044f."""

from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from activitypub.access import Approval, may_read
from activitypub.documents import STATUS_OPTIONS
from activitypub.graph.quotes import (
    QuoteClaim,
    accept_quote,
    end_quote,
    find_by_request,
    find_by_stamp,
    find_quote_of,
    judge,
    record_quote,
    stamp_quote,
)
from activitypub.graph.remote import remote_draft
from activitypub.graph.statuses import create_status, find_status, is_buried
from activitypub.models import Actor, Quote, QuoteState, Status
from activitypub.parse import Unreadable, parse_status
from activitypub.properties import one_uri, reference
from activitypub.unit import Unit
from activitypub.uris import same_origin
from activitypub.vocabulary import Activity, Reference, RemoteStatus
from inbox.arrival import Arrival, Effect, Ignored
from inbox.handlers.around import look_around
from outbox.consent_activities import QuoteAsked
from outbox.send import send_status_update
from outbox.send_consent import send_quote_accept, send_quote_reject


async def receive_quote_request(ctx: Arrival, activity: Activity, sender: Actor) -> Effect | Ignored:
    """Somebody asks to quote one of our statuses. The post that does so usually comes along in `instrument`."""
    quoted_uri, instrument = activity.object.uri, reference(activity.document.get("instrument"))
    if quoted_uri is None or not ctx.resolver.ctx.instance.owns(quoted_uri):
        return Ignored("asks to quote what is not ours")
    if instrument is None or instrument.uri is None or not same_origin(instrument.uri, sender.uri):
        return Ignored("asks to quote in a post of another server")
    asked = QuoteAsked(activity.id, quoted_uri, instrument.uri)
    if instrument.document is None:
        # It may only be for followers, and then nobody shows it to us: its author's word is all there is.
        await ctx.resolver.status(instrument.uri, ctx.budget)
        return partial(_answer_request, sender=sender, asked=asked, remote=None)
    return partial(_answer_request, sender=sender, asked=asked, remote=_own_post(ctx, instrument, sender, quoted_uri))


def _own_post(ctx: Arrival, instrument: Reference, sender: Actor, quoted_uri: str) -> RemoteStatus:
    """Return the post that quotes, as its author has just sent it. Raises `Unreadable`."""
    remote = parse_status(instrument.document or {}, allow_http=ctx.test_network)
    if remote.attributed_to != sender.uri:
        raise Unreadable("The post that quotes is not the sender's.")
    if remote.quote != quoted_uri:
        raise Unreadable("The post quotes something else than the request says.")
    return remote


def _answer_request(unit: Unit, *, sender: Actor, asked: QuoteAsked, remote: RemoteStatus | None) -> None:
    """Decide by the policy of the quoted status: yes, no, or its author is asked."""
    quoted = unit.scalar(select(Status).where(Status.uri == asked.quoted_uri).options(*STATUS_OPTIONS))
    if quoted is None or not quoted.local or not may_read(unit, sender, quoted.id):
        return  # silence: who may not read it does not learn that it is there (row H04)
    answer = judge(unit, sender, quoted)
    if answer is Approval.DENIED:
        send_quote_reject(unit, asked, author=quoted.actor, quoter=sender)
        return
    row = _quote_in(unit, sender, asked, remote)
    if row is None or row.quoted_id != quoted.id:
        return
    if row.request_uri != asked.request_uri:
        row.request_uri = asked.request_uri
        unit.flush()
    if row.state in (QuoteState.REJECTED, QuoteState.REVOKED):
        send_quote_reject(unit, asked, author=quoted.actor, quoter=sender)
    elif answer is Approval.AUTOMATIC or row.state is QuoteState.ACCEPTED:
        stamp_quote(unit, row, quoted.actor)
        send_quote_accept(unit, asked, row, author=quoted.actor, quoter=sender)


def _quote_in(unit: Unit, sender: Actor, asked: QuoteAsked, remote: RemoteStatus | None) -> Quote | None:
    """Return the quote in the post that asks, which is stored if it has not come yet."""
    status = find_status(unit, asked.quoting_uri)
    if status is None:
        if remote is None or is_buried(unit, remote.uri):
            return None
        known = look_around(unit, remote, sender, unit.instance).known
        status = create_status(unit, remote_draft(remote, sender, known, unit.now, QuoteClaim(asked.quoted_uri)))
    if status.actor_id != sender.id:
        return None
    row = find_quote_of(unit, status.id)
    if row is None:
        status = unit.scalars(select(Status).where(Status.id == status.id).options(*STATUS_OPTIONS)).one()
        return record_quote(unit, status, QuoteClaim(asked.quoted_uri))
    return row


async def receive_accept(_ctx: Arrival, activity: Activity, sender: Actor) -> Effect | Ignored:
    """The author we asked lets one of our posts quote."""
    stamp_uri = one_uri(activity.document, "result")
    if stamp_uri is None or not same_origin(stamp_uri, sender.uri):
        return Ignored("accepts a quote without a stamp of its own")
    return partial(_accept, activity=activity, sender=sender, stamp_uri=stamp_uri)


def _accept(unit: Unit, *, activity: Activity, sender: Actor, stamp_uri: str) -> None:
    row = _asked_quote(unit, activity, sender)
    if row is None or row.state is QuoteState.DELETED or find_by_stamp(unit, stamp_uri) not in (None, row):
        return
    if (row.state, row.stamp_uri) != (QuoteState.ACCEPTED, stamp_uri):
        accept_quote(unit, row, stamp_uri=stamp_uri)
        send_status_update(unit, _quoting_status(unit, row))


async def receive_reject(_ctx: Arrival, activity: Activity, sender: Actor) -> Effect | Ignored:
    """The author we asked does not let one of our posts quote, or no longer."""
    return partial(_reject, activity=activity, sender=sender)


def _reject(unit: Unit, *, activity: Activity, sender: Actor) -> None:
    row = _asked_quote(unit, activity, sender)
    if row is None or row.state not in (QuoteState.PENDING, QuoteState.ACCEPTED):
        return
    end_quote(unit, row, QuoteState.REJECTED if row.state is QuoteState.PENDING else QuoteState.REVOKED)
    send_status_update(unit, _quoting_status(unit, row))


def revoke(unit: Unit, *, sender: Actor, stamp_uri: str) -> None:
    """Let a quote go whose stamp its author has deleted; whoever has our post hears of it from us."""
    row = find_by_stamp(unit, stamp_uri)
    if row is None or row.quoted_actor_id != sender.id:
        return
    end_quote(unit, row, QuoteState.REVOKED)
    status = _quoting_status(unit, row)
    if status.local:
        send_status_update(unit, status)


def _asked_quote(session: Session, activity: Activity, sender: Actor) -> Quote | None:
    """Return the quote in a post of ours of which the sender speaks: by the id of our request, or by the two posts."""
    document = activity.object.document or {}
    row = find_by_request(session, activity.object.uri) if activity.object.uri else None
    if row is None:
        row = _quote_between(session, one_uri(document, "instrument"), one_uri(document, "object"))
    if row is None or row.quoted_actor_id != sender.id:
        return None
    return row if session.scalar(select(Status.local).where(Status.id == row.status_id)) else None


def _quote_between(session: Session, quoting_uri: str | None, quoted_uri: str | None) -> Quote | None:
    status = find_status(session, quoting_uri) if quoting_uri else None
    row = find_quote_of(session, status.id) if status else None
    return row if row is not None and row.quoted_uri == quoted_uri else None


def _quoting_status(session: Session, row: Quote) -> Status:
    query = select(Status).where(Status.id == row.status_id).options(*STATUS_OPTIONS)
    return session.scalars(query.execution_options(populate_existing=True)).one()
