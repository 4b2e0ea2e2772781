"""Subscribed lists: when they are read, what they propose, and who decided about it.

What a list says are proposals, on which an administrator decides. A list may be subscribed to so that it is followed
without asking; even then nothing is done that cuts more than a small share of all follows, or takes back much of what
the list had brought: somebody may have emptied it by mistake, or taken it over.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from msgspec import Struct
from sqlalchemy import Select, delete, select, update
from sqlalchemy.orm import Session

from activitypub.models import DomainAllow, DomainBlock, new_id
from activitypub.unit import Unit
from activitypub.uris import InvalidUri, validated_url
from fediverse_kommune.models import Change, DomainList, DomainProposal, ListKind, ProposalState
from fediverse_kommune.services.domain_lists import LISTS_OFF, NEEDED, Step, all_follows, named, plan_import, take_steps
from fediverse_kommune.services.list_formats import Entry, Parsed
from fediverse_kommune.services.refusals import Invalid, NotFound
from fediverse_kommune.services.staff import COMMAND_LINE, Done, Officer, carry_out, deed

EVERY = timedelta(days=1)
FIRST_PAUSE = timedelta(hours=1)  # after a failure; doubled up to `EVERY`
LISTS = 20
CUT_UNASKED = 10  # follows; or a fiftieth of all, if that is more
TAKEN_BACK_UNASKED = 10  # domains; or a third of what the list had brought, if that is more


class Due(Struct, frozen=True):
    """A list that has to be read."""

    id: int
    url: str
    etag: str


@deed("domain_list.subscribe", NEEDED)
def subscribe(unit: Unit, _officer: Officer, kind: ListKind, url: str, *, automatic: bool) -> Done[DomainList]:
    """Read the list at an address from now on. Raises `Invalid`."""
    if not unit.instance.takes_lists:
        raise Invalid(LISTS_OFF)
    try:
        address = validated_url(url.strip(), allow_http=unit.instance.test_network)
    except InvalidUri as error:
        raise Invalid(f"This is no address from which a list can be read: {error}") from error
    rows = unit.scalars(select(DomainList)).all()
    if any(row.url == address for row in rows):
        raise Invalid("This list is subscribed to already.")
    if len(rows) >= LISTS:
        raise Invalid(f"More than {LISTS} lists cannot be subscribed to.")
    row = DomainList(
        id=new_id(unit.now), kind=kind, url=address, automatic=automatic, created_at=unit.now, next_read_at=unit.now
    )
    unit.add(row)
    unit.flush()
    return Done(address, row, {"kind": str(kind), "automatic": automatic})


@deed("domain_list.unsubscribe", NEEDED)
def unsubscribe(unit: Unit, _officer: Officer, list_id: int) -> Done[None]:
    """Read a list no longer. What it brought stays, as if it had been decided here. Raises `NotFound`."""
    row = find_list(unit, list_id)
    for table in (DomainBlock, DomainAllow):
        unit.execute(update(table).where(table.list_id == row.id).values(list_id=None))
    unit.delete(row)
    unit.flush()
    return Done(row.url, None)


@deed("domain_proposal.accept", NEEDED)
def accept(unit: Unit, _officer: Officer, proposal_ids: Collection[int]) -> Done[int]:
    """Do what was proposed, all of it or nothing. Returns how many it were. Raises `NotFound` if none waits."""
    rows = _waiting(unit, proposal_ids)
    _do(unit, rows)
    return Done(_addresses(unit, rows), len(rows), named([_step_of(row) for row in rows]))


@deed("domain_proposal.refuse", NEEDED)
def refuse(unit: Unit, _officer: Officer, proposal_ids: Collection[int]) -> Done[int]:
    """Leave everything as it is, and be asked the same no more. Raises `NotFound` if none waits."""
    rows = _waiting(unit, proposal_ids)
    for row in rows:
        row.state, row.decided_at = ProposalState.REFUSED, unit.now
    unit.flush()
    return Done(_addresses(unit, rows), len(rows), named([_step_of(row) for row in rows]))


@deed("domain_proposal.follow", NEEDED)
def follow_automatically(unit: Unit, _officer: Officer, list_id: int) -> Done[int]:
    """Do what a list proposes that is followed without asking."""
    row = find_list(unit, list_id)
    rows = waiting_of(unit, list_id)
    _do(unit, rows)
    return Done(row.url, len(rows), {"automatic": True, **named([_step_of(each) for each in rows])})


# ------------------------------------------------------------------------------------------------ reading


def due(session: Session, now: datetime) -> list[Due]:
    """Return the lists to be read now."""
    rows = session.scalars(select(DomainList).where(DomainList.next_read_at <= now).order_by(DomainList.next_read_at))
    return [Due(row.id, row.url, row.etag) for row in rows]


def note_failure(unit: Unit, list_id: int, reason: str) -> None:
    """Note that a list could not be read or not be understood; it is tried again later and later."""
    row = unit.get(DomainList, list_id)
    if row is not None:
        row.failures += 1
        row.last_error = reason[:1_000]
        row.next_read_at = unit.now + min(FIRST_PAUSE * 2 ** min(row.failures - 1, 10), EVERY)


def note_unchanged(unit: Unit, list_id: int) -> None:
    """Note that a list says what it said before."""
    row = unit.get(DomainList, list_id)
    if row is not None:
        _note_read(unit, row)


def take_in(unit: Unit, list_id: int, parsed: Parsed, etag: str) -> None:
    """Propose what a list says now; do it, if that is wanted without asking and cuts little."""
    row = unit.get(DomainList, list_id)
    if row is None:
        return
    if not parsed.entries:
        note_failure(unit, list_id, "No line of the list names a domain.")
        return
    steps = plan_import(unit, row.kind, parsed, list_id).steps
    _propose(unit, row, steps)
    row.etag, row.entries, row.faulty = etag[:255], len(parsed.entries), parsed.faulty
    _note_read(unit, row)
    unit.flush()
    if row.automatic and waiting_of(unit, list_id) and _is_sane(unit, row):
        carry_out(unit, COMMAND_LINE, follow_automatically, list_id)


def cuts_little(cut: int, follows: int, taken_back: int, brought: int) -> bool:
    """True if nobody has to be asked: few of the follows end, and little of what a list brought is taken back."""
    return cut <= max(CUT_UNASKED, follows // 50) and taken_back <= max(TAKEN_BACK_UNASKED, brought // 3)


def _is_sane(unit: Unit, row: DomainList) -> bool:
    waiting = waiting_of(unit, row.id)
    table = DomainBlock if row.kind is ListKind.BLOCK else DomainAllow
    brought = len(unit.scalars(select(table.domain).where(table.list_id == row.id)).all())
    taken_back = sum(each.change is Change.REMOVE for each in waiting)
    return cuts_little(sum(each.follows for each in waiting), all_follows(unit), taken_back, brought)


def _note_read(unit: Unit, row: DomainList) -> None:
    row.read_at, row.next_read_at = unit.now, unit.now + EVERY
    row.failures, row.last_error = 0, None


def _propose(unit: Unit, row: DomainList, steps: Sequence[Step]) -> None:
    """Let exactly what would change wait for a decision, but for what was refused before and is the same."""
    known = {each.domain: each for each in unit.scalars(_proposals(row.id))}
    wanted = {step.entry.domain: step for step in steps}
    for domain, former in known.items():
        if domain not in wanted and former.state is not ProposalState.REFUSED:
            unit.delete(former)
    for domain, step in wanted.items():
        former_one = known.get(domain)
        if former_one is None:
            former_one = DomainProposal(id=new_id(unit.now), list_id=row.id, domain=domain)
            unit.add(former_one)
        elif former_one.state is ProposalState.REFUSED and _step_of(former_one).entry == step.entry:
            continue
        _fill_in(unit, former_one, step)


def _fill_in(unit: Unit, proposal: DomainProposal, step: Step) -> None:
    for name in ("severity", "reject_media", "reject_reports", "public_comment", "obfuscate"):
        setattr(proposal, name, getattr(step.entry, name))
    proposal.change, proposal.follows = step.change, step.follows
    proposal.state, proposal.created_at, proposal.decided_at = ProposalState.WAITING, unit.now, None


# ----------------------------------------------------------------------------------------------- deciding


def all_lists(session: Session) -> Sequence[DomainList]:
    """Return what is subscribed to, the oldest first."""
    return session.scalars(select(DomainList).order_by(DomainList.id)).all()


def find_list(session: Session, list_id: int) -> DomainList:
    """Return a subscribed list. Raises `NotFound`."""
    row = session.get(DomainList, list_id)
    if row is None:
        raise NotFound
    return row


def waiting_of(session: Session, list_id: int) -> Sequence[DomainProposal]:
    """Return what a list proposes and nobody has decided on, by name."""
    waiting = DomainProposal.state == ProposalState.WAITING
    return session.scalars(_proposals(list_id).where(waiting).order_by(DomainProposal.domain)).all()


def _proposals(list_id: int) -> Select[DomainProposal]:
    return select(DomainProposal).where(DomainProposal.list_id == list_id)


def _waiting(session: Session, ids: Collection[int]) -> Sequence[DomainProposal]:
    asked = DomainProposal.id.in_(ids) & (DomainProposal.state == ProposalState.WAITING)
    rows = session.scalars(select(DomainProposal).where(asked).order_by(DomainProposal.domain)).all()
    if not rows:
        raise NotFound
    return rows


def _do(unit: Unit, rows: Sequence[DomainProposal]) -> None:
    by_list: dict[int, list[DomainProposal]] = {}
    for row in rows:
        by_list.setdefault(row.list_id, []).append(row)
    for list_id, proposals in by_list.items():
        steps = [_step_of(row) for row in proposals]
        take_steps(unit, find_list(unit, list_id).kind, steps, list_id=list_id)
    done = [row.id for row in rows]
    unit.execute(delete(DomainProposal).where(DomainProposal.id.in_(done)).execution_options(synchronize_session=False))


def _step_of(row: DomainProposal) -> Step:
    entry = Entry(row.domain, row.severity, row.reject_media, row.reject_reports, row.public_comment, row.obfuscate)
    return Step(row.change, entry, row.follows)


def _addresses(session: Session, rows: Sequence[DomainProposal]) -> str:
    """Return the addresses of the lists that proposed these."""
    ids = {row.list_id for row in rows}
    return " ".join(session.scalars(select(DomainList.url).where(DomainList.id.in_(ids)).order_by(DomainList.url)))
