"""What an app asks for when it sends somebody to `/oauth/authorize`, judged before anybody sees it.

Two kinds of refusal: as long as the app or its address is in doubt, the person is told and sent nowhere (row J02);
after that the app is told, at its own address.
"""

import re
from collections.abc import Mapping
from urllib.parse import urlencode, urlsplit

from msgspec import Struct
from sqlalchemy.orm import Session

from fediverse_kommune.api.oauth.applications import OUT_OF_BAND, find_client
from fediverse_kommune.models import Application
from fediverse_kommune.services.refusals import Invalid
from fediverse_kommune.services.scopes import in_order, is_within, parse_scopes

PARAMETERS = ("client_id", "redirect_uri", "response_type", "scope", "state", "code_challenge", "code_challenge_method")
STATE_CHARACTERS = 4_000
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")  # SHA-256 in base64url: RFC 7636 section 4.2


class AuthorizationRequest(Struct, frozen=True):
    """A request that can be put before a person."""

    application: Application
    redirect_uri: str
    scopes: tuple[str, ...]
    state: str | None
    code_challenge: str | None

    def answer(self, **parameters: str) -> str:
        """Return the app's address with an answer in its query."""
        return _with_query(self.redirect_uri, self.state, parameters)


class NoSuchClient(Exception):
    """The app is unknown, or has not registered this address: nobody is sent anywhere."""


class SentBack(Exception):
    """The app asked for something that there is not; `location` tells it so (RFC 6749 section 4.1.2.1)."""

    def __init__(self, redirect_uri: str, state: str | None, error: str, description: str) -> None:
        super().__init__(description)
        self.redirect_uri = redirect_uri
        self.location = _with_query(redirect_uri, state, {"error": error, "error_description": description})


def read_request(session: Session, asked: Mapping[str, str]) -> AuthorizationRequest:
    """Return what is asked for. Raises `NoSuchClient` or `SentBack`."""
    application = find_client(session, asked.get("client_id", ""))
    if application is None:
        raise NoSuchClient("client_id")
    redirect_uri = asked.get("redirect_uri", "")
    # Compared byte for byte: no prefix, no other case, port or query (RFC 9700 section 4.1.3).
    if redirect_uri not in application.redirect_uris:
        raise NoSuchClient("redirect_uri")
    state = asked.get("state") or None
    if state is not None and len(state) > STATE_CHARACTERS:
        raise SentBack(redirect_uri, None, "invalid_request", "state is too long.")
    if asked.get("response_type") != "code":
        raise SentBack(redirect_uri, state, "unsupported_response_type", "response_type is code.")
    return AuthorizationRequest(
        application=application,
        redirect_uri=redirect_uri,
        scopes=_scopes(application, asked.get("scope", ""), redirect_uri, state),
        state=state,
        code_challenge=_challenge(asked, redirect_uri, state),
    )


def destination(redirect_uri: str) -> str:
    """Return where somebody is sent, as people can judge it: a host, or the scheme of an app; empty for nowhere."""
    if redirect_uri == OUT_OF_BAND:
        return ""
    parts = urlsplit(redirect_uri)
    return parts.hostname or "" if parts.scheme in {"http", "https"} else f"{parts.scheme}:"


def form_action(redirect_uri: str) -> str:
    """Return what a page's policy must allow, so that the answer to its form may lead there (CSP `form-action`)."""
    if redirect_uri == OUT_OF_BAND:
        return ""
    parts = urlsplit(redirect_uri)
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme in {"http", "https"} else f"{parts.scheme}:"


def _scopes(application: Application, text: str, redirect_uri: str, state: str | None) -> tuple[str, ...]:
    try:
        scopes = parse_scopes(text)
    except Invalid as error:
        raise SentBack(redirect_uri, state, "invalid_scope", error.message) from error
    if not is_within(scopes, application.scopes.split()):
        raise SentBack(redirect_uri, state, "invalid_scope", "The app did not register for these scopes.")
    return tuple(in_order(scopes))


def _challenge(asked: Mapping[str, str], redirect_uri: str, state: str | None) -> str | None:
    challenge, method = asked.get("code_challenge") or None, asked.get("code_challenge_method")
    if challenge is None and not method:
        return None
    if method != "S256" or challenge is None or not _CHALLENGE.fullmatch(challenge):
        description = "code_challenge is a SHA-256 in base64url, and code_challenge_method is S256."
        raise SentBack(redirect_uri, state, "invalid_request", description)
    return challenge


def _with_query(uri: str, state: str | None, parameters: Mapping[str, str]) -> str:
    """Append to an address of which only the app knows the grammar; nothing of it is rewritten."""
    query = urlencode(dict(parameters) | ({"state": state} if state is not None else {}))
    return f"{uri}{'&' if '?' in uri else '?'}{query}"
