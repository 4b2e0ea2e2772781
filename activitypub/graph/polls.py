"""Polls: asking, voting, counting and ending, wherever the question was asked.

Votes in a poll of ours are rows, and its tallies are counted from them. Of a poll elsewhere we hold the votes of our
own people, and the tallies are its author's word. Source: FEP-9967.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from msgspec import Struct
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session, joinedload

from activitypub.models import Actor, Poll, PollVote, Status, attach, new_id
from activitypub.unit import Unit
from activitypub.vocabulary import RemotePoll

TALLIES_WAIT = timedelta(minutes=3)  # how long new tallies of ours wait to be told, so that many votes make one Update


class PollDraft(Struct, frozen=True):
    """A poll about to be asked: the options with the votes they have, which is none for a new one of ours."""

    options: Sequence[tuple[str, int]]
    multiple: bool
    expires_at: datetime | None
    hides_totals: bool = False
    voters_count: int | None = 0


def remote_poll(poll: RemotePoll | None) -> PollDraft | None:
    """Return what another server says of a poll. The options keep their words: a vote names one of them exactly."""
    if poll is None:
        return None
    return PollDraft(poll.options, poll.multiple, poll.closed_at or poll.ends_at, voters_count=poll.voters_count)


def find_poll(session: Session, status_id: int, *, lock: bool = False) -> Poll | None:
    """Return the poll of a status; `lock` keeps others from changing it until this unit ends."""
    query = select(Poll).where(Poll.status_id == status_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return session.scalar(query)


def ask(unit: Unit, status: Status, draft: PollDraft | None) -> None:
    """Give a new status its poll, if it has one."""
    poll = None
    if draft is not None:
        poll = Poll(status_id=status.id, fetched_at=None if status.local else unit.now)
        _ask(unit, poll, draft)
        unit.add(poll)
        unit.flush()
    attach(status, poll=poll)


def ask_anew(unit: Unit, status: Status, draft: PollDraft | None) -> bool:
    """Bring the poll of an edited status up to date; True if another question is asked now.

    With other options, or another number of choices, the votes so far answer nothing any more and go. `status` has
    `poll` loaded.
    """
    poll = status.poll
    if status.local and status.type in {"Note", "Question"}:
        status.type = "Question" if draft else "Note"
    if poll is None or draft is None:
        if poll is not None:
            unit.execute(delete(Poll).where(Poll.status_id == status.id))
            unit.expunge(poll)
        ask(unit, status, draft)
        return (poll is None) != (draft is None)
    poll = find_poll(unit, status.id, lock=True) or poll
    same = _is_same(poll, draft)
    if not same:
        unit.execute(delete(PollVote).where(PollVote.status_id == status.id))
        _ask(unit, poll, draft)
    elif status.local:
        _set_end(unit, poll, draft)
    else:
        _ask(unit, poll, draft)
        poll.fetched_at = unit.now
    unit.flush()
    return not same


def retell(unit: Unit, status_uri: str, author_id: int, draft: PollDraft | None) -> None:
    """Take over the tallies that the author's server tells. Another question has to come as an edit."""
    theirs = Status.uri == status_uri, Status.actor_id == author_id
    status = unit.scalar(select(Status).where(*theirs).options(joinedload(Status.poll)))
    if status is not None and status.poll is not None and draft is not None and _is_same(status.poll, draft):
        ask_anew(unit, status, draft)


def titles(poll: Poll) -> list[str]:
    """Return the words of the options."""
    return [option["title"] for option in poll.options]


def is_over(poll: Poll, now: datetime) -> bool:
    """True if nobody can vote any more."""
    return poll.expires_at is not None and poll.expires_at <= now


def own_votes(session: Session, status_id: int, actor_id: int) -> list[int]:
    """Return what an actor chose in a poll."""
    mine = select(PollVote.choice).where(PollVote.status_id == status_id, PollVote.actor_id == actor_id)
    return list(session.scalars(mine.order_by(PollVote.choice)))


def vote(
    unit: Unit,
    status: Status,
    poll: Poll,
    actor: Actor,
    choices: Sequence[int],
    *,
    uris: Mapping[int, str] | None = None,
) -> list[PollVote]:
    """Record the votes of an actor and count them. The caller has locked the poll and checked that they may be cast.

    `uris` are the ids under which another server sent them; ours get one of their own.
    """
    is_first = not own_votes(unit, status.id, actor.id)
    votes = []
    for choice in choices:
        vote_id = new_id(unit.now)
        uri = (uris or {}).get(choice) or unit.instance.activity_uri(actor.uri, "votes", vote_id)
        row = PollVote(id=vote_id, uri=uri, status_id=status.id, actor_id=actor.id, choice=choice, created_at=unit.now)
        votes.append(attach(row, actor=actor))
    unit.add_all(votes)
    unit.flush()
    if status.local:
        _count(unit, poll)
    else:
        _count_on(poll, choices, is_first=is_first)
    unit.flush()
    return votes


def end(unit: Unit, poll: Poll) -> None:
    """Note that a poll is over and that those who took part hear of it."""
    poll.announced_at, poll.due_at = unit.now, None
    unit.flush()


def _is_same(poll: Poll, draft: PollDraft) -> bool:
    return titles(poll) == [title for title, _ in draft.options] and poll.multiple == draft.multiple


def _ask(unit: Unit, poll: Poll, draft: PollDraft) -> None:
    poll.options = [{"title": title, "votes": votes} for title, votes in draft.options]
    poll.multiple = draft.multiple
    poll.voters_count = draft.voters_count
    _set_end(unit, poll, draft)


def _set_end(unit: Unit, poll: Poll, draft: PollDraft) -> None:
    """Set when the poll ends. One that is over already, when it is first heard of, or was so, ends for nobody again."""
    moved = poll.expires_at != draft.expires_at
    poll.hides_totals = draft.hides_totals
    poll.expires_at = draft.expires_at
    if moved and poll.announced_at is not None and not is_over(poll, unit.now):
        poll.announced_at = None
    if poll.announced_at is None:
        poll.due_at = draft.expires_at


def _count(unit: Unit, poll: Poll) -> None:
    """Count the votes of a poll of ours, and have the new tallies told, unless they are hidden until the end."""
    cast = (
        select(PollVote.choice, func.count().label("votes"))
        .where(PollVote.status_id == poll.status_id)
        .group_by(PollVote.choice)
    )
    votes = {row.choice: row.votes for row in unit.execute(cast)}
    voters = select(func.count(PollVote.actor_id.distinct())).where(PollVote.status_id == poll.status_id)
    poll.options = [{**option, "votes": votes.get(index, 0)} for index, option in enumerate(poll.options)]
    poll.voters_count = unit.scalar(voters)
    if not poll.hides_totals:
        soon = unit.now + TALLIES_WAIT
        poll.due_at = min(poll.due_at or soon, soon)


def _count_on(poll: Poll, choices: Sequence[int], *, is_first: bool) -> None:
    """Add votes of ours to the tallies of a poll elsewhere, until its server tells new ones."""
    poll.options = [
        {**option, "votes": option["votes"] + (index in choices)} for index, option in enumerate(poll.options)
    ]
    if poll.voters_count is not None and is_first:
        poll.voters_count += 1
