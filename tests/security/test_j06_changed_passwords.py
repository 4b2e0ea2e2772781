"""J06: whoever may not come in any more, or not in the way they did, is out everywhere within five seconds.

Of the ways to a new password there is one: an administrator gives it on the command line, in a process of its own.
"""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from pathlib import Path

import pytest

from fediverse_kommune.models import AccessToken, AuthorizationCode, PushSubscription, Role, WebSession
from tests.client import officer_of
from tests.routes.test_staff_commands import run
from tests.town import Town
from tests.ways_in import EVERY_WAY, household

Command = Callable[..., Awaitable[None]]
NEW = "ein anderes Passwort\nein anderes Passwort\n"


async def change_password(_stadt: Town, _account_id: str, command: Command) -> None:
    await command("user", "password", "anna", given=NEW)


async def disable_by_command(_stadt: Town, _account_id: str, command: Command) -> None:
    await command("user", "disable", "anna")


async def act(stadt: Town, account_id: str, _command: Command, *, kind: str) -> None:
    officer = await officer_of(stadt, "vera", Role.ADMIN)
    await officer.post(f"/api/v1/admin/accounts/{account_id}/action", data={"type": kind})


async def remove(stadt: Town, account_id: str, command: Command) -> None:
    await act(stadt, account_id, command, kind="suspend")
    officer = await officer_of(stadt, "vera", Role.ADMIN)
    await officer.delete(f"/api/v1/admin/accounts/{account_id}")


LOSSES: Mapping[str, Callable[[Town, str, Command], Awaitable[None]]] = {
    "another password by the command line": change_password,
    "shut out by the command line": disable_by_command,
    "shut out by an administrator": partial(act, kind="disable"),
    "suspended by an administrator": partial(act, kind="suspend"),
    "removed by an administrator": remove,
}
# After these the login comes back some day; until then its rows open nothing.
PASSING = {name for name in LOSSES if name.startswith("shut out")}


@pytest.mark.timeout(120)
@pytest.mark.parametrize("what", LOSSES)
async def test_j06_every_way_in_is_shut_within_five_seconds(
    stadt: Town, database_url: str, tmp_path: Path, what: str
) -> None:
    async def command(*words: str, given: str = "") -> None:
        result = await run(stadt, database_url, tmp_path, *words, given=given)
        assert result.exit_code == 0, result.output

    async with household(stadt, "anna") as home:
        assert await home.shut(frozenset()) == set(), "until then every way is open"
        account_id = (await home.client.get("/api/v1/accounts/verify_credentials"))["id"]
        await LOSSES[what](stadt, account_id, command)
        assert await home.shut_for_good(EVERY_WAY) == EVERY_WAY
    if what not in PASSING:
        # Of what is left, all belongs to others: the neighbour, the friend, the officer.
        assert await stadt.count(WebSession) == await stadt.count(AuthorizationCode) == 0
        assert await stadt.count(PushSubscription) == 1
        assert await stadt.count(AccessToken, AccessToken.code_hash.is_not(None)) == 0


@pytest.mark.timeout(120)
async def test_j06_others_stay_where_they_are(stadt: Town, database_url: str, tmp_path: Path) -> None:
    async with household(stadt, "bert") as home:
        await officer_of(stadt, "anna", Role.MODERATOR)
        await run(stadt, database_url, tmp_path, "user", "password", "anna", given=NEW)
        await run(stadt, database_url, tmp_path, "user", "disable", "anna")
        assert await home.shut_for_good(frozenset()) == set()
