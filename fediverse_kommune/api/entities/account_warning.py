"""AccountWarning. https://docs.joinmastodon.org/entities/AccountWarning/"""

from activitypub.documents import timestamp
from activitypub.instance import LocalInstance
from activitypub.models import Actor
from fediverse_kommune.api.entities import Entity
from fediverse_kommune.api.entities.account import account_entity
from fediverse_kommune.models import AccountWarning


def account_warning_entity(warning: AccountWarning, target: Actor, instance: LocalInstance) -> Entity:
    """Return what moderators told somebody. There are no appeals through the client API, so `appeal` is null."""
    return {
        "id": str(warning.id),
        "action": warning.action,
        "text": warning.text,
        "status_ids": [str(status_id) for status_id in warning.status_ids] or None,
        "created_at": timestamp(warning.created_at),
        "target_account": account_entity(target, instance),
        "appeal": None,
    }
