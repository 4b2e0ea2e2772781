"""Rule, PrivacyPolicy, TermsOfService, ExtendedDescription and DomainBlock: what an instance says of itself.

https://docs.joinmastodon.org/entities/Rule/, https://docs.joinmastodon.org/entities/TermsOfService/
"""

from datetime import date
from hashlib import sha256

from activitypub.compose import compose
from activitypub.documents import timestamp
from activitypub.instance import LocalInstance
from activitypub.models import DomainBlock
from fediverse_kommune.api.entities import Entity
from fediverse_kommune.models import InstanceText, Rule, TermsOfService


def rule_entity(row: Rule) -> Entity:
    """Return a rule with its translations."""
    return {"id": str(row.id), "text": row.text, "hint": row.hint, "translations": row.translations}


def instance_text_entity(row: InstanceText, instance: LocalInstance) -> Entity:
    """Return a text that an administrator wrote, as HTML: PrivacyPolicy and ExtendedDescription have one shape."""
    return {"updated_at": timestamp(row.updated_at), "content": _html(row.text, instance)}


def terms_entity(row: TermsOfService, successor: date | None, today: date, instance: LocalInstance) -> Entity:
    """Return terms of service, and from when on others hold."""
    return {
        "effective_date": row.effective_date.isoformat(),
        "effective": row.effective_date <= today,
        "content": _html(row.text, instance),
        "succeeded_by": successor and successor.isoformat(),
    }


def domain_block_entity(row: DomainBlock) -> Entity:
    """Return a decision about another server to everybody; with `obfuscate` some letters of its name are stars."""
    return {
        "domain": obfuscated(row.domain) if row.obfuscate else row.domain,
        "digest": sha256(row.domain.encode()).hexdigest(),
        "severity": row.severity,
        "comment": row.public_comment or None,
    }


def obfuscated(domain: str) -> str:
    """Return a domain of which the middle third of the letters cannot be read; dots stay."""
    first, last = len(domain) // 3, len(domain) - len(domain) // 3
    return "".join("*" if first <= at < last and letter != "." else letter for at, letter in enumerate(domain))


def _html(markdown: str, instance: LocalInstance) -> str:
    return str(compose(markdown, tag_url=instance.tag_url, markdown=True))
