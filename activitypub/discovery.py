"""What we answer to WebFinger: who is behind a handle, a profile URL, or the name of this server."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from activitypub.instance import LocalInstance
from activitypub.models import Actor
from activitypub.unit import UnitsOfWork
from webfinger.handle import Handle, InvalidHandle, parse_handle
from webfinger.jrd import INTENT, SUBSCRIBE, actor_jrd

INTENTS = ("Follow", "Like", "Announce", "Join", "Leave", "Object")
"""What somebody from here can be sent to do with something elsewhere (FEP-3b86): one page offers all of it.

A post about it is written on another one (`Create`)."""


class LocalResources:
    """Finds our actors by any resource others may ask for. `find` is what `webfinger.routes` needs."""

    def __init__(self, db: UnitsOfWork, instance: LocalInstance) -> None:
        self._db = db
        self._instance = instance

    async def find(self, resource: str) -> Mapping[str, Any] | None:
        """Return the JRD for acct:name@domain (either of our domains), an actor's id or its profile page."""
        actor = await self._db.read(_find_actor, resource, self._instance)
        if actor is None:
            return None
        handle = Handle(actor.username, self._instance.account_domain)
        page = f"{self._instance.origin}/authorize_interaction?uri="
        intents = {INTENT + name: f"{page}{{object}}" for name in INTENTS}
        share = f"{self._instance.origin}/share?title={{name}}&text={{content}}&url={{attachment}}"
        templates = {SUBSCRIBE: f"{page}{{uri}}", **intents, f"{INTENT}Create": share}
        is_server = actor.uri == self._instance.actor_uri
        return actor_jrd(handle, actor.uri, profile_url=actor.url, templates=templates, is_server=is_server)


def _find_actor(session: Session, resource: str, instance: LocalInstance) -> Actor | None:
    """Look an actor of ours up; the server itself is found by its origin and by acct:host@host (FEP-d556)."""
    if resource.rstrip("/") == instance.origin:
        condition = Actor.uri == instance.actor_uri
    elif resource.startswith(("https://", "http://")):
        condition = or_(Actor.uri == resource, Actor.url == resource)
    else:
        try:
            handle = parse_handle(resource, test_network=instance.test_network)
        except InvalidHandle:
            return None
        if handle.domain not in instance.hosts:
            return None
        condition = Actor.handle == handle.username.lower()
    heard_of = (Actor.domain.is_(None), Actor.suspended_at.is_(None), Actor.local_only.is_(False))
    return session.scalar(select(Actor).where(condition, *heard_of))
