"""K02: who is no longer of the staff does nothing more for the instance, from the next request on, on every route."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

import pytest

from fediverse_kommune.api.admin import ADMIN_PAGES
from fediverse_kommune.models import Role
from tests.client import Client, officer_of
from tests.routes.admin_cases import CASES, filled
from tests.routes.test_staff_commands import run
from tests.town import Town
from tests.ways_in import SECONDS

READ = [route.path for page in ADMIN_PAGES for route in page.all if route.methods == ("GET",)]
Command = Callable[..., Awaitable[None]]


async def demoted(_stadt: Town, _vera: Client, command: Command) -> None:
    await command("user", "role", "vera", "user")


async def disabled(_stadt: Town, _vera: Client, command: Command) -> None:
    await command("user", "disable", "vera")


async def suspended(stadt: Town, vera: Client, command: Command) -> None:
    await command("user", "role", "vera", "moderator")
    boss = await officer_of(stadt, "chefin", Role.ADMIN)
    await boss.post(f"/api/v1/admin/accounts/{vera.id}/action", data={"type": "suspend"})


async def given_a_password(_stadt: Town, _vera: Client, command: Command) -> None:
    await command("user", "password", "vera", given="ein anderes Passwort\nein anderes Passwort\n")


LOSSES: Mapping[str, tuple[Callable[[Town, Client, Command], Awaitable[None]], int]] = {
    "demoted": (demoted, 403),
    "disabled": (disabled, 401),
    "suspended": (suspended, 401),
    "given another password": (given_a_password, 401),
}


@pytest.mark.parametrize("what", LOSSES)
async def test_k02_no_route_of_the_admin_api_answers_any_more(
    stadt: Town, database_url: str, tmp_path: Path, what: str
) -> None:
    async def command(*words: str, given: str = "") -> None:
        result = await run(stadt, database_url, tmp_path, *words, given=given)
        assert result.exit_code == 0, result.output

    await officer_of(stadt, "chefin", Role.ADMIN)  # or she would be the last administrator
    vera = await officer_of(stadt, "vera", Role.ADMIN)
    prepared = {key: await prepare(stadt, vera) for key, prepare in CASES.items()}
    assert (await vera.ask("GET", "/api/v1/admin/accounts")).status == 200
    lose, expected = LOSSES[what]
    await lose(stadt, vera, command)
    # The command line is a process of its own, so it may take a while until this one has noticed.
    async with asyncio.timeout(SECONDS):
        while (await vera.ask("GET", READ[0])).status != expected:
            await asyncio.sleep(0.05)
    before = await stadt.state()
    for path in READ:
        assert (await vera.ask("GET", filled(path, {}))).status == expected, path
    for (method, path), request in prepared.items():
        reply = await vera.ask(method, filled(path, request.names), json=dict(request.body))
        assert reply.status == expected, (method, path, reply.text)
    assert await stadt.state() == before
