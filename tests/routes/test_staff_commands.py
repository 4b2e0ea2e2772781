"""What an administrator does on the machine, with the same lines in the log as in an app."""

import asyncio
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select
from sqlalchemy.orm import Session

from activitypub.models import DomainBlock
from activitypub.unit import Unit
from fediverse_kommune.cli_staff import main
from fediverse_kommune.models import AccessToken, AuditEntry, Role, User
from fediverse_kommune.services.passwords import verify_password
from fediverse_kommune.services.staff import Officer, carry_out
from fediverse_kommune.services.user_desk import set_role
from tests.client import Client, app_of, officer_of
from tests.routes.admin_cases import find_user
from tests.town import Town

CONFIG = """
[instance]
origin = "http://{host}:{port}"
name = "Teststadt"
[database]
url = "{url}"
[federation]
allow_http = true
"""


async def run(stadt: Town, url: str, folder: Path, *words: str, given: str = "") -> Result:
    """Run a command beside the town that serves."""
    path = folder / "config.toml"
    path.write_text(CONFIG.format(host=stadt.host, port=stadt.port, url=url))
    arguments = [*words[:2], "--config", str(path), *words[2:]]
    return await asyncio.to_thread(CliRunner().invoke, main, arguments, given)


def _log(session: Session) -> list[tuple[str, str, int | None]]:
    return [
        (row.action, row.target, row.user_id) for row in session.scalars(select(AuditEntry).order_by(AuditEntry.id))
    ]


async def test_people_are_listed_promoted_shut_out_and_let_in(stadt: Town, database_url: str, tmp_path: Path) -> None:
    anna = await app_of(stadt, "anna")
    listed = await run(stadt, database_url, tmp_path, "user", "list")
    assert listed.output == "anna\tanna@post.example\tuser\tactive\n"
    assert (await run(stadt, database_url, tmp_path, "user", "role", "anna", "moderator")).exit_code == 0
    assert (await stadt.write(find_user, int(anna.id))).role is Role.MODERATOR
    assert (await run(stadt, database_url, tmp_path, "user", "disable", "anna")).exit_code == 0
    assert (await anna.ask("GET", "/api/v1/accounts/verify_credentials")).status == 401
    assert "disabled" in (await run(stadt, database_url, tmp_path, "user", "list")).output
    assert (await run(stadt, database_url, tmp_path, "user", "enable", "anna")).exit_code == 0
    assert (await anna.ask("GET", "/api/v1/accounts/verify_credentials")).status == 200
    given = "ein anderes Passwort\nein anderes Passwort\n"
    assert (await run(stadt, database_url, tmp_path, "user", "password", "anna", given=given)).exit_code == 0
    user = await stadt.write(find_user, int(anna.id))
    assert verify_password(user.password_hash, "ein anderes Passwort")
    assert await stadt.count(AccessToken) == 0
    assert await stadt.read(_log) == [
        (action, "anna", None) for action in ("user.role", "account.disable", "account.enable", "user.password")
    ]
    nobody = await run(stadt, database_url, tmp_path, "user", "disable", "niemand")
    assert (nobody.exit_code, "niemand" in nobody.output) == (1, True)


async def test_domains_are_shut_out_listed_and_let_in(stadt: Town, database_url: str, tmp_path: Path) -> None:
    words = ("domain", "block", "boese.example", "--severity", "silence", "--reject-media", "--comment", "Werbung")
    assert (await run(stadt, database_url, tmp_path, *words)).exit_code == 0
    listed = await run(stadt, database_url, tmp_path, "domain", "list")
    assert listed.output == "boese.example\tsilence no-media\tWerbung\n"
    again = await run(stadt, database_url, tmp_path, *words)
    assert (again.exit_code, "stricter" in again.output) == (1, True)
    assert (await run(stadt, database_url, tmp_path, "domain", "unblock", "boese.example")).exit_code == 0
    assert await stadt.count(DomainBlock) == 0
    missing = await run(stadt, database_url, tmp_path, "domain", "unblock", "boese.example")
    assert (missing.exit_code, "not blocked" in missing.output) == (1, True)
    assert (await run(stadt, database_url, tmp_path, "domain", "allow", "freund.example")).exit_code == 0
    assert [action for action, _, _ in await stadt.read(_log)] == [
        "domain_block.create",
        "domain_block.delete",
        "domain_allow.create",
    ]


@pytest.mark.parametrize("role", [Role.ADMIN, Role.MODERATOR, Role.USER])
async def test_nobody_gives_away_what_they_are_themselves(stadt: Town, role: Role) -> None:
    boss, anna = await officer_of(stadt, "vera", Role.ADMIN), await app_of(stadt, "anna")
    officer = await _officer(stadt, boss)
    if role is Role.ADMIN:
        with pytest.raises(Exception, match="not allowed"):
            await stadt.write(carry_out, officer, set_role, int(anna.id), role)
    else:
        await stadt.write(carry_out, officer, set_role, int(anna.id), role)
    with pytest.raises(Exception, match="not allowed"):
        await stadt.write(carry_out, officer, set_role, int(boss.id), Role.USER)


async def test_the_last_administrator_stays_one(stadt: Town, database_url: str, tmp_path: Path) -> None:
    await officer_of(stadt, "vera", Role.ADMIN)
    refused = await run(stadt, database_url, tmp_path, "user", "role", "vera", "user")
    assert (refused.exit_code, "last administrator" in refused.output) == (1, True)


async def _officer(town: Town, client: Client) -> Officer:
    def find(unit: Unit) -> Officer:
        user: User = find_user(unit, int(client.id))
        return Officer(user.id, user.actor_id, user.role)

    return await town.write(find)
