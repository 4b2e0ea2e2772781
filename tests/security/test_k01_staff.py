"""K01, K02, K03, K07, K08: who may act for the instance, against whom, and what is left of it in the log.

Swept over the table of routes: a route of the admin API that is missing in `admin_cases.CASES` fails here.
"""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from activitypub.models import Actor, DomainBlock
from activitypub.unit import Unit
from fediverse_kommune.api.admin import ADMIN_PAGES
from fediverse_kommune.api.routing import Route
from fediverse_kommune.models import AccessToken, AuditEntry, Role, User
from fediverse_kommune.services.accounts import create_team
from fediverse_kommune.services.staff import (
    PERMISSIONS,
    Done,
    Officer,
    Permission,
    carry_out,
    deed,
)
from tests.client import ADMIN_SCOPES, Client, anonymous, app_of, officer_of
from tests.routes.admin_cases import CASES, account, filled, find_user, resident
from tests.town import Town

ROOT = Path(__file__).parent.parent.parent
ROUTES = [route for page in ADMIN_PAGES for route in page.all]


def changes_something(route: Route) -> bool:
    return any(scope.startswith("admin:write") for scope in route.declaration.scopes)


CHANGING = [route for route in ROUTES if changes_something(route)]


def asked(routes: list[Route]) -> Iterator[tuple[str, Route]]:
    for route in routes:
        for method in route.methods:
            yield method, route


def entries(session: Session) -> list[AuditEntry]:
    return list(session.scalars(select(AuditEntry).order_by(AuditEntry.id)))


def test_every_route_of_the_admin_api_names_a_permission_and_an_admin_scope() -> None:
    for route in ROUTES:
        assert route.declaration.permission, route.path
        assert route.declaration.scopes, route.path
        assert all(scope.startswith("admin:") for scope in route.declaration.scopes), route.path


def test_every_route_that_changes_something_is_swept() -> None:
    assert {(method, route.path) for method, route in asked(CHANGING)} == set(CASES)


async def test_each_act_leaves_exactly_one_line_in_the_log(stadt: Town) -> None:
    officer = await officer_of(stadt, "vera", Role.ADMIN)
    user = await stadt.write(find_user, int(officer.id))
    for (method, path), prepare in CASES.items():
        request = await prepare(stadt, officer)
        before = len(await stadt.read(entries))
        reply = await officer.ask(method, filled(path, request.names), json=dict(request.body))
        assert reply.status == 200, f"{method} {path}: {reply.status} {reply.text}"
        written = (await stadt.read(entries))[before:]
        assert [entry.user_id for entry in written] == [user.id], f"{method} {path}"
        assert written[0].target, path
        assert "." in written[0].action, path


async def test_nobody_else_gets_in_and_nothing_is_written(stadt: Town) -> None:
    strangers = await _strangers(stadt)
    for method, route in asked(ROUTES):
        kind = "write" if changes_something(route) else "read"
        other = "read" if kind == "write" else "write"
        for who, status in ((anonymous(stadt), 401), *((strangers[name], 403) for name in ("user", "team", other))):
            reply = await who.ask(method, filled(route.path, {}), json={})
            assert reply.status == status, f"{method} {route.path} as {who.username}: {reply.status}"
        moderator = await strangers["moderator"].ask(method, filled(route.path, {}), json={})
        may = route.declaration.permission in PERMISSIONS[Role.MODERATOR]
        assert (moderator.status == 403) is not may, f"{method} {route.path} as moderator: {moderator.status}"
    assert await stadt.read(entries) == []


async def _strangers(town: Town) -> dict[str, Client]:
    """A resident, an administrator who acts as a club, and administrators whose apps may do something else."""
    boss = await officer_of(town, "vera", Role.ADMIN)
    return {
        "user": await app_of(town, "anna", scopes=ADMIN_SCOPES),
        "team": await _as_club(town, await officer_of(town, "tina", Role.ADMIN)),
        "read": await officer_of(town, "rosa", Role.ADMIN, scopes="read write follow push admin:read"),
        "write": await officer_of(town, "willi", Role.ADMIN, scopes="read write follow push admin:write"),
        "moderator": await officer_of(town, "moritz", Role.MODERATOR),
        "boss": boss,
    }


