"""https://docs.joinmastodon.org/methods/instance/, both versions."""

import logging
from collections.abc import Mapping, Sequence
from datetime import date
from html import escape

from babel import Locale
from quart import Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from activitypub.documents import timestamp
from activitypub.instance import LocalInstance
from activitypub.models import Actor, DomainBlock
from fediverse_kommune.api.entities import Entity
from fediverse_kommune.api.entities.instance import Facts, instance_entity, v1_instance_entity
from fediverse_kommune.api.entities.instance_texts import (
    domain_block_entity,
    instance_text_entity,
    rule_entity,
    terms_entity,
)
from fediverse_kommune.api.errors import ApiError
from fediverse_kommune.api.routing import Auth, Cache, Call, Routes
from fediverse_kommune.models import Role, Rule, User
from fediverse_kommune.services import discovery, house_rules
from fediverse_kommune.services.refusals import NotFound
from fediverse_kommune.translation import TranslatorFailed

log = logging.getLogger(__name__)
routes = Routes()


@routes.get("/api/v1/instance", auth=Auth.NOBODY_ASKED, cache=Cache.MINUTES)
async def show_v1(call: Call) -> Entity:
    """Return what this instance is and what it takes, in the old shape."""
    return v1_instance_entity(await _facts(call))


@routes.get("/api/v2/instance", auth=Auth.NOBODY_ASKED, cache=Cache.MINUTES)
async def show(call: Call) -> Entity:
    """Return what this instance is and what it takes."""
    return instance_entity(await _facts(call))


@routes.get("/api/v1/instance/peers", auth=Auth.NOBODY_ASKED, cache=Cache.HOURS)
async def peers(call: Call) -> list[str]:
    """Return the servers that we know somebody of and have not shut out."""
    return await call.read(discovery.find_peers)


@routes.get("/api/v1/instance/rules", auth=Auth.NOBODY_ASKED, cache=Cache.MINUTES)
async def rules(call: Call) -> list[Entity]:
    """Return the rules that hold here."""
    return [rule_entity(row) for row in await call.read(house_rules.rules_of)]


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
    """Return what the town says about itself: an administrator's text, or the sentence of the configuration."""
    row = await call.read(house_rules.text_of, house_rules.EXTENDED_DESCRIPTION)
    if row is not None:
        return instance_text_entity(row, call.server.instance)
    # The configuration is as old as the instance.
    actor = await call.read(_instance_actor, call.server.instance.actor_uri)
    text = call.server.config.instance.description
    return {"updated_at": timestamp(actor.created_at), "content": f"<p>{escape(text)}</p>" if text else ""}


@routes.get("/api/v1/instance/privacy_policy", auth=Auth.NOBODY_ASKED, cache=Cache.MINUTES)
async def privacy_policy(call: Call) -> Entity:
    """Return the privacy policy, once an administrator has written one."""
    row = await call.read(house_rules.text_of, house_rules.PRIVACY_POLICY)
    if row is None:
        raise NotFound
    return instance_text_entity(row, call.server.instance)


@routes.get("/api/v1/instance/terms_of_service", auth=Auth.NOBODY_ASKED, cache=Cache.MINUTES)
async def terms_of_service(call: Call) -> Entity:
    """Return the terms that hold now."""
    return await call.read(_current_terms, call.server.clock().date(), call.server.instance)


@routes.get("/api/v1/instance/terms_of_service/<day>", auth=Auth.NOBODY_ASKED, cache=Cache.MINUTES)
async def terms_of_service_by_date(call: Call, day: str) -> Entity:
    """Return the terms that hold from a day on."""
    try:
        wanted = date.fromisoformat(day)
    except ValueError:
        raise NotFound from None
    return await call.read(_dated_terms, wanted, call.server.clock().date(), call.server.instance)


@routes.get("/api/v1/instance/activity", auth=Auth.NOBODY_ASKED, cache=Cache.HOURS)
async def activity(call: Call) -> list[Entity]:
    """Return what happened in each of the last twelve weeks, the latest first; numbers are texts here."""
    return [
        {
            "week": str(int(week.begins_at.timestamp())),
            "statuses": str(week.statuses),
            "logins": str(week.logins),
            "registrations": str(week.registrations),
        }
        for week in await call.server.statistics.weeks()
    ]


@routes.get("/api/v1/instance/domain_blocks", scope="read", auth=Auth.OPTIONAL)
async def domain_blocks(call: Call) -> list[Entity]:
    """Return which servers are blocked here, to those whom the configuration lets know."""
    shown_to = call.server.config.instance.show_domain_blocks
    is_member = call.viewer is not None and call.viewer.person is not None
    if shown_to == "nobody" or (shown_to == "members" and not is_member):
        raise NotFound
    return [domain_block_entity(row) for row in await call.read(_domain_blocks)]


@routes.get("/api/v1/instance/languages", auth=Auth.NOBODY_ASKED, cache=Cache.HOURS)
async def languages(call: Call) -> list[Entity]:
    """Return the languages in which a post can be marked: those that have a code of two letters, with their names."""
    names = Locale("en").languages
    return [{"code": code, "name": str(names[code])} for code in sorted(names) if len(code) == 2]


@routes.get("/health", auth=Auth.NOBODY_ASKED)
async def health(call: Call) -> Response:
    """Say that requests are answered and the database can be read; what cannot is a 503 (`errors.py`)."""
    await call.read(_ping)
    return Response("OK", content_type="text/plain; charset=utf-8")


async def _facts(call: Call) -> Facts:
    contact, house = await call.read(_contact_and_rules)
    usage = await call.server.statistics.usage()
    return Facts(
        call.server.config,
        call.server.instance,
        usage,
        call.server.studio,
        contact,
        house,
        call.server.vapid.public_key,
    )


def _contact_and_rules(session: Session) -> tuple[Actor | None, Sequence[Rule]]:
    return find_contact(session), house_rules.rules_of(session)


def find_contact(session: Session) -> Actor | None:
    """Return the account to turn to: that of the first administrator."""
    return session.scalar(
        select(Actor)
        .join(User, User.actor_id == Actor.id)
        .where(User.role == Role.ADMIN, User.disabled_at.is_(None), User.confirmed_at.is_not(None))
        .order_by(User.id)
        .limit(1)
    )


def _current_terms(session: Session, today: date, instance: LocalInstance) -> Entity:
    row = house_rules.terms_at(session, today)
    return terms_entity(row, house_rules.successor_of(session, row), today, instance)


def _dated_terms(session: Session, day: date, today: date, instance: LocalInstance) -> Entity:
    row = house_rules.terms_of(session, day)
    return terms_entity(row, house_rules.successor_of(session, row), today, instance)


def _domain_blocks(session: Session) -> Sequence[DomainBlock]:
    return session.scalars(select(DomainBlock).order_by(DomainBlock.domain)).all()


def _ping(session: Session) -> None:
    session.execute(select(1))


def _instance_actor(session: Session, uri: str) -> Actor:
    actor = session.scalar(select(Actor).where(Actor.uri == uri))
    if actor is None:
        raise NotFound
    return actor
