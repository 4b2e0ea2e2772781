"""Which servers this town talks to, as administrators decide it.

https://docs.joinmastodon.org/methods/admin/domain_blocks/ and https://docs.joinmastodon.org/methods/admin/domain_allows/
"""

from typing import Any

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import Session

from activitypub.domain_blocks import with_parents
from activitypub.graph.domains import blocks_on_hosts, end_exception, except_domain, hold_to_allowlist, impose, lift
from activitypub.instance import LocalInstance
from activitypub.models import DomainAllow, DomainBlock, Severity, new_id
from activitypub.unit import Unit
from fediverse_kommune.services.refusals import Invalid, NotFound
from fediverse_kommune.services.staff import Done, Officer, Permission, deed
from webfinger.host import InvalidHost, canonical_host

NEEDED = Permission.MANAGE_FEDERATION
COMMENT_LENGTH = 1_000
# From welcome to shut out.
STRICTNESS = (Severity.NOOP, Severity.SILENCE, Severity.SUSPEND)


class BlockForm(Struct, frozen=True):
    """How far a domain is shut out; None leaves it as it is, or as a new block begins."""

    severity: Severity | None = None
    reject_media: bool | None = None
    reject_reports: bool | None = None
    private_comment: str | None = None
    public_comment: str | None = None
    obfuscate: bool | None = None


class AlreadyBlocked(Invalid):
    """There is a block already that shuts the domain out at least as far."""

    def __init__(self, block: DomainBlock) -> None:
        super().__init__(f"You have already imposed stricter limits on {block.domain}.")
        self.block = block


@deed("domain_block.create", NEEDED)
def block_domain(unit: Unit, _officer: Officer, name: str, form: BlockForm) -> Done[DomainBlock]:
    """Shut a domain out, and everything below it. Raises `Invalid`, and `AlreadyBlocked`."""
    domain = canonical_domain(name, unit.instance)
    if domain in {host.partition(":")[0] for host in unit.instance.hosts}:
        raise Invalid("This is our own domain.")
    severity = form.severity or Severity.SILENCE
    _refuse_covered(unit, domain, severity)
    block = DomainBlock(
        domain=domain,
        id=new_id(unit.now),
        severity=severity,
        public_comment="",
        private_comment="",
        reject_media=False,
        reject_reports=False,
        obfuscate=False,
        created_at=unit.now,
    )
    _fill_in(block, form)
    unit.add(block)
    unit.flush()
    impose(unit, block)
    return Done(domain, block, _described(block))


@deed("domain_block.update", NEEDED)
def update_block(unit: Unit, _officer: Officer, block_id: int, form: BlockForm) -> Done[DomainBlock]:
    """Shut a domain out more or less than before. Raises `NotFound`."""
    block = find_block(unit, block_id)
    before = _described(block)
    lift(unit, block)
    _fill_in(block, form)
    unit.flush()
    impose(unit, block)
    return Done(block.domain, block, {"before": before, "after": _described(block)})


@deed("domain_block.delete", NEEDED)
def unblock_domain(unit: Unit, _officer: Officer, block_id: int) -> Done[None]:
    """Shut a domain out no longer. The follows it cost stay lost. Raises `NotFound`."""
    block = find_block(unit, block_id)
    lift(unit, block)
    unit.delete(block)
    return Done(block.domain, None, _described(block))


def find_block(session: Session, block_id: int) -> DomainBlock:
    """Return the block with this number. Raises `NotFound`."""
    block = session.scalar(select(DomainBlock).where(DomainBlock.id == block_id))
    if block is None:
        raise NotFound
    return block


@deed("domain_allow.create", NEEDED)
def allow_domain(unit: Unit, _officer: Officer, name: str) -> Done[DomainAllow]:
    """Talk to a domain where this town talks to none but those allowed, or where one above it is shut out.

    A second time changes nothing.
    """
    domain = canonical_domain(name, unit.instance)
    allow = unit.get(DomainAllow, domain)
    if allow is None:
        allow = DomainAllow(domain=domain, id=new_id(unit.now), created_at=unit.now)
        unit.add(allow)
        unit.flush()
        except_domain(unit, domain)
        hold_to_allowlist(unit)
    return Done(domain, allow)


@deed("domain_allow.delete", NEEDED)
def disallow_domain(unit: Unit, _officer: Officer, allow_id: int) -> Done[None]:
    """Talk to a domain no longer. Follows end where none but allowed domains are talked to. Raises `NotFound`."""
    allow = find_allow(unit, allow_id)
    unit.delete(allow)
    unit.flush()
    end_exception(unit, allow.domain)
    hold_to_allowlist(unit)
    return Done(allow.domain, None)


def find_allow(session: Session, allow_id: int) -> DomainAllow:
    """Return the allowed domain with this number. Raises `NotFound`."""
    allow = session.scalar(select(DomainAllow).where(DomainAllow.id == allow_id))
    if allow is None:
        raise NotFound
    return allow


def canonical_domain(text: str, instance: LocalInstance) -> str:
    """Return a domain as it is stored: in ASCII, without port. Raises `Invalid` for what is none."""
    try:
        host = canonical_host(text.strip().removeprefix("@"), test_network=instance.test_network)
    except InvalidHost as error:
        raise Invalid(f"Validation failed: Domain is not a valid domain name ({error})") from error
    return with_parents(host)[0]


def _refuse_covered(unit: Unit, domain: str, severity: Severity) -> None:
    for block in blocks_on_hosts(unit, [domain]):
        if block.domain == domain or STRICTNESS.index(block.severity) >= STRICTNESS.index(severity):
            raise AlreadyBlocked(block)


def _fill_in(block: DomainBlock, form: BlockForm) -> None:
    changes = {
        "severity": form.severity,
        "reject_media": form.reject_media,
        "reject_reports": form.reject_reports,
        "private_comment": form.private_comment,
        "public_comment": form.public_comment,
        "obfuscate": form.obfuscate,
    }
    for name, value in changes.items():
        if value is None:
            continue
        if isinstance(value, str) and len(value) > COMMENT_LENGTH:
            raise Invalid(f"{name} has more than {COMMENT_LENGTH} characters.")
        setattr(block, name, value)


def _described(block: DomainBlock) -> dict[str, Any]:
    return {
        "severity": str(block.severity),
        "reject_media": block.reject_media,
        "reject_reports": block.reject_reports,
        "obfuscate": block.obfuscate,
    }
