"""https://docs.joinmastodon.org/methods/admin/accounts/"""

from typing import Any

from msgspec.structs import replace
from sqlalchemy.orm import Session

from fediverse_kommune.api.entities import Entity
from fediverse_kommune.api.entities.admin_account import admin_account_entity
from fediverse_kommune.api.entities.role import ROLES
from fediverse_kommune.api.params import Params
from fediverse_kommune.api.preload import Reader
from fediverse_kommune.api.preload_admin import load_admin_accounts
from fediverse_kommune.api.routing import Answer, Call, Routes
from fediverse_kommune.services import moderation
from fediverse_kommune.services.accounts_overview import STANDINGS, AccountFilter, accounts
from fediverse_kommune.services.moderation import Sanction, find_account, find_person
from fediverse_kommune.services.refusals import Invalid
from fediverse_kommune.services.staff import Deed, Permission

routes = Routes()

MAY_SEE: dict[str, Any] = {"scope": "admin:read:accounts", "permission": Permission.MANAGE_USERS}
MAY_ACT: dict[str, Any] = {"scope": "admin:write:accounts", "permission": Permission.MANAGE_USERS}
BOTH = Permission.MANAGE_USERS | Permission.MANAGE_REPORTS
ONE = "/api/v1/admin/accounts/<account_id>"


@routes.get("/api/v1/admin/accounts", **MAY_SEE)
async def show_all(call: Call) -> Answer:
    """Return accounts as moderators see them; each filter is a parameter of its own."""
    params = call.params
    local, remote = params.boolean("local"), params.boolean("remote")
    standings = frozenset(word for word in STANDINGS if params.boolean(word))
    wanted = _wanted(params, local=None if bool(local) == bool(remote) else bool(local), standings=standings)
    return await _list(call, wanted, staff=params.boolean("staff") or False)


@routes.get("/api/v2/admin/accounts", **MAY_SEE)
async def show_all_v2(call: Call) -> Answer:
    """Return accounts as moderators see them."""
    params = call.params
    origin, status = params.text("origin"), params.text("status")
    if origin and origin not in {"local", "remote"}:
        raise Invalid("origin is local or remote.")
    if status and status not in STANDINGS:
        raise Invalid(f"status is one of {', '.join(STANDINGS)}.")
    standings = frozenset({status} if status else ())
    wanted = _wanted(params, local=origin == "local" if origin else None, standings=standings)
    return await _list(call, wanted, staff=params.text("permissions") == "staff")


@routes.get(ONE, **MAY_SEE)
async def show(call: Call, account_id: int) -> Entity:
    """Return one account."""
    return await call.read(_show, call.reader, account_id)


@routes.post(f"{ONE}/action", scope="admin:write:accounts", permission=BOTH)
async def act(call: Call, account_id: int) -> Entity:
    """Act against an account, tell it why, and close the reports about it."""
    deed = moderation.ACTIONS.get(call.params.text("type") or "")
    if deed is None:
        raise Invalid("Record invalid")
    tells = call.params.boolean("send_email_notification")
    sanction = Sanction(
        text=call.params.text("text") or "",
        report_id=call.params.integer("report_id"),
        tells=True if tells is None else tells,
    )
    await call.carry_out(deed, account_id, sanction)
    return {}


@routes.post(f"{ONE}/approve", **MAY_ACT)
async def approve(call: Call, account_id: int) -> Entity:
    """Let somebody in who waits for it."""
    return await _change(call, moderation.approve, account_id)


@routes.post(f"{ONE}/reject", **MAY_ACT)
async def reject(call: Call, account_id: int) -> Entity:
    """Turn somebody away who waits to be let in; what is answered is the last that is known of them."""
    former = await call.read(_show, call.reader, account_id)
    await call.carry_out(moderation.reject, account_id)
    return former


@routes.delete(ONE, scope="admin:write:accounts", permission=Permission.DELETE_USER_DATA)
async def delete(call: Call, account_id: int) -> Entity:
    """Remove all that a suspended account has for good; what is answered is the last that is known of it."""
    former = await call.read(_show, call.reader, account_id)
    files = await call.carry_out(moderation.delete, account_id)
    await call.server.studio.remove(*files)
    return former


@routes.post(f"{ONE}/enable", **MAY_ACT)
async def enable(call: Call, account_id: int) -> Entity:
    """Let somebody log in again."""
    return await _change(call, moderation.enable, account_id)


@routes.post(f"{ONE}/unsilence", **MAY_ACT)
async def unsilence(call: Call, account_id: int) -> Entity:
    """Show an account in public again."""
    return await _change(call, moderation.unsilence, account_id)


@routes.post(f"{ONE}/unsuspend", **MAY_ACT)
async def unsuspend(call: Call, account_id: int) -> Entity:
    """Show a suspended account again."""
    return await _change(call, moderation.unsuspend, account_id)


@routes.post(f"{ONE}/unsensitive", **MAY_ACT)
async def unmark_sensitive(call: Call, account_id: int) -> Entity:
    """Let an account decide again which of its media are sensitive."""
    return await _change(call, moderation.unmark_sensitive, account_id)


def _wanted(params: Params, *, local: bool | None, standings: frozenset[str]) -> AccountFilter:
    """Read what both versions of the method have in common."""
    numbers = params.many("role_ids")
    by_number = {number: role for role, (number, _) in ROLES.items()}
    return AccountFilter(
        local=local,
        standings=standings,
        roles=None if numbers is None else frozenset(by_number[each] for each in numbers if each in by_number),
        invited_by=params.integer("invited_by"),
        username=params.text("username"),
        name=params.text("display_name"),
        domain=params.text("by_domain"),
        email=params.text("email"),
        ip=params.text("ip"),
    )


async def _list(call: Call, wanted: AccountFilter, *, staff: bool) -> Answer:
    query = accounts(replace(wanted, staff=staff))
    found = await call.read(load_admin_accounts, call.reader, query, call.page(default=100, most=200))
    return call.listing(found.entities, found.ids)


async def _change(call: Call, what: Deed[[int], None], account_id: int) -> Entity:
    await call.carry_out(what, account_id)
    return await call.read(_show, call.reader, account_id)


def _show(session: Session, reader: Reader, account_id: int) -> Entity:
    actor = find_account(session, account_id)
    return admin_account_entity(actor, find_person(session, actor), reader.instance)
