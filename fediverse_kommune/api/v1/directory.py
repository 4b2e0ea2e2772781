"""https://docs.joinmastodon.org/methods/directory/, endorsements, familiar followers, and peers."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from activitypub.models import Actor, Endorsement
from fediverse_kommune.api.entities import Entity
from fediverse_kommune.api.entities.account import account_entity
from fediverse_kommune.api.pagination import Page, read_limit
from fediverse_kommune.api.preload import Listing, Reader, load_accounts
from fediverse_kommune.api.routing import Answer, Auth, Cache, Call, Routes
from fediverse_kommune.services import discovery
from fediverse_kommune.services.refusals import Invalid
from fediverse_kommune.services.relationships import find_target

routes = Routes()

MANY = 40  # accounts that one request may ask for by id


@routes.get("/api/v1/directory", scope="read:accounts", auth=Auth.OPTIONAL)
async def directory(call: Call) -> list[Entity]:
    """Return those who want to be found."""
    order = call.params.text("order") or discovery.Order.ACTIVE
    if order not in set(discovery.Order):
        raise Invalid(f"order is one of {', '.join(discovery.Order)}.")
    found = await call.read(
        discovery.directory,
        call.reader.actor,
        order=discovery.Order(order),
        local=call.params.boolean("local") or False,
        limit=read_limit(call.params, default=40, most=80),
        offset=max(0, call.params.integer("offset") or 0),
    )
    return [account_entity(actor, call.server.instance) for actor in found]


@routes.get("/api/v1/endorsements", scope="read:accounts")
async def endorsements(call: Call) -> Answer:
    """Return whom one shows on the profile."""
    return await _endorsed(call, call.me.actor.id)


@routes.get("/api/v1/accounts/<account_id>/endorsements", scope="read:accounts", auth=Auth.OPTIONAL)
async def endorsed_by(call: Call, account_id: int) -> Answer:
    """Return whom somebody shows on the profile."""
    return await _endorsed(call, account_id)


@routes.get("/api/v1/accounts/familiar_followers", scope="read:follows")
async def familiar_followers(call: Call) -> list[Entity]:
    """Return who follows some accounts of those one follows."""
    return await call.read(_familiar, call.reader, call.me.actor, call.params.ids("id")[:MANY])


@routes.get("/api/v1/peers/search", auth=Auth.NOBODY_ASKED, cache=Cache.MINUTES)
async def search_peers(call: Call) -> list[str]:
    """Return some servers whose name begins with a text."""
    text = (call.params.text("q") or "").strip()
    return await call.read(discovery.find_peers, text) if text else []


async def _endorsed(call: Call, account_id: int) -> Answer:
    found = await call.read(_list_endorsed, call.reader, account_id, call.page(default=40, most=80))
    return call.listing(found.entities, found.ids)


def _list_endorsed(session: Session, reader: Reader, account_id: int, page: Page) -> Listing:
    actor = find_target(session, account_id)
    query = (
        select(Endorsement.id, Actor)
        .join(Actor, Actor.id == Endorsement.target_id)
        .where(Endorsement.actor_id == actor.id, Actor.suspended_at.is_(None))
    )
    return load_accounts(session, reader, page, query, Endorsement.id)


def _familiar(session: Session, reader: Reader, actor: Actor, ids: list[int]) -> list[Entity]:
    known = set(session.scalars(select(Actor.id).where(Actor.id.in_(ids), Actor.suspended_at.is_(None))))
    found = discovery.familiar_followers(session, actor, known)
    return [
        {"id": str(one), "accounts": [account_entity(follower, reader.instance) for follower in found.get(one, ())]}
        for one in ids
        if one in known
    ]
