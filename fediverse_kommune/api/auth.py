"""Who is asking? From `Authorization: Bearer …` to the person, the actor and what the app may do. One read.

Tokens are rows that hold only the SHA-256 of what the app sends; to revoke one is to delete its row, and the next
request finds nothing. https://docs.joinmastodon.org/methods/oauth/
"""

import re
from collections.abc import Collection, Iterator
from datetime import datetime, timedelta

from msgspec import Struct
from quart import Request, Websocket
from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from activitypub.models import Actor
from activitypub.unit import Unit
from fediverse_kommune.models import AccessToken, Membership, Preference, Role, Standing, User
from fediverse_kommune.services.accounts import may_come_in
from fediverse_kommune.services.tokens import digest

SEEN_AGAIN_AFTER = timedelta(hours=12)  # how exactly it is kept when a token was last used

# RFC 6750 section 2.1
_BEARER = re.compile(r"Bearer +([A-Za-z0-9._~+/-]{1,512}=*) *", re.IGNORECASE)


class Person(Struct, frozen=True):
    """Somebody logged in, and the actor they act as through this app."""

    user_id: int
    actor: Actor
    standing: Standing
    role: Role
    locale: str
    # Which state of the actor's filters holds (`services/filtering`); 0 if it never had any.
    filters_version: int = 0


class Waiting(Struct, frozen=True):
    """Somebody who has registered and may do nothing yet but wait."""

    user_id: int
    confirmed: bool


class Viewer(Struct, frozen=True):
    """An app with a token: for a person, or (`person` is None) for itself alone."""

    token_id: int
    application_id: int
    scopes: frozenset[str]
    person: Person | None
    last_used_at: datetime | None
    waiting: Waiting | None = None


def bearer_token(header: str | None) -> str | None:
    """Return the token of an `Authorization` header; None if it holds none."""
    match = _BEARER.fullmatch(header or "")
    return match[1] if match else None


def token_elsewhere(asked: Request | Websocket) -> str | None:
    """Return the token of a browser, which cannot send headers of its own when it opens a stream.

    https://docs.joinmastodon.org/methods/streaming/#authorization
    """
    protocols = asked.requested_subprotocols if isinstance(asked, Websocket) else []
    token = asked.args.get("access_token") or next(iter(protocols), None)
    return f"Bearer {token}" if token else None


def find_viewer(session: Session, token: str) -> Viewer | None:
    """Return who a token stands for; None if it is unknown, revoked, or its person may not act any more.

    A disabled or unconfirmed user, a suspended actor and somebody who left the team are nobody (rows H11 and K02).
    """
    return next(_viewers(session, AccessToken.token_hash == digest(token)), None)


def find_viewers(session: Session, token_ids: Collection[int]) -> list[Viewer]:
    """Return whom those of these tokens stand for that still hold, by the same rules."""
    return list(_viewers(session, AccessToken.id.in_(token_ids)))


def _viewers(session: Session, chosen: ColumnElement[bool]) -> Iterator[Viewer]:
    rows = session.execute(
        select(AccessToken, User, Actor, Membership.standing, Preference.filters_version)
        .outerjoin(User, User.id == AccessToken.user_id)
        .outerjoin(Actor, Actor.id == AccessToken.actor_id)
        .outerjoin(Membership, (Membership.user_id == User.id) & (Membership.actor_id == Actor.id))
        .outerjoin(Preference, Preference.actor_id == AccessToken.actor_id)
        .where(chosen)
    )
    for access, user, actor, standing, filters in rows:
        viewer = _viewer(access, user, actor, standing, filters)
        if viewer is not None:
            yield viewer


def _viewer(
    access: AccessToken, user: User, actor: Actor, standing: Standing | None, filters: int | None
) -> Viewer | None:
    person, waiting = None, None
    if access.user_id is not None:
        if standing is None or user.disabled_at is not None or actor.suspended_at is not None:
            return None
        if not may_come_in(user):
            waiting = Waiting(user.id, user.confirmed_at is not None)
    if standing is not None and access.user_id is not None and waiting is None:
        # Whoever acts as a club does not run the instance meanwhile: the club's app may be in other hands, too.
        role = user.role if user.actor_id == actor.id else Role.USER
        person = Person(user.id, actor, standing, role, user.locale, filters or 0)
    scopes = frozenset(access.scopes.split())
    return Viewer(access.id, access.application_id, scopes, person, access.last_used_at, waiting)


def is_due(viewer: Viewer, now: datetime) -> bool:
    """True if it has been a while since this token's use was noted."""
    return viewer.last_used_at is None or now - viewer.last_used_at > SEEN_AGAIN_AFTER


def note_use(unit: Unit, token_id: int) -> None:
    """Note that a token is in use: how the server knows how many people are active."""
    unit.execute(update(AccessToken).where(AccessToken.id == token_id).values(last_used_at=unit.now))
