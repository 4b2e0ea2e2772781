"""MutedAccount: an account with the end of its mute. https://docs.joinmastodon.org/entities/Account/#MutedAccount"""

from activitypub.documents import timestamp
from activitypub.instance import LocalInstance
from fediverse_kommune.api.entities import Entity
from fediverse_kommune.api.entities.account import account_entity
from fediverse_kommune.models import Mute


def muted_account_entity(mute: Mute, instance: LocalInstance) -> Entity:
    """Return the account that a mute hides, and until when; null for a mute without an end."""
    ends = timestamp(mute.expires_at) if mute.expires_at else None
    return account_entity(mute.target, instance) | {"mute_expires_at": ends}
