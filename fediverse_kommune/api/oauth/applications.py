"""Apps: what they are when they register, and how they prove later that they are the same."""

import re
import secrets
from hmac import compare_digest
from urllib.parse import urlsplit

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import Session

from activitypub.models import new_id
from activitypub.unit import Unit
from fediverse_kommune.models import Application
from fediverse_kommune.services.refusals import Invalid
from fediverse_kommune.services.scopes import in_order, parse_scopes
from fediverse_kommune.services.tokens import digest

OUT_OF_BAND = "urn:ietf:wg:oauth:2.0:oob"
"""The redirect URI of an app that has none: the code is shown, and the person carries it over."""

NAME_CHARACTERS = 60  # Mastodon
WEBSITE_CHARACTERS = 2_000
URI_CHARACTERS = 2_000
URIS = 16

# What a browser would run or open itself instead of handing it to an app (row J17).
FORBIDDEN_SCHEMES = frozenset(
    {"javascript", "data", "vbscript", "file", "blob", "about", "mailto", "tel", "view-source"}
)
_URI = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*):[^\s<>\"\\^`{|}\x00-\x20\x7f-\x9f#]*")


class AppForm(Struct, frozen=True):
    """An app as it introduces itself."""

    name: str
    redirect_uris: tuple[str, ...]
    scopes: str
    website: str | None


class AppSecrets(Struct, frozen=True):
    """What an app will know itself by. The secret is stored only as its hash."""

    client_id: str
    client_secret: str


def new_secrets() -> AppSecrets:
    """Return 256 random bits each."""
    return AppSecrets(secrets.token_urlsafe(32), secrets.token_urlsafe(32))


def register(unit: Unit, form: AppForm, keys: AppSecrets) -> Application:
    """Store an app. Raises `Invalid` for what nobody could be sent back to."""
    if len(form.name) > NAME_CHARACTERS:
        raise Invalid(f"client_name has more than {NAME_CHARACTERS} characters.")
    if form.website and (len(form.website) > WEBSITE_CHARACTERS or not _is_web(form.website)):
        raise Invalid("website is no http or https address.")
    if not form.redirect_uris or len(form.redirect_uris) > URIS:
        raise Invalid(f"redirect_uris holds 1 to {URIS} addresses.")
    for uri in form.redirect_uris:
        check_redirect_uri(uri)
    application = Application(
        id=new_id(unit.now),
        client_id=keys.client_id,
        client_secret_hash=digest(keys.client_secret),
        name=form.name.strip(),
        website=form.website,
        redirect_uris=list(dict.fromkeys(form.redirect_uris)),
        scopes=" ".join(in_order(parse_scopes(form.scopes))),
        created_at=unit.now,
    )
    unit.add(application)
    unit.flush()
    return application


def check_redirect_uri(uri: str) -> None:
    """Return if an app may register this address: absolute, no fragment, nothing that a browser would run.

    Schemes of apps are welcome, also such as `com.tapbots.Ivory.10217:/request_token`. Raises `Invalid`.
    """
    if uri == OUT_OF_BAND:
        return
    match = _URI.fullmatch(uri)
    if match is None or len(uri) > URI_CHARACTERS:
        raise Invalid(f"{uri[:80]!r} is no address to be sent back to: it is absolute and has no fragment.")
    scheme = match[1].lower()
    if scheme in FORBIDDEN_SCHEMES:
        raise Invalid(f"Nobody is sent back to {scheme}: addresses.")
    if scheme in {"http", "https"} and not _is_web(uri):
        raise Invalid(f"{uri[:80]!r} names no host.")


def find_application(session: Session, application_id: int) -> Application:
    """Return the app with this id of ours."""
    return session.get_one(Application, application_id)


def find_client(session: Session, client_id: str) -> Application | None:
    """Return the app with this `client_id`."""
    return session.scalar(select(Application).where(Application.client_id == client_id))


def is_secret_of(application: Application, client_secret: str) -> bool:
    """True if the app knows its secret; takes the same time whatever is wrong with it."""
    return compare_digest(application.client_secret_hash, digest(client_secret))


def _is_web(uri: str) -> bool:
    try:
        parts = urlsplit(uri)
        return parts.scheme.lower() in {"http", "https"} and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        return False
