"""Who may register, and from where: rules about e-mail addresses and networks, and what they say of a newcomer.

https://docs.joinmastodon.org/methods/admin/email_domain_blocks/, ip_blocks/ and canonical_email_blocks/
"""

import hashlib
import re
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import IntEnum
from ipaddress import ip_address, ip_network
from typing import TypeVar

from msgspec import Struct
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from activitypub.domain_blocks import with_parents
from activitypub.models import Base, new_id
from activitypub.unit import Unit
from fediverse_kommune.events import IpBlocksChanged
from fediverse_kommune.models import CanonicalEmailBlock, EmailDomainBlock, IpBlock, IpBlockSeverity, User
from fediverse_kommune.services.federation_policy import canonical_domain
from fediverse_kommune.services.refusals import Invalid, NotFound
from fediverse_kommune.services.staff import Done, Officer, Permission, deed

NEEDED = Permission.MANAGE_BLOCKS
COMMENT_LENGTH = 1_000
WEEK = 7  # days
Row = TypeVar("Row", bound=Base)
_SHA256 = re.compile(r"[0-9a-f]{64}")


class Verdict(IntEnum):
    """What becomes of somebody who registers: the highest of all that is said counts."""

    OPEN = 0
    NEEDS_APPROVAL = 1
    REFUSED = 2


OF_NETWORK = {
    IpBlockSeverity.SIGN_UP_REQUIRES_APPROVAL: Verdict.NEEDS_APPROVAL,
    IpBlockSeverity.SIGN_UP_BLOCK: Verdict.REFUSED,
    IpBlockSeverity.NO_ACCESS: Verdict.REFUSED,
}


def judge_email(session: Session, email: str) -> Verdict:
    """Return what the rules say of somebody with this address, as `accounts.folded_email` leaves it (row I07)."""
    names = EmailDomainBlock.domain.in_(with_parents(email.rpartition("@")[2]))
    verdicts = [
        Verdict.NEEDS_APPROVAL if allow_with_approval else Verdict.REFUSED
        for allow_with_approval in session.scalars(select(EmailDomainBlock.allow_with_approval).where(names))
    ]
    if find_emails(session, canonical_hash(email)):
        verdicts.append(Verdict.REFUSED)
    return max(verdicts, default=Verdict.OPEN)


def judge_network(session: Session, ip: str | None, now: datetime) -> Verdict:
    """Return what the rules say of somebody who comes from this address; None if that is not known."""
    blocks = _blocks_on(session, ip, now) if ip is not None else []
    return max((OF_NETWORK[block.severity] for block in blocks), default=Verdict.OPEN)


def canonical_hash(email: str) -> str:
    """Return the SHA-256 of an address without what makes no difference: case, dots, and what follows a plus."""
    local, _, domain = email.strip().lower().rpartition("@")
    return hashlib.sha256(f"{local.partition('+')[0].replace('.', '')}@{domain}".encode()).hexdigest()


def _blocks_on(session: Session, ip: str, now: datetime) -> list[IpBlock]:
    address = ip_address(ip)
    standing = select(IpBlock).where(or_(IpBlock.expires_at.is_(None), IpBlock.expires_at > now))
    return [block for block in session.scalars(standing) if address in ip_network(block.network)]


# -------------------------------------------------------------------------------------------------- networks


class IpForm(Struct, frozen=True):
    """A rule about a network; None leaves it as it is."""

    network: str | None = None
    severity: IpBlockSeverity | None = None
    comment: str | None = None
    expires_in: int | None = None


@deed("ip_block.create", NEEDED)
def block_ip(unit: Unit, _officer: Officer, form: IpForm) -> Done[IpBlock]:
    """Keep a network out, or from registering. Raises `Invalid`."""
    if form.severity is None:
        raise Invalid("Validation failed: Severity can't be blank")
    block = IpBlock(id=new_id(unit.now), comment="", created_at=unit.now, expires_at=None)
    _fill_in(unit, block, IpForm(form.network or "0.0.0.0/32", form.severity, form.comment, form.expires_in))
    unit.add(block)
    unit.flush()
    unit.publish(IpBlocksChanged())
    return Done(block.network, block, {"severity": str(block.severity)})


@deed("ip_block.update", NEEDED)
def update_ip_block(unit: Unit, _officer: Officer, block_id: int, form: IpForm) -> Done[IpBlock]:
    """Change a rule about a network. Raises `NotFound`, `Invalid`."""
    block = find(unit, IpBlock, block_id)
    _fill_in(unit, block, form)
    unit.flush()
    unit.publish(IpBlocksChanged())
    return Done(block.network, block, {"severity": str(block.severity)})


@deed("ip_block.delete", NEEDED)
def unblock_ip(unit: Unit, _officer: Officer, block_id: int) -> Done[None]:
    """Let a network in again. Raises `NotFound`."""
    block = find(unit, IpBlock, block_id)
    unit.delete(block)
    unit.publish(IpBlocksChanged())
    return Done(block.network, None)


