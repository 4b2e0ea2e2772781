"""https://docs.joinmastodon.org/methods/instance/, both versions."""

import logging
from collections.abc import Mapping, Sequence
from html import escape

from sqlalchemy import select
from sqlalchemy.orm import Session

from activitypub.documents import timestamp
from activitypub.models import Actor
from fediverse_kommune.api.entities import Entity
from fediverse_kommune.api.entities.instance import instance_entity, v1_instance_entity
from fediverse_kommune.api.errors import ApiError
from fediverse_kommune.api.routing import Auth, Cache, Call, Routes
from fediverse_kommune.models import Role, User
from fediverse_kommune.services import discovery
from fediverse_kommune.services.refusals import NotFound
from fediverse_kommune.translation import TranslatorFailed

log = logging.getLogger(__name__)
routes = Routes()


@routes.get("/api/v1/instance", auth=Auth.NOBODY_ASKED, cache=Cache.MINUTES)
async def show_v1(call: Call) -> Entity:
    """Return what this instance is and what it takes, in the old shape."""
    contact = await call.read(find_contact)
    usage = await call.server.statistics.usage()
    return v1_instance_entity(call.server.config, call.server.instance, usage, contact, call.server.studio)


@routes.get("/api/v2/instance", auth=Auth.NOBODY_ASKED, cache=Cache.MINUTES)
async def show(call: Call) -> Entity:
    """Return what this instance is and what it takes."""
    contact = await call.read(find_contact)
    usage = await call.server.statistics.usage()
    vapid_key = call.server.vapid.public_key
    return instance_entity(call.server.config, call.server.instance, usage, contact, call.server.studio, vapid_key)


@routes.get("/api/v1/instance/peers", auth=Auth.NOBODY_ASKED, cache=Cache.HOURS)
async def peers(call: Call) -> list[str]:
    """Return the servers that we know somebody of and have not shut out."""
    return await call.read(discovery.find_peers)


@routes.get("/api/v1/instance/rules", auth=Auth.NOBODY_ASKED, cache=Cache.MINUTES)
async def rules(call: Call) -> list[Entity]:
    """Return the rules: none are written down yet."""
    return []


@routes.get("/api/v1/instance/translation_languages", auth=Auth.NOBODY_ASKED, cache=Cache.HOURS)
async def translation_languages(call: Call) -> Mapping[str, Sequence[str]]:
    """Return into which languages posts can be translated, by the language they are in."""
    try:
        return await call.server.translator.languages()
    except TranslatorFailed as error:
        log.warning("the translator says no languages: %s", error)
        raise ApiError(503, "The translator does not answer. Please try again later.") from error


@routes.get("/api/v1/instance/extended_description", auth=Auth.NOBODY_ASKED, cache=Cache.MINUTES)
async def extended_description(call: Call) -> Entity:
    """Return what the town says about itself. It is configuration, so it is as old as the instance."""
    actor = await call.read(_instance_actor, call.server.instance.actor_uri)
    text = call.server.config.instance.description
    return {"updated_at": timestamp(actor.created_at), "content": f"<p>{escape(text)}</p>" if text else ""}


def find_contact(session: Session) -> Actor | None:
    """Return the account to turn to: that of the first administrator."""
    return session.scalar(
        select(Actor)
        .join(User, User.actor_id == Actor.id)
        .where(User.role == Role.ADMIN, User.disabled_at.is_(None), User.confirmed_at.is_not(None))
        .order_by(User.id)
        .limit(1)
    )


def _instance_actor(session: Session, uri: str) -> Actor:
    actor = session.scalar(select(Actor).where(Actor.uri == uri))
    if actor is None:
        raise NotFound
    return actor
