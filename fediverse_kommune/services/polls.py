"""Asking a question and voting, as a local actor does it. https://docs.joinmastodon.org/methods/polls/"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import Session

from activitypub.access import readable_by
from activitypub.events import PollEnded
from activitypub.graph import polls as graph
from activitypub.graph.relationships import is_blocked_between
from activitypub.models import Actor, Poll, Status
from activitypub.unit import Unit
from fediverse_kommune.services.refusals import Invalid, NotFound
from outbox import send

# Mastodon's figures, which `configuration.polls` of the instance tells clients.
OPTIONS = 4
OPTION_CHARACTERS = 50
SHORTEST = timedelta(minutes=5)
LONGEST = timedelta(seconds=2_629_746)  # a twelfth of a year

AT_ONCE = 100  # polls attended to in one round of the agenda
STALE_AFTER = timedelta(minutes=1)  # how old the tallies of a poll elsewhere may be when somebody looks at it


class PollForm(Struct, frozen=True):
    """A question as somebody filled it in. `expires_in` is how long it is open, in seconds."""

    options: Sequence[str]
    expires_in: int | None
    multiple: bool = False
    hide_totals: bool = False


def draft(form: PollForm | None, now: datetime) -> graph.PollDraft | None:
    """Return the poll that a form asks for. Raises `Invalid`."""
    if form is None:
        return None
    # On one line and with single blanks, as others read it: a vote names an option by these very words.
    options = [" ".join(text.split()) for text in form.options]
    check(form, options)
    return graph.PollDraft(
        options=[(title, 0) for title in options],
        multiple=form.multiple,
        expires_at=now + timedelta(seconds=form.expires_in or 0),
        hides_totals=form.hide_totals,
    )


def check(form: PollForm, options: Sequence[str]) -> None:
    """Raise `Invalid` for a poll that nobody could answer, or that lasts too long or not long enough."""
    if any(not title for title in options) or len(options) < 2:
        raise Invalid("A poll needs at least two options, each with a text.")
    if len(options) > OPTIONS:
        raise Invalid(f"A poll has at most {OPTIONS} options.")
    if len(set(options)) < len(options):
        raise Invalid("Two options of the poll are the same.")
    if any(len(title) > OPTION_CHARACTERS for title in options):
        raise Invalid(f"An option of a poll has at most {OPTION_CHARACTERS} characters.")
    if form.expires_in is None:
        raise Invalid("expires_in is missing: for how many seconds can people vote?")
    if not SHORTEST.total_seconds() <= form.expires_in <= LONGEST.total_seconds():
        raise Invalid("A poll is open for at least five minutes and at most a month.")


def find_readable(session: Session, reader: Actor | None, poll_id: int) -> tuple[Status, Poll]:
    """Return a poll and its status, if `reader` may read it. Raises `NotFound`."""
    row = session.execute(
        select(Status, Poll).join(Poll, Poll.status_id == Status.id).where(Status.id == poll_id, readable_by(reader))
    ).one_or_none()
    if row is None:
        raise NotFound
    return row.Status, row.Poll


def own_votes(session: Session, poll_id: int, actor_id: int) -> list[int]:
    """Return what an actor chose in a poll."""
    return graph.own_votes(session, poll_id, actor_id)


def vote(unit: Unit, actor: Actor, poll_id: int, choices: Sequence[int]) -> None:
    """Vote, and tell the author of a poll elsewhere. Raises `NotFound`, `Invalid`."""
    status, _ = find_readable(unit, actor, poll_id)
    poll = graph.find_poll(unit, status.id, lock=True)
    if poll is None or is_blocked_between(unit, actor.id, status.actor_id):
        raise NotFound
    _check_vote(unit, status, poll, actor, choices)
    votes = graph.vote(unit, status, poll, actor, sorted(set(choices)))
    if not status.local:
        send.send_votes(unit, votes, graph.titles(poll), status)


def _check_vote(unit: Unit, status: Status, poll: Poll, actor: Actor, choices: Sequence[int]) -> None:
    if graph.is_over(poll, unit.now):
        raise Invalid("The poll has already ended.")
    if status.actor_id == actor.id:
        raise Invalid("You cannot vote in your own poll.")
    if graph.own_votes(unit, status.id, actor.id):
        raise Invalid("You have already voted in this poll.")
    if not choices:
        raise Invalid("choices is missing: which options do you choose?")
    if any(choice not in range(len(poll.options)) for choice in choices):
        raise Invalid("There is no such option in this poll.")
    if len(set(choices)) > 1 and not poll.multiple:
        raise Invalid("Only one option of this poll can be chosen.")


def is_stale(status: Status, poll: Poll, now: datetime) -> bool:
    """True if the tallies here are old and there may be others where the poll is held."""
    if status.local or poll.fetched_at is None or now - poll.fetched_at < STALE_AFTER:
        return False
    return poll.expires_at is None or poll.fetched_at <= poll.expires_at


def note_fetch(unit: Unit, poll_id: int) -> None:
    """Note that a poll is being read again, so that nobody else does it in the same minute, whatever comes of it."""
    poll = graph.find_poll(unit, poll_id, lock=True)
    if poll is not None:
        poll.fetched_at = unit.now
        unit.flush()


def due(session: Session, now: datetime) -> Sequence[int]:
    """Return polls about which something is due, those first that have waited longest."""
    query = select(Poll.status_id).where(Poll.due_at <= now).order_by(Poll.due_at).limit(AT_ONCE)
    return session.scalars(query).all()


def attend(unit: Unit, poll_id: int) -> None:
    """Do what is due about a poll: tell its new tallies, or its end. One in whose hands it is leaves it to them."""
    poll = unit.scalar(
        select(Poll)
        .where(Poll.status_id == poll_id, Poll.due_at <= unit.now)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    if poll is None:
        return
    status = unit.get_one(Status, poll_id)
    if graph.is_over(poll, unit.now):
        graph.end(unit, poll)
        unit.publish(PollEnded(status))
    else:
        poll.due_at = poll.expires_at
        unit.flush()
    if status.local:
        send.send_status_update(unit, status)