def _fill_in(unit: Unit, block: IpBlock, form: IpForm) -> None:
    if form.network is not None:
        block.network = _network(unit, block, form.network)
    if form.severity is not None:
        block.severity = form.severity
    if form.comment is not None:
        if len(form.comment) > COMMENT_LENGTH:
            raise Invalid(f"comment has more than {COMMENT_LENGTH} characters.")
        block.comment = form.comment
    if form.expires_in is not None:
        if not 0 < form.expires_in <= 10 * 366 * 86_400:
            raise Invalid("expires_in is a number of seconds, ten years at most.")
        block.expires_at = unit.now + timedelta(seconds=form.expires_in)


def _network(unit: Unit, block: IpBlock, text: str) -> str:
    """Return a network in the one form it is stored in. Raises `Invalid` for none, and for one that has a rule."""
    try:
        network = str(ip_network(text.strip(), strict=False))
    except ValueError as error:
        raise Invalid(f"Validation failed: Ip is not a network ({text[:80]!r})") from error
    other = unit.scalar(select(IpBlock.id).where(IpBlock.network == network, IpBlock.id != block.id))
    if other is not None:
        raise Invalid("Validation failed: Ip has already been taken")
    return network


# ------------------------------------------------------------------------------------------------- addresses


@deed("email_domain_block.create", NEEDED)
def block_email_domain(
    unit: Unit, _officer: Officer, name: str, *, allow_with_approval: bool
) -> Done[EmailDomainBlock]:
    """Let nobody register with an address of this domain, or only after approval. Raises `Invalid`."""
    if not name.strip():
        raise Invalid("Validation failed: Domain can't be blank")
    domain = canonical_domain(name, unit.instance)
    if unit.scalar(select(EmailDomainBlock.id).where(EmailDomainBlock.domain == domain)) is not None:
        raise Invalid("Validation failed: Domain has already been taken")
    block = EmailDomainBlock(
        id=new_id(unit.now), domain=domain, allow_with_approval=allow_with_approval, created_at=unit.now
    )
    unit.add(block)
    return Done(domain, block, {"allow_with_approval": allow_with_approval})


@deed("email_domain_block.delete", NEEDED)
def unblock_email_domain(unit: Unit, _officer: Officer, block_id: int) -> Done[None]:
    """Let people register with addresses of a domain again. Raises `NotFound`."""
    block = find(unit, EmailDomainBlock, block_id)
    unit.delete(block)
    return Done(block.domain, None)


@deed("canonical_email_block.create", NEEDED)
def block_email(unit: Unit, _officer: Officer, email: str | None, email_hash: str | None) -> Done[CanonicalEmailBlock]:
    """Let nobody register with an address again, named by itself or by its hash. Raises `Invalid`."""
    digest = canonical_hash(email) if email else (email_hash or "").lower()
    if not _SHA256.fullmatch(digest):
        raise Invalid("Validation failed: Canonical email hash can't be blank")
    if find_emails(unit, digest):
        raise Invalid("Validation failed: Canonical email hash has already been taken")
    block = CanonicalEmailBlock(id=new_id(unit.now), email_hash=digest, created_at=unit.now)
    unit.add(block)
    # The log names the hash: it outlives the block, and must not keep an address longer.
    return Done(digest, block)


@deed("canonical_email_block.delete", NEEDED)
def unblock_email(unit: Unit, _officer: Officer, block_id: int) -> Done[None]:
    """Let somebody register with an address again. Raises `NotFound`."""
    block = find(unit, CanonicalEmailBlock, block_id)
    unit.delete(block)
    return Done(block.email_hash, None)


def find_emails(session: Session, digest: str) -> list[CanonicalEmailBlock]:
    """Return the blocks on an address with this hash."""
    return list(session.scalars(select(CanonicalEmailBlock).where(CanonicalEmailBlock.email_hash == digest)))


def find(session: Session, table: type[Row], row_id: int) -> Row:
    """Return the row with this number. Raises `NotFound`."""
    row = session.get(table, row_id)
    if row is None:
        raise NotFound
    return row


class SignUps(Struct, frozen=True):
    """How many people signed up on a day (its midnight in UTC), from how many networks, as far as those are kept."""

    day: datetime
    people: int
    addresses: int


def sign_ups_by_domain(session: Session, domains: Sequence[str], now: datetime) -> dict[str, list[SignUps]]:
    """Return the sign-ups of the last seven days with addresses of these domains, today first, in one statement.

    Who is turned away is not kept, so the days after a block show none.
    """
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    days = [midnight - timedelta(days=back) for back in range(WEEK)]
    rows = session.execute(select(User.email, User.created_at, User.sign_up_ip).where(User.created_at >= days[-1]))
    met: dict[tuple[str, datetime], list[str | None]] = defaultdict(list)
    for email, created_at, ip in rows:
        for domain in with_parents(email.rpartition("@")[2]):
            met[domain, created_at.replace(hour=0, minute=0, second=0, microsecond=0)].append(ip)
    return {
        domain: [SignUps(day, len(ips := met[domain, day]), len(set(ips) - {None})) for day in days]
        for domain in domains
    }
