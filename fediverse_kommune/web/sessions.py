"""Browsers that are logged in. A session is a row; logging out deletes it (rule 9), and every login makes a new one.

The cookie is `__Host-session`, which no other host and no plain HTTP page can set (row J05); only a test network, which
has no TLS, uses a plain name. What is stored is the hash of what the cookie holds.
"""

import secrets
from contextlib import suppress
from datetime import datetime, timedelta

from msgspec import Struct
from quart import Request, Response
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from activitypub.context import Clock
from activitypub.instance import LocalInstance
from activitypub.models import Actor
from activitypub.unit import StorageUnavailable, Unit, UnitsOfWork
from fediverse_kommune.models import Role, User, WebSession
from fediverse_kommune.services.tokens import digest

IDLE = timedelta(days=14)  # a browser that was not seen for so long is logged out
LONGEST = timedelta(days=90)  # whatever it does
SEEN_AGAIN_AFTER = timedelta(hours=12)  # how exactly it is kept when it was last seen


class LoggedIn(Struct, frozen=True):
    """Somebody whose browser is logged in. `actor` is who they are themselves."""

    user_id: int
    actor: Actor
    role: Role
    locale: str
    seen_at: datetime


class Sessions:
    """Who a browser belongs to, and how it is logged in and out."""

    def __init__(self, db: UnitsOfWork, clock: Clock, instance: LocalInstance) -> None:
        self._db = db
        self._clock = clock
        self._secure = instance.origin.startswith("https://")
        self.cookie = "__Host-session" if self._secure else "session"

    async def current(self, request: Request) -> LoggedIn | None:
        """Return who is logged in; None for nobody, an outdated session, and somebody who may not log in any more."""
        token = request.cookies.get(self.cookie)
        if not token:
            return None
        now = self._clock()
        person = await self._db.read(find_session, digest(token), now)
        if person is not None and now - person.seen_at > SEEN_AGAIN_AFTER:
            with suppress(StorageUnavailable):  # reading goes on where nothing can be written
                await self._db.write(_note_seen, digest(token))
        return person

    async def begin(self, request: Request, response: Response, user_id: int) -> None:
        """Log a browser in: under a new name, so that nobody can have planted it (session fixation)."""
        token = secrets.token_urlsafe(32)
        await self._db.write(_replace_session, request.cookies.get(self.cookie), token, user_id)
        response.set_cookie(
            self.cookie,
            token,
            max_age=int(LONGEST.total_seconds()),
            path="/",
            secure=self._secure,
            httponly=True,
            samesite="Lax",
        )

    async def end(self, request: Request, response: Response) -> None:
        """Log a browser out: here, not only in the browser."""
        token = request.cookies.get(self.cookie)
        if token:
            await self._db.write(_end_session, digest(token))
        response.delete_cookie(self.cookie, path="/", secure=self._secure, httponly=True, samesite="Lax")


def find_session(session: Session, token_hash: str, now: datetime) -> LoggedIn | None:
    """Return whose session this is, if it still holds and its person may still log in (row K02)."""
    row = session.execute(
        select(WebSession.last_seen_at, User, Actor)
        .join(User, User.id == WebSession.user_id)
        .join(Actor, Actor.id == User.actor_id)
        .where(
            WebSession.token_hash == token_hash,
            WebSession.last_seen_at > now - IDLE,
            WebSession.created_at > now - LONGEST,
            User.confirmed_at.is_not(None),
            User.approved_at.is_not(None),
            User.disabled_at.is_(None),
            Actor.suspended_at.is_(None),
        )
    ).one_or_none()
    if row is None:
        return None
    seen_at, user, actor = row
    return LoggedIn(user.id, actor, user.role, user.locale, seen_at)


def _replace_session(unit: Unit, former: str | None, token: str, user_id: int) -> None:
    outdated = (WebSession.last_seen_at <= unit.now - IDLE) | (WebSession.created_at <= unit.now - LONGEST)
    unit.execute(delete(WebSession).where(WebSession.user_id == user_id, outdated))
    if former:
        _end_session(unit, digest(former))
    unit.add(WebSession(token_hash=digest(token), user_id=user_id, created_at=unit.now, last_seen_at=unit.now))
    unit.flush()


def _note_seen(unit: Unit, token_hash: str) -> None:
    unit.execute(update(WebSession).where(WebSession.token_hash == token_hash).values(last_seen_at=unit.now))


def _end_session(unit: Unit, token_hash: str) -> None:
    unit.execute(delete(WebSession).where(WebSession.token_hash == token_hash))
