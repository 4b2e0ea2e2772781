"""The addresses that apps call themselves: token, revoke, and what this server can do (RFC 8414).

https://docs.joinmastodon.org/methods/oauth/
"""

import base64
import binascii
import re
import secrets
from urllib.parse import unquote_plus

from fediverse_kommune.api.entities import Entity
from fediverse_kommune.api.entities.account import account_entity
from fediverse_kommune.api.entities.application import token_entity
from fediverse_kommune.api.errors import ApiError
from fediverse_kommune.api.oauth.applications import find_client, is_secret_of
from fediverse_kommune.api.oauth.grants import (
    Exchange,
    Refused,
    exchange_code,
    issue_app_token,
    revoke_token,
)
from fediverse_kommune.api.routing import Auth, Cache, Call, Routes
from fediverse_kommune.models import Application
from fediverse_kommune.services.scopes import SCOPES, in_order, is_within, parse_scopes

routes = Routes()

# RFC 7636 section 4.1
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")
BASIC = {"WWW-Authenticate": 'Basic realm="OAuth"'}  # RFC 6749 section 5.2


@routes.post("/oauth/token", auth=Auth.NOBODY_ASKED)
async def token(call: Call) -> Entity:
    """Give an app a token: for a person's code, or for itself."""
    grant = call.params.text("grant_type")
    if grant not in {"authorization_code", "client_credentials"}:
        raise ApiError(400, "unsupported_grant_type", description="Use authorization_code or client_credentials.")
    application = await _client(call)
    if grant == "client_credentials":
        return await _for_itself(call, application)
    return await _for_a_person(call, application)


@routes.post("/oauth/revoke", auth=Auth.NOBODY_ASKED)
async def revoke(call: Call) -> Entity:
    """Delete a token of the app that asks. One that does not exist is as good as revoked."""
    application = await _client(call)
    if not await call.write(revoke_token, application, call.params.text("token") or ""):
        raise ApiError(403, "unauthorized_client", description="The token belongs to another app.")
    return {}


@routes.get("/oauth/userinfo", scope="profile")
async def userinfo(call: Call) -> Entity:
    """Return who has logged in, in the words of OpenID Connect Core section 5.1."""
    account = account_entity(call.me.actor, call.server.instance)
    return {
        "iss": f"{call.server.instance.origin}/",
        "sub": call.me.actor.uri,
        "name": account["display_name"],
        "preferred_username": account["username"],
        "profile": account["url"],
        "picture": account["avatar"],
    }


@routes.get("/.well-known/oauth-authorization-server", auth=Auth.NOBODY_ASKED, cache=Cache.HOURS)
async def metadata(call: Call) -> Entity:
    """Say where everything is and what is supported."""
    origin = call.server.instance.origin
    return {
        "issuer": f"{origin}/",
        "service_documentation": "https://docs.joinmastodon.org/",
        "authorization_endpoint": f"{origin}/oauth/authorize",
        "token_endpoint": f"{origin}/oauth/token",
        "revocation_endpoint": f"{origin}/oauth/revoke",
        "userinfo_endpoint": f"{origin}/oauth/userinfo",
        "app_registration_endpoint": f"{origin}/api/v1/apps",
        "scopes_supported": list(SCOPES),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "client_credentials"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "code_challenge_methods_supported": ["S256"],
    }


async def _for_itself(call: Call, application: Application) -> Entity:
    scopes = parse_scopes(call.params.text("scope") or "")
    if not is_within(scopes, application.scopes.split()):
        raise ApiError(400, "invalid_scope", description="The app did not register for these scopes.")
    secret = secrets.token_urlsafe(32)
    row = await call.write(issue_app_token, application.id, " ".join(in_order(scopes)), secret)
    return token_entity(secret, row.scopes, row.created_at)


async def _for_a_person(call: Call, application: Application) -> Entity:
    verifier = call.params.text("code_verifier") or None
    if verifier is not None and not _VERIFIER.fullmatch(verifier):
        raise ApiError(400, "invalid_request", description="code_verifier has 43 to 128 unreserved characters.")
    shown = Exchange(application.id, call.params.text("code") or "", call.params.text("redirect_uri") or "", verifier)
    secret = secrets.token_urlsafe(32)
    outcome = await call.write(exchange_code, shown, secret)
    if isinstance(outcome, Refused):
        raise ApiError(400, outcome.error, description=outcome.description)
    return token_entity(secret, outcome.scopes, outcome.created_at)


async def _client(call: Call) -> Application:
    """Return the app that asks, by id and secret: in the body, or by HTTP Basic (RFC 6749 section 2.3.1)."""
    client_id, client_secret = _basic(call.request.headers.get("Authorization")) or (
        call.params.text("client_id") or "",
        call.params.text("client_secret") or "",
    )
    application = await call.read(find_client, client_id)
    if application is None or not is_secret_of(application, client_secret):
        description = "The app is not known here, or its secret is another one."
        raise ApiError(401, "invalid_client", description=description, headers=BASIC)
    return application


def _basic(header: str | None) -> tuple[str, str] | None:
    kind, _, encoded = (header or "").partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        client_id, _, client_secret = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return unquote_plus(client_id), unquote_plus(client_secret)
