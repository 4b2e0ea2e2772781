"""J06: whoever may not come in any more, or not in the way they did, is out everywhere within five seconds.

Of the ways to a new password there is one: an administrator gives it on the command line, in a process of its own.
"""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import update

from activitypub.unit import Unit
from fediverse_kommune.models import (
    AccessToken,
    AuthorizationCode,
    PushSubscription,
    Role,
    Standing,
    User,
    WebSession,
)
from tests.client import app_of, officer_of
from tests.routes.test_staff_commands import run
from tests.security.test_h09_open_streams import join
from tests.town import Town
from tests.ways_in import BY_TOKEN, EVERY_WAY, household

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


async def disable_by_hand(stadt: Town, account_id: str, _command: Command) -> None:
    def disable(unit: Unit) -> None:
        unit.execute(update(User).where(User.actor_id == int(account_id)).values(disabled_at=unit.now))

    await stadt.write(disable)


LOSSES: Mapping[str, Callable[[Town, str, Command], Awaitable[None]]] = {
    "another password by the command line": change_password,
    "shut out by the command line": disable_by_command,
    "shut out by hand, in the database": disable_by_hand,
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
async def test_j06_who_is_let_in_again_logs_in_again(stadt: Town, database_url: str, tmp_path: Path) -> None:
    async with household(stadt, "anna") as home:
        account_id = (await home.client.get("/api/v1/accounts/verify_credentials"))["id"]
        officer = await officer_of(stadt, "vera", Role.ADMIN)
        await officer.post(f"/api/v1/admin/accounts/{account_id}/action", data={"type": "disable"})
        await officer.post(f"/api/v1/admin/accounts/{account_id}/enable")
        expected = frozenset({"browser"})
        # The streams may have been hung up on meanwhile; the app opens them anew.
        assert await home.shut(expected) - {"websocket", "events"} == expected


@pytest.mark.timeout(120)
@pytest.mark.parametrize("kind", ["suspend", "disable"])
async def test_j06_who_is_out_is_out_as_a_team_too(stadt: Town, kind: str) -> None:
    _, _, club = await join(stadt, "anna", Standing.EDITOR)
    async with household(stadt, "anna", acting_as=club) as home:
        anna = await app_of(stadt, "anna")
        officer = await officer_of(stadt, "vera", Role.ADMIN)
        await officer.post(f"/api/v1/admin/accounts/{anna.id}/action", data={"type": kind})
        assert await home.shut_for_good(EVERY_WAY) == EVERY_WAY
        assert (await club.get("/api/v1/accounts/verify_credentials"))["username"] == "verein"


@pytest.mark.timeout(120)
async def test_j06_nobody_acts_as_a_team_that_is_suspended(stadt: Town) -> None:
    _, _, club = await join(stadt, "anna", Standing.EDITOR)
    async with household(stadt, "anna", acting_as=club) as home:
        officer = await officer_of(stadt, "vera", Role.ADMIN)
        await officer.post(f"/api/v1/admin/accounts/{club.id}/action", data={"type": "suspend"})
        expected = BY_TOKEN | {"code"}
        assert await home.shut_for_good(expected) == expected
        assert await stadt.count(AccessToken, AccessToken.actor_id == int(club.id)) == 0


@pytest.mark.timeout(120)
async def test_j06_others_stay_where_they_are(stadt: Town, database_url: str, tmp_path: Path) -> None:
    async with household(stadt, "bert") as home:
        await officer_of(stadt, "anna", Role.MODERATOR)
        await run(stadt, database_url, tmp_path, "user", "password", "anna", given=NEW)
        await run(stadt, database_url, tmp_path, "user", "disable", "anna")
        assert await home.shut_for_good(frozenset()) == set()
