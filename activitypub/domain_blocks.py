"""Which domains this town has shut out, kept in memory because every request asks.

A block covers the domain and everything below it, in canonical form (row I01), but what is allowed below it: of two
decisions the one with the longer name counts, and of two on one name the block (docs/decisions/0023). With
`limited_federation` everybody is shut out but ourselves and the domains that moderators allow. Read again every few
seconds, so a decision made in another process holds here soon, too; `forget()` makes it hold at once in this one.
"""

from collections.abc import Collection, Mapping, Sequence

from msgspec import Struct, field
from sqlalchemy import select
from sqlalchemy.orm import Session

from activitypub.instance import LocalInstance
from activitypub.kept import Kept
from activitypub.models import DomainAllow, DomainBlock, Severity
from activitypub.unit import UnitsOfWork


class Policy(Struct, frozen=True):
    """What moderators decided about domains. With `only_allowed` nobody is welcome who is not allowed."""

    blocked: Mapping[str, Severity] = field(default_factory=dict)
    allowed: frozenset[str] = frozenset()
    only_allowed: bool = False

    def severity(self, host: str) -> Severity | None:
        """Return how far a host is shut out, with or without port; None if it is welcome."""
        names = with_parents(host)
        if self.only_allowed and self.allowed.isdisjoint(names):
            return Severity.SUSPEND
        return strictest(self.blocked, not_excepted(names, self.allowed))


class DomainBlocks:
    """Answers how far a host is shut out."""

    def __init__(self, db: UnitsOfWork, instance: LocalInstance) -> None:
        self._instance = instance
        self._policy = Kept(lambda: db.read(read_policy, instance))

    async def severity(self, host: str) -> Severity | None:
        """Return how far `host` (canonical, with or without port) is shut out; None if it is welcome."""
        policy = await self._policy.get()
        return None if host in self._instance.hosts else policy.severity(host)

    async def is_suspended(self, host: str) -> bool:
        """True if nothing goes to or comes from `host`."""
        return await self.severity(host) is Severity.SUSPEND

    def forget(self) -> None:
        """Read the list again at the next question; what is being read just now may be out of date."""
        self._policy.forget()


def read_policy(session: Session, instance: LocalInstance) -> Policy:
    """Return what moderators decided about domains, in one statement or two."""
    rows = session.execute(
        select(DomainBlock.domain, DomainBlock.severity).where(DomainBlock.severity != Severity.NOOP)
    )
    blocked = {domain: Severity(severity) for domain, severity in rows}
    if not blocked and not instance.limited_federation:
        return Policy()
    allowed = frozenset(session.scalars(select(DomainAllow.domain)))
    return Policy(blocked, allowed, only_allowed=instance.limited_federation)


def suspended_hosts(session: Session, instance: LocalInstance, hosts: Collection[str]) -> frozenset[str]:
    """Return those of `hosts` that are shut out, by themselves or by a domain above them."""
    policy = read_policy(session, instance)
    return frozenset(host for host in hosts if policy.severity(host) is Severity.SUSPEND)


def strictest(blocks: Mapping[str, Severity], names: Collection[str]) -> Severity | None:
    """Return the strictest of the blocks on these names."""
    found = {blocks[name] for name in names if name in blocks}
    if Severity.SUSPEND in found:
        return Severity.SUSPEND
    return Severity.SILENCE if Severity.SILENCE in found else None


def not_excepted(names: Sequence[str], allowed: Collection[str]) -> Sequence[str]:
    """Return those of a host's names, longest first, whose blocks hold: none above a name that is allowed."""
    ends = next((place for place, name in enumerate(names, start=1) if name in allowed), len(names))
    return names[:ends]


def with_parents(host: str) -> list[str]:
    """Return the host without its port, and every domain above it: a.b.example → a.b.example, b.example, example."""
    labels = host.rpartition(":")[0].split(".") if _has_port(host) else host.split(".")
    return [".".join(labels[start:]) for start in range(len(labels))]


def _has_port(host: str) -> bool:
    return not host.endswith("]") and host.rpartition(":")[2].isdigit() and ":" in host
