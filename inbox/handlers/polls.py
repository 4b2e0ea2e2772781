"""Votes of others in polls of ours: Notes that say nothing but the words of an option (FEP-9967), PieFed's PollVote."""

from functools import partial

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import Session

from activitypub.access import may_read
from activitypub.caps import CAPS
from activitypub.graph.polls import find_poll, is_over, own_votes, titles, vote
from activitypub.graph.relationships import is_blocked_between
from activitypub.graph.statuses import find_status
from activitypub.models import Actor, PollVote, Status
from activitypub.properties import one_line
from activitypub.unit import Unit
from activitypub.vocabulary import Activity, RemoteStatus
from inbox.arrival import Arrival, Effect, Ignored


class Ballot(Struct, frozen=True):
    """One vote: its id, the poll, and the words of the option."""

    uri: str
    poll_uri: str
    chosen: str


async def receive_vote(ctx: Arrival, remote: RemoteStatus, sender: Actor) -> Effect | Ignored:
    """Somebody chose an option of a poll, which has to be one of ours."""
    if not await ctx.resolver.ctx.db.read(_is_ours, remote.in_reply_to):
        return Ignored("votes in a poll that is not here")
    if remote.attributed_to != sender.uri:
        return Ignored("brings the vote of somebody else")
    ballot = Ballot(remote.uri, remote.in_reply_to or "", remote.title or "")
    return partial(_store_vote, ballot=ballot, sender=sender)


async def receive_poll_vote(ctx: Arrival, activity: Activity, sender: Actor) -> Effect | Ignored:
    """Somebody chose an option, in the words of PieFed."""
    poll_uri = activity.object.uri
    if poll_uri is None or not await ctx.resolver.ctx.db.read(_is_ours, poll_uri):
        return Ignored("votes in a poll that is not here")
    chosen = one_line(activity.document, "choice_text", CAPS.name_characters)
    return partial(_store_vote, ballot=Ballot(activity.id, poll_uri, chosen), sender=sender)


def _is_ours(session: Session, status_uri: str | None) -> bool:
    status = find_status(session, status_uri) if status_uri else None
    return status is not None and status.local and find_poll(session, status.id) is not None


def _store_vote(unit: Unit, *, ballot: Ballot, sender: Actor) -> None:
    """Count a vote of the sender, unless it comes twice, too late, or from somebody who may not see the poll.

    Of whoever may choose one option only the first choice counts.
    """
    status = find_status(unit, ballot.poll_uri)
    if status is None or not status.local:
        return
    poll = find_poll(unit, status.id, lock=True)
    if poll is None or is_over(poll, unit.now) or not _may_vote(unit, sender, status):
        return
    names, chosen = titles(poll), own_votes(unit, status.id, sender.id)
    if ballot.chosen not in names or (chosen and not poll.multiple):
        return
    choice = names.index(ballot.chosen)
    is_known = unit.scalar(select(PollVote.id).where(PollVote.uri == ballot.uri)) is not None
    if choice not in chosen and not is_known:
        vote(unit, status, poll, sender, [choice], uris={choice: ballot.uri})


def _may_vote(unit: Unit, sender: Actor, status: Status) -> bool:
    return may_read(unit, sender, status.id) and not is_blocked_between(unit, sender.id, status.actor_id)
