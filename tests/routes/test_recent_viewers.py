"""Whose a token is, is asked of the database once in five seconds, and again when anything about it changes."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import delete, update

from activitypub.models import Actor
from activitypub.unit import Unit
from fediverse_kommune.api import recent_viewers
from fediverse_kommune.database import driver_url, open_engine
from fediverse_kommune.models import AccessToken, Membership, User
from fediverse_kommune.watch import changed_tables
from tests.client import Client, app_of, statements
from tests.town import Town

PAGE = "/api/v1/follow_requests"


async def asked_for_the_token(stadt: Town, client: Client, method: str = "GET", path: str = PAGE) -> bool:
    with statements(stadt) as seen:
        await client.ask(method, path)
    return any(AccessToken.__tablename__ in statement for statement in seen)


async def test_a_token_is_looked_up_once_for_several_pages(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    await anna.get(PAGE)
    await anna.get(PAGE)  # the first one also noted when the token was used
    assert not await asked_for_the_token(stadt, anna)


async def test_who_changes_something_is_looked_up_each_time(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    await anna.get(PAGE)
    assert await asked_for_the_token(stadt, anna, "POST", "/api/v1/statuses")


async def test_it_is_looked_up_again_after_a_while(stadt: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    anna = await app_of(stadt, "anna")
    monkeypatch.setattr(recent_viewers, "KEPT_SECONDS", 0.0)
    await anna.get(PAGE)
    assert await asked_for_the_token(stadt, anna)


async def test_posts_and_follows_make_nobody_forgotten(stadt: Town) -> None:
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert")
    for client in (anna, bert, anna, bert):  # the first time, it is noted that the token is in use
        await client.get(PAGE)
    await bert.write("Hallo")
    assert not await asked_for_the_token(stadt, anna)


CHANGES: dict[str, tuple[Callable[[], Any], int]] = {
    "the token is revoked": (lambda: delete(AccessToken), 401),
    "the person is disabled": (lambda: update(User).values(disabled_at=User.created_at), 401),
    "the address is not theirs": (lambda: update(User).values(confirmed_at=None), 403),
    "the actor is suspended": (lambda: update(Actor).values(suspended_at=Actor.created_at), 401),
    "they left the team": (lambda: delete(Membership), 401),
    "the app may do less": (lambda: update(AccessToken).values(scopes="write"), 403),
}


@pytest.mark.parametrize("what", CHANGES)
async def test_the_very_next_request_knows(stadt: Town, what: str) -> None:
    anna = await app_of(stadt, "anna")
    for _ in range(2):
        await anna.get(PAGE)
    change, status = CHANGES[what]

    def run(unit: Unit) -> None:
        unit.execute(change().execution_options(synchronize_session=False))

    await stadt.write(run)
    assert (await anna.ask("GET", PAGE)).status == status


async def test_what_another_process_revoked_is_refused_within_seconds(
    stadt: Town, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = await app_of(stadt, "anna")
    monkeypatch.setattr(recent_viewers, "KEPT_SECONDS", 0.3)
    for _ in range(2):
        await anna.get(PAGE)
    engine = open_engine(driver_url(database_url))
    with engine.begin() as connection:
        connection.execute(delete(AccessToken))
    engine.dispose()
    async with asyncio.timeout(5):
        while (await anna.ask("GET", PAGE)).status != 401:
            await asyncio.sleep(0.05)


@pytest.mark.parametrize(
    ("statement", "tables"),
    [
        ("UPDATE users SET disabled_at=? WHERE users.id = ?", {"users"}),
        (
            "UPDATE actors SET statuses_count=(actors.statuses_count + ?), version=version + 1 WHERE id = ?",
            set(),
        ),
        ("UPDATE actors SET name=?, statuses_count=1, version=version + 1 WHERE id = ?", {"actors"}),
        ("UPDATE actors SET version=version + 1 WHERE name = ? AND suspended_at = ?", set()),
        ('DELETE FROM "access_tokens" WHERE id = ?', {"access_tokens"}),
        ("INSERT INTO memberships (id) VALUES (?)", {"memberships"}),
        ("WITH gone AS (SELECT 1) DELETE FROM users WHERE id IN (SELECT 1)", {"users"}),
        ("SELECT users.id FROM users FOR UPDATE", set()),
    ],
)
def test_what_a_statement_changes(statement: str, tables: set[str]) -> None:
    assert changed_tables(statement) == tables
