"""https://docs.joinmastodon.org/methods/accounts/"""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from activitypub.graph.actors import find_actor, find_by_handle
from activitypub.hashtags import hashtag_key
from activitypub.models import Actor, Follow
from fediverse_kommune.api.entities import Entity
from fediverse_kommune.api.entities.account import Beside, account_entity
from fediverse_kommune.api.pagination import Page, read_limit
from fediverse_kommune.api.params import Params
from fediverse_kommune.api.preload import (
    Listing,
    Reader,
    account_entities,
    load_accounts,
    load_timeline,
)
from fediverse_kommune.api.prepared import ProfileLines
from fediverse_kommune.api.routing import Answer, Auth, Call, Routes
from fediverse_kommune.api.v1.profile import change_profile, own_account
from fediverse_kommune.models import Preference, Role, Standing, User
from fediverse_kommune.services import search, timelines
from fediverse_kommune.services.refusals import Invalid, NotFound
from fediverse_kommune.services.relationships import find_target
from webfinger.handle import InvalidHandle, parse_handle

routes = Routes()

MANY = 40  # accounts that one request may ask for by id


# --------------------------------------------------------------------------------------------- one's own


@routes.get("/api/v1/accounts/verify_credentials", scope=("profile", "read:accounts"))
async def verify_credentials(call: Call) -> Entity:
    """Return the actor this app acts as."""
    return await call.read(own_account, call.me.actor.id, call.me.user_id, call.reader)


@routes.patch("/api/v1/accounts/update_credentials", scope="write:accounts", standing=Standing.EDITOR, upload=True)
async def update_credentials(call: Call) -> Entity:
    """Change how this actor describes itself."""
    await change_profile(call)
    return await call.read(own_account, call.me.actor.id, call.me.user_id, call.reader)


# ---------------------------------------------------------------------------------------------- everybody


@routes.get("/api/v1/accounts/lookup", scope="read:accounts", auth=Auth.OPTIONAL)
async def lookup(call: Call) -> Entity:
    """Return the account with a handle, if it is known here."""
    return await call.read(_lookup, call.reader, call.params.required("acct"), mails=call.server.config.sends_mail)


@routes.get("/api/v1/accounts/search", scope="read:accounts")
async def search_accounts(call: Call) -> list[Entity]:
    """Return accounts whose handle or name begins with something; with `resolve` also one nobody here knows yet."""
    wanted = search.AccountSearch(
        text=call.params.text("q") or "",
        limit=read_limit(call.params, default=40, most=80),
        offset=max(0, call.params.integer("offset") or 0),
        following=call.me.actor.id if call.params.boolean("following") else None,
        reader=call.me.actor.id,
    )
    if call.params.boolean("resolve"):
        await search.resolve(call.server.resolver, call.server.blocks, wanted.text)
    found = await call.read(search.find_accounts, wanted, call.server.instance)
    return [account_entity(actor, call.server.instance) for actor in found]


@routes.get("/api/v1/accounts", scope="read:accounts", auth=Auth.OPTIONAL)
async def show_many(call: Call) -> list[Entity]:
    """Return several accounts by id."""
    ids = call.params.ids("id")
    if len(ids) > MANY:
        raise Invalid(f"Ask for at most {MANY} accounts at once.")
    return await call.read(account_entities, call.reader, ids)


@routes.get("/api/v1/accounts/<account_id>", scope="read:accounts", auth=Auth.OPTIONAL, kept=True)
async def show(call: Call, account_id: int) -> Entity:
    """Return one account."""
    return await call.read(_show, call.reader, account_id, mails=call.server.config.sends_mail)


@routes.get("/api/v1/accounts/<account_id>/statuses", scope="read:statuses", auth=Auth.OPTIONAL, kept=True)
async def statuses(call: Call, account_id: int) -> Answer:
    """Return what an account posted and passed on."""
    found = await call.read(_statuses, call.reader_of("account"), account_id, _profile_filter(call.params), call.page())
    return call.listing(found.entities, found.ids)


@routes.get("/api/v1/accounts/<account_id>/followers", scope="read:accounts", auth=Auth.OPTIONAL)
async def followers(call: Call, account_id: int) -> Answer:
    """Return who follows an account, unless it hides that."""
    page = call.page(default=40, most=80)
    found = await call.read(_network, call.reader, account_id, page, of=Follow.followed_id, listed=Follow.follower_id)
    return call.listing(found.entities, found.ids)


