"""https://docs.joinmastodon.org/methods/lists/"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from activitypub.models import Actor
from activitypub.unit import Unit
from fediverse_kommune.api.entities import Entity
from fediverse_kommune.api.entities.list import list_entity
from fediverse_kommune.api.pagination import Page
from fediverse_kommune.api.params import Params
from fediverse_kommune.api.preload import Listing, Reader, load_accounts, load_timeline
from fediverse_kommune.api.routing import Answer, Call, Routes
from fediverse_kommune.models import List, ListMember, RepliesPolicy
from fediverse_kommune.services import lists, timelines
from fediverse_kommune.services.refusals import Invalid
from fediverse_kommune.services.relationships import find_target

routes = Routes()

ALL = 5_000  # accounts of a list whose client wants them all at once


@routes.get("/api/v1/lists", scope="read:lists")
async def show_all(call: Call) -> list[Entity]:
    """Return one's lists."""
    return await call.read(_list, call.me.actor.id)


@routes.post("/api/v1/lists", scope="write:lists")
async def create(call: Call) -> Entity:
    """Make a list."""
    call.params.required("title")
    return await call.write(_create, call.me.actor.id, _form(call.params))


@routes.get("/api/v1/lists/<list_id>", scope="read:lists")
async def show(call: Call, list_id: int) -> Entity:
    """Return one list."""
    return list_entity(await call.read(lists.find_list, call.me.actor, list_id))


@routes.put("/api/v1/lists/<list_id>", scope="write:lists")
async def update(call: Call, list_id: int) -> Entity:
    """Change what a list is."""
    return await call.write(_update, call.me.actor.id, list_id, _form(call.params))


@routes.delete("/api/v1/lists/<list_id>", scope="write:lists")
async def delete(call: Call, list_id: int) -> Entity:
    """Remove a list."""
    await call.write(lists.delete_list, call.me.actor, list_id)
    return {}


@routes.get("/api/v1/lists/<list_id>/accounts", scope="read:lists")
async def accounts(call: Call, list_id: int) -> Answer:
    """Return who is on a list; with a limit of 0 all of them at once."""
    all_at_once = call.params.integer("limit") == 0
    page = Page(limit=ALL) if all_at_once else call.page(default=40, most=80)
    found = await call.read(_members, call.reader, call.me.actor, list_id, page)
    return Answer(found.entities) if all_at_once else call.listing(found.entities, found.ids)


@routes.post("/api/v1/lists/<list_id>/accounts", scope="write:lists")
async def add_accounts(call: Call, list_id: int) -> Entity:
    """Put people on a list."""
    await call.write(lists.add_members, call.me.actor, list_id, call.params.ids("account_ids"))
    return {}


@routes.delete("/api/v1/lists/<list_id>/accounts", scope="write:lists")
async def remove_accounts(call: Call, list_id: int) -> Entity:
    """Take people off a list."""
    await call.write(lists.remove_members, call.me.actor, list_id, call.params.ids("account_ids"))
    return {}


@routes.get("/api/v1/accounts/<account_id>/lists", scope="read:lists")
async def lists_with(call: Call, account_id: int) -> list[Entity]:
    """Return one's lists that an account is on."""
    return await call.read(_lists_with, call.me.actor.id, account_id)


@routes.get("/api/v1/timelines/list/<list_id>", scope="read:lists")
async def timeline(call: Call, list_id: int) -> Answer:
    """Return what those on a list posted and passed on."""
    found = await call.read(_timeline, call.reader_of("home"), call.me.actor, list_id, call.page())
    return call.listing(found.entities, found.ids)


def _form(params: Params) -> lists.ListForm:
    policy = params.text("replies_policy")
    if policy and policy not in set(RepliesPolicy):
        raise Invalid(f"replies_policy is one of {', '.join(RepliesPolicy)}.")
    return lists.ListForm(
        title=params.text("title"),
        replies_policy=RepliesPolicy(policy) if policy else None,
        exclusive=params.boolean("exclusive"),
    )


# -------------------------------------------------------------------------------------------- units of work


def _list(session: Session, actor_id: int) -> list[Entity]:
    return [
        list_entity(row) for row in session.scalars(select(List).where(List.actor_id == actor_id).order_by(List.id))
    ]


def _create(unit: Unit, actor_id: int, form: lists.ListForm) -> Entity:
    return list_entity(lists.create_list(unit, unit.get_one(Actor, actor_id), form))


def _update(unit: Unit, actor_id: int, list_id: int, form: lists.ListForm) -> Entity:
    return list_entity(lists.update_list(unit, unit.get_one(Actor, actor_id), list_id, form))


def _members(session: Session, reader: Reader, actor: Actor, list_id: int, page: Page) -> Listing:
    row = lists.find_list(session, actor, list_id)
    query = (
        select(ListMember.id, Actor)
        .join(Actor, Actor.id == ListMember.actor_id)
        .where(ListMember.list_id == row.id, Actor.suspended_at.is_(None))
    )
    return load_accounts(session, reader, page, query, ListMember.id)


def _lists_with(session: Session, actor_id: int, member_id: int) -> list[Entity]:
    member = find_target(session, member_id)
    query = (
        select(List)
        .join(ListMember, ListMember.list_id == List.id)
        .where(List.actor_id == actor_id, ListMember.actor_id == member.id)
        .order_by(List.id)
    )
    return [list_entity(row) for row in session.scalars(query)]


def _timeline(session: Session, reader: Reader, actor: Actor, list_id: int, page: Page) -> Listing:
    row = lists.find_list(session, actor, list_id)
    return load_timeline(session, reader, timelines.of_list(actor, row), page)
