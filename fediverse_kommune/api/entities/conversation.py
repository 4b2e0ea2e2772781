"""Conversation. https://docs.joinmastodon.org/entities/Conversation/"""

from collections.abc import Sequence

from activitypub.instance import LocalInstance
from activitypub.models import Actor
from fediverse_kommune.api.entities import Entity
from fediverse_kommune.api.entities.account import account_entity
from fediverse_kommune.models import Conversation


def conversation_entity(
    row: Conversation, others: Sequence[Actor], last_status: Entity | None, instance: LocalInstance
) -> Entity:
    """Return a conversation as one who takes part sees it: with whom, and what was said last."""
    return {
        "id": str(row.id),
        "unread": row.unread,
        "accounts": [account_entity(actor, instance) for actor in others],
        "last_status": last_status,
    }