async def _as_club(town: Town, owner: Client) -> Client:
    def found(unit: Unit) -> None:
        user = find_user(unit, int(owner.id))
        club = create_team(unit, user.id, "verein", kind="Organization", name="Verein")
        unit.execute(update(AccessToken).where(AccessToken.user_id == user.id).values(actor_id=club.id))

    await town.write(found)
    return owner


@pytest.mark.parametrize(
    ("officer_role", "target_role", "status"),
    [
        (Role.MODERATOR, Role.USER, 200),
        (Role.MODERATOR, Role.MODERATOR, 403),
        (Role.MODERATOR, Role.ADMIN, 403),
        (Role.ADMIN, Role.MODERATOR, 200),
        (Role.ADMIN, Role.ADMIN, 403),
    ],
)
async def test_only_who_stands_below_can_be_acted_on(
    stadt: Town, officer_role: Role, target_role: Role, status: int
) -> None:
    officer = await officer_of(stadt, "vera", officer_role)
    on_accounts = [(key, prepare) for key, prepare in CASES.items() if "<account_id>" in key[1]]
    for (method, path), prepare in on_accounts:
        if method == "DELETE" and officer_role is Role.MODERATOR:
            continue  # not a moderator's at all
        request = await prepare(stadt, officer)
        await stadt.write(_set_role, int(request.names["account_id"]), target_role)
        reply = await officer.ask(method, filled(path, request.names), json=dict(request.body))
        assert reply.status == status, f"{method} {path}: {reply.status}"
    written = await stadt.read(entries)
    assert bool(written) is (status == 200)


def _set_role(unit: Unit, actor_id: int, role: Role) -> None:
    unit.execute(update(User).where(User.actor_id == actor_id).values(role=role))


async def test_nobody_acts_on_themselves_nor_on_what_somebody_above_owns(stadt: Town) -> None:
    moderator, boss = await officer_of(stadt, "moritz"), await officer_of(stadt, "vera", Role.ADMIN)

    def found(unit: Unit) -> int:
        return create_team(unit, find_user(unit, int(boss.id)).id, "rathaus", kind="Organization", name="Rathaus").id

    hall = await stadt.write(found)
    server = await stadt.read(_server_actor)
    for target, status in ((moderator.id, 403), (str(hall), 403), (str(server), 404)):
        reply = await moderator.ask("POST", f"/api/v1/admin/accounts/{target}/action", data={"type": "suspend"})
        assert reply.status == status


def _server_actor(session: Session) -> int:
    return session.scalars(select(Actor.id).where(Actor.type == "Application", Actor.domain.is_(None))).one()


async def test_who_is_demoted_disabled_or_suspended_does_nothing_more(stadt: Town) -> None:
    target = await resident(stadt)
    path = f"/api/v1/admin/accounts/{target.id}/unsilence"
    for name, change, status in (
        ("eins", {"role": Role.USER}, 403),
        ("zwei", {"disabled_at": "now"}, 401),
        ("drei", {"suspended_at": "now"}, 401),
    ):
        officer = await officer_of(stadt, name)
        assert (await officer.ask("POST", path)).status == 200
        await stadt.write(_alter, int(officer.id), change)
        assert (await officer.ask("POST", path)).status == status, name


def _alter(unit: Unit, actor_id: int, changes: dict[str, Any]) -> None:
    for name, value in changes.items():
        real = unit.now if value == "now" else value
        table, key = (Actor, Actor.id) if name in Actor.__table__.c else (User, User.actor_id)
        unit.execute(update(table).where(key == actor_id).values({name: real}))


async def test_a_role_that_was_taken_away_meanwhile_is_noticed_in_the_transaction(stadt: Town) -> None:
    officer = await officer_of(stadt, "vera", Role.USER)
    user = await stadt.write(find_user, int(officer.id))
    stale = Officer(user.id, int(officer.id), Role.ADMIN)
    with pytest.raises(Exception, match="not allowed"):
        await stadt.write(carry_out, stale, _harmless, "x")
    assert await stadt.read(entries) == []


