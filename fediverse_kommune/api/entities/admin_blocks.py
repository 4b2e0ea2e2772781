"""What moderators shut out or let in, as the admin API shows it.

https://docs.joinmastodon.org/entities/Admin_DomainBlock/, Admin_DomainAllow, Admin_EmailDomainBlock, Admin_IpBlock and
Admin_CanonicalEmailBlock
"""

import hashlib
from collections.abc import Sequence

from activitypub.documents import timestamp
from activitypub.models import DomainAllow, DomainBlock
from fediverse_kommune.api.entities import Entity
from fediverse_kommune.models import CanonicalEmailBlock, EmailDomainBlock, IpBlock
from webfinger.host import display_host


def domain_block_entity(block: DomainBlock) -> Entity:
    """Return a block on a domain, with what only moderators read."""
    return {
        "id": str(block.id),
        "domain": display_host(block.domain),
        "digest": domain_digest(block.domain),
        "created_at": timestamp(block.created_at),
        "severity": block.severity,
        "reject_media": block.reject_media,
        "reject_reports": block.reject_reports,
        "private_comment": block.private_comment or None,
        "public_comment": block.public_comment or None,
        "obfuscate": block.obfuscate,
    }


def domain_digest(domain: str) -> str:
    """Return the SHA-256 by which lists of several servers are compared, also where the name is not shown."""
    return hashlib.sha256(domain.encode()).hexdigest()


def domain_allow_entity(allow: DomainAllow) -> Entity:
    """Return a domain that this town talks to."""
    return {
        "id": str(allow.id),
        "domain": display_host(allow.domain),
        "created_at": timestamp(allow.created_at),
    }


def email_domain_block_entity(block: EmailDomainBlock, history: Sequence[Entity]) -> Entity:
    """Return a block on a domain of e-mail addresses. `history` is who signed up with one, by day."""
    return {
        "id": str(block.id),
        "domain": display_host(block.domain),
        "created_at": timestamp(block.created_at),
        "history": list(history),
    }


def ip_block_entity(block: IpBlock) -> Entity:
    """Return a block on a network."""
    return {
        "id": str(block.id),
        "ip": block.network,
        "severity": block.severity,
        "comment": block.comment,
        "created_at": timestamp(block.created_at),
        "expires_at": block.expires_at and timestamp(block.expires_at),
    }


def canonical_email_block_entity(block: CanonicalEmailBlock) -> Entity:
    """Return a block on an e-mail address, which is known here by its hash alone."""
    return {"id": str(block.id), "canonical_email_hash": block.email_hash}
