"""Votes of others in polls of ours: Notes that say nothing but the words of an option (FEP-9967)."""

from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from activitypub.access import may_read
from activitypub.graph.polls import find_poll, is_over, own_votes, titles, vote
from activitypub.graph.relationships import is_blocked_between
from activitypub.graph.statuses import find_status
from activitypub.models import Actor, PollVote, Status
from activitypub.unit import Unit
from activitypub.vocabulary import RemoteStatus
from inbox.arrival import Arrival, Effect, Ignored


async def receive_vote(ctx: Arrival, remote: RemoteStatus, sender: Actor) -> Effect | Ignored:
    """Somebody chose an option of a poll, which has to be one of ours."""
    if not await ctx.resolver.ctx.db.read(_is_ours, remote.in_reply_to):
        return Ignored("votes in a poll that is not here")
    return partial(_store_vote, remote=remote, sender=sender)


def _is_ours(session: Session, status_uri: str | None) -> bool:
    status = find_status(session, status_uri) if status_uri else None
    return status is not None and status.local and find_poll(session, status.id) is not None


def _store_vote(unit: Unit, *, remote: RemoteStatus, sender: Actor) -> None:
    """Count a vote of the sender, unless it comes twice, too late, or from somebody who may not see the poll.

    Of whoever may choose one option only the first choice counts.
    """
    status = find_status(unit, remote.in_reply_to) if remote.in_reply_to else None
    if status is None or not status.local or remote.attributed_to != sender.uri:
        return
    poll = find_poll(unit, status.id, lock=True)
    if poll is None or is_over(poll, unit.now) or not _may_vote(unit, sender, status):
        return
    names, chosen = titles(poll), own_votes(unit, status.id, sender.id)
    if remote.title not in names or (chosen and not poll.multiple):
        return
    choice = names.index(remote.title)
    is_known = unit.scalar(select(PollVote.id).where(PollVote.uri == remote.uri)) is not None
    if choice not in chosen and not is_known:
        vote(unit, status, poll, sender, [choice], uris={choice: remote.uri})


def _may_vote(unit: Unit, sender: Actor, status: Status) -> bool:
    return may_read(unit, sender, status.id) and not is_blocked_between(unit, sender.id, status.actor_id)
