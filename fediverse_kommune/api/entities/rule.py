"""Rule. https://docs.joinmastodon.org/entities/Rule/"""

from fediverse_kommune.api.entities import Entity
from fediverse_kommune.models import Rule


def rule_entity(rule: Rule) -> Entity:
    """Return a rule of the instance with its translations."""
    return {"id": str(rule.id), "text": rule.text, "hint": rule.hint, "translations": dict(rule.translations)}
