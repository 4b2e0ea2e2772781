"""Application, CredentialApplication and Token. https://docs.joinmastodon.org/entities/Application/"""

from datetime import datetime

from fediverse_kommune.api.entities import Entity
from fediverse_kommune.models import Application
from fediverse_kommune.services.scopes import in_order


def application_entity(application: Application, vapid_key: str) -> Entity:
    """Return an app as anybody with one of its tokens may see it. `vapid_key`: by what push messages are known."""
    return {
        "id": str(application.id),
        "name": application.name,
        "website": application.website,
        "scopes": in_order(application.scopes.split()),
        "redirect_uris": list(application.redirect_uris),
        "redirect_uri": "\n".join(application.redirect_uris),
        "vapid_key": vapid_key,
    }


def credential_application_entity(application: Application, client_secret: str, vapid_key: str) -> Entity:
    """Return an app to the one who has just registered it: the only time that the secret is shown."""
    return application_entity(application, vapid_key) | {
        "client_id": application.client_id,
        "client_secret": client_secret,
        "client_secret_expires_at": 0,
    }


def token_entity(token: str, scopes: str, created_at: datetime) -> Entity:
    """Return an access token to the app it is for. https://docs.joinmastodon.org/entities/Token/"""
    return {
        "access_token": token,
        "token_type": "Bearer",
        "scope": scopes,
        "created_at": int(created_at.timestamp()),
    }
