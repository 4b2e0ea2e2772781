"""Account, CredentialAccount and their kin. https://docs.joinmastodon.org/entities/Account/"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct

from activitypub.documents import media_url, timestamp
from activitypub.instance import LocalInstance
from activitypub.models import Actor
from activitypub.vocabulary import Posting
from fediverse_kommune.api.entities import Entity
from fediverse_kommune.api.entities.custom_emoji import custom_emoji_entity
from fediverse_kommune.api.entities.role import ROLES, role_entity
from fediverse_kommune.models import Preference, Role, User
from webfinger.host import display_host

NO_AVATAR = "/static/missing/avatar.png"
NO_HEADER = "/static/missing/header.png"

# What everybody may know of somebody whom the moderators shut out: that there was an account.
BLANK: Entity = {
    "display_name": "",
    "locked": False,
    "bot": False,
    "discoverable": False,
    "indexable": False,
    "note": "",
    "avatar_description": "",
    "header_description": "",
    "followers_count": 0,
    "following_count": 0,
    "statuses_count": 0,
    "last_status_at": None,
    "noindex": True,
    "feature_approval": {"automatic": [], "manual": [], "current_user": "denied"},
    "emojis": [],
    "fields": [],
    "suspended": True,
}


class Beside(Struct, frozen=True):
    """What other rows say of an actor, which answers about a single account look up."""

    role: Role | None = None
    moved_to: Actor | None = None
    # None where the server sends no mail.
    email_subscriptions: bool | None = None


ALONE = Beside()


def account_entity(actor: Actor, instance: LocalInstance, beside: Beside = ALONE) -> Entity:
    """Return an actor as clients know it: what everybody may see.

    `limited`, `suspended` and `moved` are there only where they say something, as in the documentation.
    """
    avatar, header = _avatar(actor, instance), _header(actor, instance)
    entity: Entity = {
        "id": str(actor.id),
        "username": actor.username,
        "acct": acct(actor),
        "display_name": actor.name,
        "locked": actor.manually_approves_followers,
        "bot": _is_bot(actor),
        "discoverable": actor.discoverable,
        "indexable": actor.indexable,
        "group": actor.type == "Group",
        # Clients show it by day; the hour at which somebody signed up is nobody's business.
        "created_at": timestamp(actor.created_at.replace(hour=0, minute=0, second=0, microsecond=0)),
        "note": str(actor.summary),
        "url": actor.url or actor.uri,
        "uri": actor.uri,
        "avatar": avatar,
        "avatar_static": avatar,
        "avatar_description": actor.avatar_description,
        "header": header,
        "header_static": header,
        "header_description": actor.header_description,
        "followers_count": actor.followers_count,
        "following_count": actor.following_count,
        "statuses_count": actor.statuses_count,
        "last_status_at": actor.last_status_at and actor.last_status_at.date().isoformat(),
        "hide_collections": actor.hides_network,
        "noindex": not actor.indexable,
        "show_media": actor.shows_media,
        "show_media_replies": actor.shows_media_replies,
        "show_featured": actor.shows_featured,
        "feature_approval": _feature_approval(actor),
        "emojis": [custom_emoji_entity(emoji) for emoji in actor.emojis],
        "roles": _badges(beside.role) if actor.is_local else None,
        "fields": [_field(item, "value") for item in actor.fields],
    }
    if actor.silenced_at is not None:
        entity["limited"] = True
    if actor.suspended_at is not None:
        return entity | BLANK | _without_pictures(instance)
    if beside.email_subscriptions is not None:
        entity["email_subscriptions"] = beside.email_subscriptions
    if beside.moved_to is not None:
        entity["moved"] = account_entity(beside.moved_to, instance)
    return entity


def credential_account_entity(
    actor: Actor, user: User, preference: Preference, instance: LocalInstance, *, requests: int
) -> Entity:
    """Return an actor as the person who acts as it sees it. `requests` is how many wait to follow it."""
    return account_entity(actor, instance, Beside(user.role if user.actor_id == actor.id else None)) | {
        "source": {
            "privacy": preference.visibility,
            "sensitive": preference.sensitive,
            "language": preference.language or user.locale.partition("-")[0],
            "note": actor.summary_source or "",
            "fields": [_field(item, "source") for item in actor.fields],
            "follow_requests_count": requests,
            "hide_collections": actor.hides_network,
            "discoverable": actor.discoverable,
            "indexable": actor.indexable,
            "attribution_domains": list(actor.attribution_domains),
            "quote_policy": preference.quote_policy,
            **({"group": _group(actor)} if actor.type == "Group" else {}),
        },
        # An actor that several people act as has no part in running the instance.
        "role": role_entity(user.role if user.actor_id == actor.id else Role.USER),
    }


def _group(actor: Actor) -> Entity:
    """Return how a group works: ours, and not in the documentation."""
    return {"posting": actor.posting or Posting.MEMBERS, "local_only": actor.local_only}


def muted_account_entity(actor: Actor, instance: LocalInstance, expires_at: datetime | None) -> Entity:
    """Return an actor that the viewer has muted, until then or (None) for good."""
    return account_entity(actor, instance) | {"mute_expires_at": expires_at and timestamp(expires_at)}


def partial_account_entity(actor: Actor, instance: LocalInstance) -> Entity:
    """Return as much of an actor as a small picture with a name needs (PartialAccountWithAvatar)."""
    avatar = _avatar(actor, instance)
    return {
        "id": str(actor.id),
        "acct": acct(actor),
        "url": actor.url or actor.uri,
        "avatar": avatar,
        "avatar_static": avatar,
        "avatar_description": actor.avatar_description,
        "locked": actor.manually_approves_followers,
        "bot": _is_bot(actor),
    }


def profile_entity(actor: Actor, instance: LocalInstance) -> Entity:
    """Return what an actor can change of itself, as it was typed. https://docs.joinmastodon.org/entities/Profile/"""
    avatar = media_url(instance, actor.avatar_key) if actor.avatar_key else None
    header = media_url(instance, actor.header_key) if actor.header_key else None
    return {
        "id": str(actor.id),
        "display_name": actor.name,
        "note": actor.summary_source or "",
        "fields": [_field(item, "source") for item in actor.fields],
        "avatar": avatar,
        "avatar_static": avatar,
        "avatar_description": actor.avatar_description,
        "header": header,
        "header_static": header,
        "header_description": actor.header_description,
        "locked": actor.manually_approves_followers,
        "bot": _is_bot(actor),
        "hide_collections": actor.hides_network,
        "discoverable": actor.discoverable,
        "indexable": actor.indexable,
        "show_media": actor.shows_media,
        "show_media_replies": actor.shows_media_replies,
        "show_featured": actor.shows_featured,
        "attribution_domains": list(actor.attribution_domains),
    }