@deed("test.harmless", Permission.MANAGE_USERS)
def _harmless(_unit: Unit, _officer: Officer, name: str) -> Done[None]:
    return Done(name, None)


@deed("test.failing", Permission.MANAGE_USERS)
def _failing(unit: Unit, _officer: Officer, name: str) -> Done[None]:
    unit.execute(delete(User))
    raise RuntimeError(name)


async def test_what_fails_leaves_neither_effect_nor_line(stadt: Town) -> None:
    officer = await officer_of(stadt, "vera", Role.ADMIN)
    user = await stadt.write(find_user, int(officer.id))
    with pytest.raises(RuntimeError):
        await stadt.write(carry_out, Officer(user.id, int(officer.id), Role.ADMIN), _failing, "x")
    assert await stadt.count(User) == 1
    assert await stadt.read(entries) == []


async def test_other_fields_of_a_body_have_no_effect(stadt: Town) -> None:
    officer = await officer_of(stadt, "vera", Role.ADMIN)
    planted = {
        "role": "admin",
        "role_id": "3",
        "confirmed": False,
        "approved": False,
        "suspended": True,
        "suspended_at": "2020-01-01T00:00:00Z",
        "disabled": True,
        "email": "x@post.example",
        "user_id": "1",
        "id": "1",
        "account_id": officer.id,
        "username": "mallory",
    }
    request = await account(silenced_at="now")(stadt, officer)
    target = int(request.names["account_id"])
    before = await stadt.write(_standing, target)
    await officer.post(f"/api/v1/admin/accounts/{target}/unsilence", json=planted)
    after = await stadt.write(_standing, target)
    assert {name for name in before if before[name] != after[name]} == {"silenced_at", "version"}
    assert (await stadt.write(find_user, int(officer.id))).role is Role.ADMIN


def _standing(unit: Unit, actor_id: int) -> dict[str, Any]:
    user, actor = find_user(unit, actor_id), unit.get_one(Actor, actor_id)
    rows = {column.name: getattr(actor, column.name) for column in Actor.__table__.c}
    return rows | {f"user_{column.name}": getattr(user, column.name) for column in User.__table__.c}


async def test_a_block_keeps_its_domain_and_its_number(stadt: Town) -> None:
    officer = await officer_of(stadt, "vera", Role.ADMIN)
    block = await officer.post("/api/v1/admin/domain_blocks", json={"domain": "eins.example"})
    body = {"domain": "zwei.example", "id": "1", "created_at": "2020-01-01T00:00:00Z", "severity": "noop"}
    changed = await officer.put(f"/api/v1/admin/domain_blocks/{block['id']}", json=body)
    assert changed == block | {"severity": "noop"}
    assert await stadt.count(DomainBlock) == 1


async def test_no_spelling_of_an_address_goes_past_the_check(stadt: Town, subtests: pytest.Subtests) -> None:
    user = await app_of(stadt, "anna", scopes=ADMIN_SCOPES)
    for method in ["GET", "HEAD", "OPTIONS"]:
        for path in [
            "//api/v1/admin/accounts",
            "/api/v1/admin/accounts/",
            "/api/v1/admin/./accounts",
            "/API/V1/ADMIN/ACCOUNTS",
            "/api/v1/%61dmin/accounts",
            "/api/v1/admin/accounts;x",
            "/api/v1/admin/accounts%2f",
            "/api/v1/admin/accounts.json",
        ]:
            with subtests.test(method=method, path=path):
                for who in (anonymous(stadt), user):
                    reply = await who.ask(method, path)
                    # A preflight is answered to everybody, with nothing in it.
                    assert reply.status in {401, 403, 404, 405, 301, 308} or (reply.status == 204 and reply.body == b"")


def test_there_is_no_way_around_the_log() -> None:
    for path in sorted((ROOT / "fediverse_kommune").rglob("*.py")):
        named = {node.attr for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Attribute)}
        if path.parts[-2:] != ("services", "staff.py"):
            assert not named & {"perform", "_work"}, path
        if path.parts[-3:-1] == ("api", "admin"):
            assert "write" not in named, path