@routes.get("/api/v1/accounts/<account_id>/following", scope="read:accounts", auth=Auth.OPTIONAL)
async def following(call: Call, account_id: int) -> Answer:
    """Return whom an account follows, unless it hides that."""
    page = call.page(default=40, most=80)
    found = await call.read(_network, call.reader, account_id, page, of=Follow.follower_id, listed=Follow.followed_id)
    return call.listing(found.entities, found.ids)


@routes.get("/api/v1/accounts/<account_id>/identity_proofs", scope="read:accounts", auth=Auth.OPTIONAL)
async def identity_proofs(call: Call, account_id: int) -> list[Entity]:
    """Return no proofs of identity: the service that they came from is gone, and nobody has any."""
    await call.read(find_target, account_id)
    return []


# --------------------------------------------------------------------------------------------------- forms


def _profile_filter(params: Params) -> timelines.ProfileFilter:
    tag = params.text("tagged")
    return timelines.ProfileFilter(
        only_media=params.boolean("only_media") or False,
        pinned=params.boolean("pinned") or False,
        exclude_replies=params.boolean("exclude_replies") or False,
        exclude_announces=params.boolean("exclude_reblogs") or False,
        tag=hashtag_key(tag.lstrip("#")) if tag else None,
    )


# -------------------------------------------------------------------------------------------- units of work


def _show(session: Session, reader: Reader, account_id: int, *, mails: bool) -> Entity:
    """Return one account; of one that the moderators shut out only that it was there."""
    actor = session.get(Actor, account_id)
    if actor is None or actor.suspended_at is None:
        return _single(session, find_target(session, account_id), reader, mails=mails)
    return account_entity(actor, reader.instance)


def _single(session: Session, actor: Actor, reader: Reader, *, mails: bool) -> Entity:
    """Return an account with what other rows say of it: whether it works for the town, and where it has moved."""
    role, by_mail = _house_facts(session, actor.id) if actor.is_local else (None, None)
    moved_to = find_actor(session, actor.moved_to_uri) if actor.moved_to_uri else None
    return account_entity(actor, reader.instance, Beside(role, moved_to, by_mail if mails else None))


def _house_facts(session: Session, actor_id: int) -> tuple[Role | None, bool]:
    """Return which role one of our actors has for the town, and whether people may subscribe to it by mail."""
    row = session.execute(
        select(User.role, Preference.email_subscriptions)
        .select_from(Actor)
        .outerjoin(User, User.actor_id == Actor.id)
        .outerjoin(Preference, Preference.actor_id == Actor.id)
        .where(Actor.id == actor_id)
    ).one()
    return row[0], bool(row[1])


def _lookup(session: Session, reader: Reader, text: str, *, mails: bool) -> Entity:
    instance = reader.instance
    try:
        handle = parse_handle(text, default_domain=instance.account_domain, test_network=instance.test_network)
    except InvalidHandle:
        raise NotFound from None
    actor = find_by_handle(session, handle.username, None if handle.domain in instance.hosts else handle.domain)
    if actor is None:
        raise NotFound
    return _single(session, find_target(session, actor.id), reader, mails=mails)


def _statuses(
    session: Session, reader: Reader, account_id: int, wanted: timelines.ProfileFilter, page: Page
) -> Listing:
    actor = find_target(session, account_id)
    if wanted.tag is not None:
        return load_timeline(session, reader, timelines.profile(reader.actor, actor.id, wanted), page)
    own = reader.actor is not None and reader.actor.id == actor.id
    return load_timeline(session, reader, ProfileLines(wanted, own=own), page, profile_id=actor.id)


def _network(session: Session, reader: Reader, account_id: int, page: Page, *, of: Any, listed: Any) -> Listing:
    actor = find_target(session, account_id)
    if actor.hides_network and (reader.actor is None or reader.actor.id != actor.id):
        return Listing([], [])
    query = (
        select(Follow.id, Actor)
        .join(Actor, Actor.id == listed)
        .where(of == actor.id, Follow.accepted_at.is_not(None), Actor.suspended_at.is_(None))
    )
    return load_accounts(session, reader, page, query, Follow.id)