def acct(actor: Actor) -> str:
    """Return the handle without @, the domain as people read it: "anna", or "anna@bürger.example"."""
    return f"{actor.username}@{display_host(actor.domain)}" if actor.domain else actor.username


def _badges(role: Role | None) -> list[Entity]:
    """Return the roles that everybody may see: that of somebody who works for the town's instance."""
    if role is None or role is Role.USER:
        return []
    number, name = ROLES[role]
    return [{"id": number, "name": name, "color": ""}]


def _is_bot(actor: Actor) -> bool:
    return actor.type in {"Service", "Application"}


def _feature_approval(actor: Actor) -> Entity:
    """Return who may show this actor in a collection: everybody, if it wants to be found at all.

    One elsewhere is asked (FEP-7aa9).
    """
    if actor.discoverable and not actor.is_local:
        return {"automatic": [], "manual": ["public"], "current_user": "manual"}
    if actor.discoverable:
        return {"automatic": ["public"], "manual": [], "current_user": "automatic"}
    return {"automatic": [], "manual": [], "current_user": "denied"}


def _avatar(actor: Actor, instance: LocalInstance) -> str:
    return _picture(actor.avatar_key, actor.avatar_url, NO_AVATAR, instance)


def _header(actor: Actor, instance: LocalInstance) -> str:
    return _picture(actor.header_key, actor.header_url, NO_HEADER, instance)


def _without_pictures(instance: LocalInstance) -> Entity:
    avatar, header = instance.origin + NO_AVATAR, instance.origin + NO_HEADER
    return {"avatar": avatar, "avatar_static": avatar, "header": header, "header_static": header}


def _picture(key: str | None, url: str | None, missing: str, instance: LocalInstance) -> str:
    return media_url(instance, key) if key else url or instance.origin + missing


def _field(item: Mapping[str, Any], part: str) -> Entity:
    return {"name": item["name"], "value": item.get(part, item["value"]), "verified_at": item.get("verified_at")}
