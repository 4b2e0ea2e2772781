"""Admin::Account: an account as moderators see it. https://docs.joinmastodon.org/entities/Admin_Account/"""

from activitypub.documents import timestamp
from activitypub.instance import LocalInstance
from activitypub.models import Actor
from fediverse_kommune.api.entities import Entity
from fediverse_kommune.api.entities.account import Beside, account_entity
from fediverse_kommune.api.entities.role import role_entity
from fediverse_kommune.models import Role, User
from webfinger.host import display_host


def admin_account_entity(actor: Actor, user: User | None, instance: LocalInstance) -> Entity:
    """Return an actor, and who logs in as it; a team and an actor elsewhere have nobody who does."""
    return {
        "id": str(actor.id),
        "username": actor.username,
        "domain": display_host(actor.domain) if actor.domain else None,
        "created_at": timestamp(actor.created_at),
        "email": user.email if user else "",
        "ip": user.last_ip if user else None,
        "ips": _ips(user) if user else [],
        "locale": user.locale if user else "",
        "invite_request": (user.reason or None) if user else None,
        "role": role_entity(user.role if user else Role.USER),
        "confirmed": user is None or user.confirmed_at is not None,
        "approved": user is None or user.approved_at is not None,
        "disabled": user is not None and user.disabled_at is not None,
        "sensitized": actor.sensitized_at is not None,
        "silenced": actor.silenced_at is not None,
        "suspended": actor.suspended_at is not None,
        "account": account_entity(actor, instance, Beside(user.role if user else None)),
    }


def _ips(user: User) -> list[Entity]:
    """Return the addresses that are still kept: where somebody came from last, and signed up from."""
    known = [(user.last_ip, user.last_active_at or user.created_at), (user.sign_up_ip, user.created_at)]
    seen = dict(reversed([(ip, timestamp(used_at)) for ip, used_at in known if ip]))
    return [{"ip": ip, "used_at": used_at} for ip, used_at in seen.items()]
