"""What a list of domains would change here, and doing it: all of it or nothing, in one transaction.

A list of others never softens what was decided here, shuts out nobody who is allowed here, and never shuts out
ourselves. Only what a subscribed list has brought itself does it change and take back.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from activitypub.domain_blocks import not_excepted, with_parents
from activitypub.events import DomainPolicyChanged
from activitypub.graph.domains import end_exception, except_domain, hold_to_allowlist, impose, lift
from activitypub.models import Actor, DomainAllow, DomainBlock, Follow, Severity, new_id
from activitypub.unit import Unit
from fediverse_kommune.models import Change, DomainList, ListKind
from fediverse_kommune.services.federation_policy import STRICTNESS
from fediverse_kommune.services.list_formats import FAULTS, Entry, Fault, Parsed
from fediverse_kommune.services.refusals import Invalid
from fediverse_kommune.services.staff import Done, Officer, Permission, deed

NEEDED = Permission.MANAGE_FEDERATION
LISTS_OFF = (
    '[federation] mode is "open": lists that others keep are not taken over. Set it to "blocklist" or "allowlist" for'
    " that."
)

Progress = Callable[[int], None]


class Step(Struct, frozen=True):
    """What becomes of one domain. `follows` end by it."""

    change: Change
    entry: Entry
    follows: int = 0


class Plan(Struct, frozen=True):
    """What a list would change. `left_out` are entries that are not taken, and why."""

    kind: ListKind
    steps: tuple[Step, ...]
    unchanged: int = 0
    left_out: tuple[Fault, ...] = ()

    @property
    def follows(self) -> int:
        """How many follows would end by all of it."""
        return sum(step.follows for step in self.steps)


class _State(Struct, frozen=True):
    """What holds now."""

    blocks: Mapping[str, DomainBlock]
    allows: Mapping[str, DomainAllow]
    own: frozenset[str]
    ties: Counter[str] = field(default_factory=Counter)


@deed("domain_list.import", NEEDED)
def import_list(
    unit: Unit, _officer: Officer, kind: ListKind, parsed: Parsed, source: str, progress: Progress | None = None
) -> Done[Plan]:
    """Take a list over. `source` is what the log calls it. Raises `Invalid` where no lists are taken."""
    plan = plan_import(unit, kind, parsed)
    take_steps(unit, kind, plan.steps, progress=progress)
    return Done(source, plan, {"kind": str(kind), **named(plan.steps)})


def plan_import(unit: Unit, kind: ListKind, parsed: Parsed, list_id: int | None = None) -> Plan:
    """Return what a list would change; with `list_id`, also what that list no longer says. Changes nothing."""
    if not unit.instance.takes_lists:
        raise Invalid(LISTS_OFF)
    state = _state(unit)
    steps: list[Step] = []
    left_out: list[Fault] = []
    for place, entry in enumerate(parsed.entries, start=1):
        reason = _reason_against(state, kind, entry)
        if reason is not None:
            left_out.append(Fault(place, entry.domain, reason))
        elif (step := _step(state, kind, entry, list_id)) is not None:
            steps.append(step)
    unchanged = len(parsed.entries) - len(steps) - len(left_out)
    if list_id is not None:
        steps += _taken_back(state, kind, {entry.domain for entry in parsed.entries}, list_id)
    return Plan(kind, tuple(steps), unchanged, tuple(left_out[:FAULTS]))


def take_steps(
    unit: Unit,
    kind: ListKind,
    steps: Sequence[Step],
    *,
    list_id: int | None = None,
    progress: Progress | None = None,
) -> None:
    """Do all of it. Only domains of which we know somebody cost more than a row."""
    known = _known_names(unit)
    for step in steps:
        if kind is ListKind.BLOCK:
            _limit(unit, step, list_id, is_known=step.entry.domain in known)
        else:
            _let_in(unit, step, list_id)
        if progress is not None:
            progress(1)
    unit.flush()
    if kind is ListKind.ALLOW:
        hold_to_allowlist(unit)
    if any(step.change is Change.REMOVE for step in steps):
        # What one list took back another may still say: it is read again, whatever its ETag.
        unit.execute(update(DomainList).where(DomainList.id != (list_id or 0)).values(etag=""))
    unit.publish(DomainPolicyChanged(""))


def named(steps: Sequence[Step]) -> dict[str, Any]:
    """Return what the log keeps of steps: which domains, by what became of them."""
    found = {str(change): [step.entry.domain for step in steps if step.change is change] for change in Change}
    return {change: domains for change, domains in found.items() if domains}


def all_follows(session: Session) -> int:
    """Return how many follows there are between people here and elsewhere."""
    remote = select(Actor.id).where(Actor.domain.is_not(None))
    between = Follow.follower_id.in_(remote) | Follow.followed_id.in_(remote)
    return session.scalar(select(func.count()).select_from(Follow).where(between)) or 0


def all_of(session: Session, kind: ListKind) -> Sequence[DomainBlock] | Sequence[DomainAllow]:
    """Return what holds now, by name."""
    if kind is ListKind.BLOCK:
        return session.scalars(select(DomainBlock).order_by(DomainBlock.domain)).all()
    return session.scalars(select(DomainAllow).order_by(DomainAllow.domain)).all()


# ---------------------------------------------------------------------------------------------- planning


def _state(unit: Unit) -> _State:
    own = frozenset(host.partition(":")[0] for host in unit.instance.hosts)
    blocks = {row.domain: row for row in unit.scalars(select(DomainBlock))}
    allows = {row.domain: row for row in unit.scalars(select(DomainAllow))}
    return _State(blocks, allows, own, _ties(unit))


def _ties(session: Session) -> Counter[str]:
    """Return how many follows hang on each domain and on those above it."""
    ties: Counter[str] = Counter()
    for end in (Follow.follower_id, Follow.followed_id):
        query = select(Actor.host, Actor.domain, func.count()).join(Follow, end == Actor.id)
        for host, domain, count in session.execute(
            query.where(Actor.domain.is_not(None)).group_by(Actor.host, Actor.domain)
        ):
            for name in {*with_parents(host), *with_parents(domain or host)}:
                ties[name] += count
    return ties


def _reason_against(state: _State, kind: ListKind, entry: Entry) -> str | None:
    if state.own & set(with_parents(entry.domain)) or any(entry.domain in with_parents(own) for own in state.own):
        return "our own"
    if kind is ListKind.BLOCK and entry.domain in state.allows:
        return "allowed here"
    return None


def _step(state: _State, kind: ListKind, entry: Entry, list_id: int | None) -> Step | None:
    """Return what an entry would change, if anything."""
    if kind is ListKind.ALLOW:
        return None if entry.domain in state.allows else Step(Change.ADD, entry)
    held = state.blocks.get(entry.domain)
    if held is None:
        above = [state.blocks[name] for name in _names_that_count(state, entry.domain) if name in state.blocks]
        if any(_stricter(_entry_of(block), entry) == _entry_of(block, entry.domain) for block in above):
            return None
        return Step(Change.ADD, entry, _lost(state, entry, None))
    wanted = entry if list_id is not None and held.list_id == list_id else _stricter(_entry_of(held), entry)
    if wanted == _entry_of(held):
        return None
    return Step(Change.CHANGE, wanted, _lost(state, wanted, held))


def _names_that_count(state: _State, domain: str) -> Sequence[str]:
    return not_excepted(with_parents(domain)[1:], state.allows)


def _lost(state: _State, entry: Entry, held: DomainBlock | None) -> int:
    is_cut = held is not None and held.severity is Severity.SUSPEND
    return state.ties[entry.domain] if entry.severity is Severity.SUSPEND and not is_cut else 0


def _stricter(held: Entry, asked: Entry) -> Entry:
    """Return what is asked for, but in nothing milder than what is held."""
    return replace(
        asked,
        severity=max(held.severity, asked.severity, key=STRICTNESS.index),
        reject_media=held.reject_media or asked.reject_media,
        reject_reports=held.reject_reports or asked.reject_reports,
        public_comment=held.public_comment or asked.public_comment,
        obfuscate=held.obfuscate or asked.obfuscate,
    )


def _entry_of(block: DomainBlock, domain: str = "") -> Entry:
    return Entry(
        domain or block.domain,
        block.severity,
        block.reject_media,
        block.reject_reports,
        block.public_comment,
        block.obfuscate,
    )


def _taken_back(state: _State, kind: ListKind, said: set[str], list_id: int) -> list[Step]:
    """Return the ends of what a list brought and says no longer."""
    if kind is ListKind.BLOCK:
        gone = [row for row in state.blocks.values() if row.list_id == list_id and row.domain not in said]
        return [Step(Change.REMOVE, _entry_of(row)) for row in gone]
    ends = [row.domain for row in state.allows.values() if row.list_id == list_id and row.domain not in said]
    return [Step(Change.REMOVE, Entry(domain), state.ties[domain]) for domain in ends]


# ------------------------------------------------------------------------------------------------- doing


def _known_names(session: Session) -> set[str]:
    """Return every domain, and those above it, of whose actors we know somebody."""
    hosts = session.execute(select(Actor.host, Actor.domain).where(Actor.domain.is_not(None)).distinct())
    return {name for row in hosts for host in row if host for name in with_parents(host)}


def _limit(unit: Unit, step: Step, list_id: int | None, *, is_known: bool) -> None:
    """Begin, change or end a block."""
    block = unit.get(DomainBlock, step.entry.domain)
    if step.change is Change.REMOVE:
        if block is not None:
            if is_known:
                lift(unit, block)
            unit.delete(block)
        return
    if block is None:
        block = DomainBlock(
            domain=step.entry.domain, id=new_id(unit.now), private_comment="", list_id=list_id, created_at=unit.now
        )
        unit.add(block)
    elif is_known:
        lift(unit, block)
    for name in ("severity", "reject_media", "reject_reports", "public_comment", "obfuscate"):
        setattr(block, name, getattr(step.entry, name))
    if is_known:
        unit.flush()
        impose(unit, block)


def _let_in(unit: Unit, step: Step, list_id: int | None) -> None:
    """Allow a domain, or allow it no longer."""
    domain = step.entry.domain
    allow = unit.get(DomainAllow, domain)
    if step.change is Change.REMOVE:
        if allow is not None:
            unit.delete(allow)
            unit.flush()
            end_exception(unit, domain)
    elif allow is None:
        unit.add(DomainAllow(domain=domain, id=new_id(unit.now), list_id=list_id, created_at=unit.now))
        unit.flush()
        except_domain(unit, domain)
