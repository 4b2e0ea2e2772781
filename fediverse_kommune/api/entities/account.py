"""Account and CredentialAccount. https://docs.joinmastodon.org/entities/Account/"""

from collections.abc import Mapping
from typing import Any

from activitypub.documents import media_url, timestamp
from activitypub.instance import LocalInstance
from activitypub.models import Actor
from fediverse_kommune.api.entities import Entity
from fediverse_kommune.api.entities.custom_emoji import custom_emoji_entity
from fediverse_kommune.models import Role, User
from webfinger.host import display_host

NO_AVATAR = "/static/missing/avatar.png"
NO_HEADER = "/static/missing/header.png"


def account_entity(actor: Actor, instance: LocalInstance) -> Entity:
    """Return an actor as clients know it: what everybody may see."""
    avatar = _picture(actor.avatar_key, actor.avatar_url, NO_AVATAR, instance)
    header = _picture(actor.header_key, actor.header_url, NO_HEADER, instance)
    return {
        "id": str(actor.id),
        "username": actor.username,
        "acct": acct(actor),
        "display_name": actor.name,
        "locked": actor.manually_approves_followers,
        "bot": actor.type in {"Service", "Application"},
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
        "avatar_description": "",
        "header": header,
        "header_static": header,
        "header_description": "",
        "followers_count": actor.followers_count,
        "following_count": actor.following_count,
        "statuses_count": actor.statuses_count,
        "last_status_at": actor.last_status_at and actor.last_status_at.date().isoformat(),
        "hide_collections": actor.hides_network,
        "noindex": not actor.indexable,
        "emojis": [custom_emoji_entity(emoji) for emoji in actor.emojis],
        "roles": [],
        "fields": [_field(item, "value") for item in actor.fields],
    }


def credential_account_entity(actor: Actor, user: User, instance: LocalInstance, *, requests: int) -> Entity:
    """Return an actor as the person who acts as it sees it. `requests` is how many wait to follow it."""
    return account_entity(actor, instance) | {
        "source": {
            "privacy": "public",
            "sensitive": False,
            "language": user.locale.partition("-")[0],
            "note": actor.summary_source or "",
            "fields": [_field(item, "source") for item in actor.fields],
            "follow_requests_count": requests,
            "hide_collections": actor.hides_network,
            "discoverable": actor.discoverable,
            "indexable": actor.indexable,
            "attribution_domains": [],
            "quote_policy": "nobody",
        },
        "role": _role(user.role),
    }


def acct(actor: Actor) -> str:
    """Return the handle without @, the domain as people read it: "anna", or "anna@bürger.example"."""
    return f"{actor.username}@{display_host(actor.domain)}" if actor.domain else actor.username


def _picture(key: str | None, url: str | None, missing: str, instance: LocalInstance) -> str:
    return media_url(instance, key) if key else url or instance.origin + missing


def _field(item: Mapping[str, Any], part: str) -> Entity:
    return {"name": item["name"], "value": item.get(part, item["value"]), "verified_at": None}


ROLES = {Role.USER: ("-99", ""), Role.MODERATOR: ("2", "Moderator"), Role.ADMIN: ("3", "Admin")}


def _role(role: Role) -> Entity:
    """https://docs.joinmastodon.org/entities/Role/; no bits: nothing of the admin API is open to an app yet."""
    number, name = ROLES[role]
    return {
        "id": number,
        "name": name,
        "color": "",
        "permissions": "0",
        "highlighted": role is not Role.USER,
        "collection_limit": 0,
    }
