"""Quoting, saying who may, and taking the consent back, as a local actor does it.

https://docs.joinmastodon.org/client/quotes/, https://docs.joinmastodon.org/methods/statuses/#revoke_quote
"""

from sqlalchemy import select

from activitypub.access import OPEN, Approval, Group, Interaction, part_of_policy, readable_by
from activitypub.documents import STATUS_OPTIONS
from activitypub.graph.quotes import QuoteClaim, end_quote, find_quote_of, judge
from activitypub.models import Actor, Quote, QuoteState, Status
from activitypub.unit import Unit
from activitypub.vocabulary import Visibility
from fediverse_kommune.models import QuotePolicy
from fediverse_kommune.services.interactions import find_readable
from fediverse_kommune.services.refusals import Forbidden, Invalid, NotFound
from outbox import send, send_consent

POLICIES: dict[QuotePolicy, dict[str, list[str]]] = {
    QuotePolicy.PUBLIC: part_of_policy(Group.PUBLIC),
    QuotePolicy.FOLLOWERS: part_of_policy(Group.FOLLOWERS),
    QuotePolicy.NOBODY: part_of_policy(Group.AUTHOR),
}

OPEN_STATES = (QuoteState.ACCEPTED, QuoteState.PENDING)


def find_quotable(unit: Unit, author: Actor, status_id: int | None) -> Status | None:
    """Return the status that an author wants to quote; an announce stands for what it passes on (row H07).

    Raises `NotFound`, with one text for what is not there, may not be read, or may not be quoted.
    """
    if status_id is None:
        return None
    try:
        status = find_readable(unit, author, status_id)
    except NotFound:
        status = None
    if status is None or judge(unit, author, status) is Approval.DENIED:
        raise NotFound("The post you want to quote does not exist, or may not be quoted.")
    return status


def claim_of(
    quoted: Status | None, author: Actor, *, visibility: Visibility, local_only: bool, mentions: list[int]
) -> QuoteClaim | None:
    """Return what a new post says it quotes. Raises `Invalid` for a quote that could never be shown to its readers."""
    if quoted is None:
        return None
    if local_only and not quoted.local:
        raise Invalid("A post that stays on this server cannot quote one from another: its author could not be asked.")
    if visibility is Visibility.DIRECT and quoted.actor_id not in (author.id, *mentions):
        raise Invalid("A post for the people it mentions can only quote one of theirs, or your own.")
    return QuoteClaim(quoted.uri)


def part_for(visibility: Visibility, wanted: QuotePolicy) -> dict[str, list[str]]:
    """Return who may quote a post, as it is stored: as asked for, but a narrow one only its author."""
    return POLICIES[wanted if visibility in OPEN else QuotePolicy.NOBODY]


def set_policy(unit: Unit, author: Actor, status_id: int, wanted: QuotePolicy) -> Status:
    """Say anew who may quote an own post; quotes that hold go on holding. Raises `NotFound`, `Forbidden`."""
    status = find_readable(unit, author, status_id)
    if status.actor_id != author.id:
        raise Forbidden("Only its author decides who may quote a post.")
    if change_policy(unit, status, wanted):
        send.send_status_update(unit, status)
    return status


def change_policy(unit: Unit, status: Status, wanted: QuotePolicy | None) -> bool:
    """Store who may quote a post, if it is said; True if that is something else than before. The caller tells of it."""
    if wanted is None:
        return False
    part = part_for(status.visibility, wanted)
    if status.interaction_policy.get(Interaction.QUOTE) == part:
        return False
    status.interaction_policy = {**status.interaction_policy, Interaction.QUOTE.value: part}
    unit.flush()
    return True


def revoke(unit: Unit, author: Actor, status_id: int, quoting_id: int) -> Status:
    """Take a quote of an own post back, tell whoever may have seen it, and return the post that quoted.

    Raises `NotFound` if there is no such quote for this author to know of, `Forbidden` if not they are quoted.
    """
    quoted = find_readable(unit, author, status_id)
    quoting = unit.scalar(select(Status).where(Status.id == quoting_id, readable_by(author)).options(*STATUS_OPTIONS))
    row = find_quote_of(unit, quoting.id) if quoting else None
    if quoting is None or row is None or row.quoted_id != quoted.id:
        raise NotFound
    if quoted.actor_id != author.id:
        raise Forbidden("Only the author of the quoted post can take its quote back.")
    if row.state in OPEN_STATES:
        _take_back(unit, row, quoted, quoting)
    return quoting


def revoke_all_by(unit: Unit, author: Actor, quoter: Actor) -> None:
    """Take back all that `quoter` quotes of an author, who wants to have nothing to do with them any more."""
    rows = unit.execute(
        select(Quote, Status)
        .join(Status, Status.id == Quote.status_id)
        .where(Quote.quoted_actor_id == author.id, Status.actor_id == quoter.id, Quote.state.in_(OPEN_STATES))
        .options(*STATUS_OPTIONS)
        .order_by(Quote.id)
    ).all()
    for row, quoting in rows:
        _take_back(unit, row, unit.get_one(Status, row.quoted_id), quoting)


def _take_back(unit: Unit, row: Quote, quoted: Status, quoting: Status) -> None:
    stamp_uri = row.stamp_uri
    end_quote(unit, row, QuoteState.REVOKED)
    if stamp_uri:
        send_consent.send_quote_revoke(unit, stamp_uri, quoted, quoting)
    if quoting.local:
        send.send_status_update(unit, quoting)
