"""Access tokens: rows that hold only the hash of what an app sends. To revoke one is to delete it (rule 9)."""

import hashlib
import secrets

from sqlalchemy import delete, select

from activitypub.models import Actor, new_id
from activitypub.unit import Unit
from fediverse_kommune.models import AccessToken, Application, AuthorizationCode, User, WebSession
from fediverse_kommune.services.refusals import Invalid
from fediverse_kommune.services.scopes import in_order, parse_scopes
from fediverse_kommune.streaming.signals import AccessChanged

COMMAND_LINE = "command-line"
"""The client id of the app whose tokens administrators print. Its secret is unknown to everybody."""


def digest(secret: str) -> str:
    """Return what is stored of a secret that somebody else keeps: 256 random bits need no slow hash (row J14)."""
    return hashlib.sha256(secret.encode()).hexdigest()


def issue_token(unit: Unit, name: str, scopes: str) -> str:
    """Return a token with which an app acts as the person of this username, without asking in a browser.

    For administrators. Raises `Invalid` if nobody here is called so, or a scope does not exist.
    """
    user = unit.scalar(
        select(User)
        .join(Actor, Actor.id == User.actor_id)
        .where(Actor.handle == name.lower().removeprefix("@"), Actor.domain.is_(None))
    )
    if user is None:
        raise Invalid(f"Nobody who can log in here is called {name}.")
    token = secrets.token_urlsafe(32)
    row = AccessToken(
        token_hash=digest(token),
        application_id=_command_line(unit).id,
        user_id=user.id,
        actor_id=user.actor_id,
        scopes=" ".join(in_order(parse_scopes(scopes))),
    )
    store_token(unit, row)
    return token


def store_token(unit: Unit, row: AccessToken) -> AccessToken:
    """Store a token that lacks only its id and its time."""
    row.id = new_id(unit.now)
    row.created_at = unit.now
    unit.add(row)
    unit.flush()
    return row


def revoke_all(unit: Unit, user_id: int, *, actor_id: int | None = None) -> None:
    """Take every token and open code of a user back; with `actor_id` only those for acting as this actor."""
    for table in (AccessToken, AuthorizationCode):
        condition = table.user_id == user_id
        if actor_id is not None:
            condition &= table.actor_id == actor_id
        unit.execute(delete(table).where(condition))
    unit.publish(AccessChanged())


def revoke_for_actor(unit: Unit, actor_id: int) -> None:
    """Take every token and open code back by which anybody acts as this actor."""
    for table in (AccessToken, AuthorizationCode):
        unit.execute(delete(table).where(table.actor_id == actor_id))


def end_sessions(unit: Unit, user_id: int) -> None:
    """Log a person out of every browser: the password changed, or they may not log in any more (row J06)."""
    unit.execute(delete(WebSession).where(WebSession.user_id == user_id))


def _command_line(unit: Unit) -> Application:
    """Return the app that stands behind printed tokens, made at the first."""
    application = unit.scalar(select(Application).where(Application.client_id == COMMAND_LINE))
    if application is None:
        application = Application(
            id=new_id(unit.now),
            client_id=COMMAND_LINE,
            client_secret_hash=digest(secrets.token_urlsafe(32)),
            name="fediverse-kommune token",
            website=None,
            redirect_uris=[],
            scopes="read write follow push",
            created_at=unit.now,
        )
        unit.add(application)
        unit.flush()
    return application
