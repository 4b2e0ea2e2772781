"""E17: however much somebody asks for, they get a page; and a question that takes too long is broken off."""

from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from activitypub.unit import StorageUnavailable
from fediverse_kommune.services.search_query import TERMS, parse_query
from tests import acts
from tests.client import anonymous, app_of
from tests.postgres import PostgresServer
from tests.town import Town, town

ENDLESS = ("1000000000", "-1", "99999999999999999999999999", "1e9")
LISTS = (
    "/api/v1/timelines/public",
    "/api/v1/timelines/home",
    "/api/v1/timelines/tag/markt",
    "/api/v1/notifications",
    "/api/v2/notifications",
    "/api/v1/favourites",
    "/api/v1/directory",
    "/api/v1/accounts/search?q=a",
    "/api/v2/search?q=markt",
    "/api/v1/trends/statuses",
    "/api/v1/trends/tags",
    "/api/v1/suggestions",
)
PAGE = 80  # the most that any of these gives


async def test_a_page_is_a_page(stadt: Town, subtests: pytest.Subtests) -> None:
    anna = await app_of(stadt, "anna")
    author = await stadt.resident("bea")
    for _ in range(PAGE + 5):
        await stadt.write(acts.write, author, "<p>Wochenmarkt</p>")
    for path in LISTS:
        for limit in ENDLESS:
            with subtests.test(f"{path} {limit}"):
                reply = await anna.ask("GET", f"{path}{'&' if '?' in path else '?'}limit={limit}")
                assert reply.status in (200, 400, 422)
                assert len(reply.json if isinstance(reply.json, list) else ()) <= PAGE


async def test_a_long_thread_and_a_long_question_are_answered(stadt: Town) -> None:
    nobody = anonymous(stadt)
    author = await stadt.resident("anna")
    top = await stadt.write(acts.write, author)
    for _ in range(70):
        await stadt.write(acts.write, author, in_reply_to=top.uri)
    context = await nobody.get(f"/api/v1/statuses/{top.id}/context")
    assert len(context["descendants"]) == 60
    anna = await app_of(stadt, "bea")
    assert (await anna.ask("GET", f"/api/v2/search?q={'markt+' * 800}")).status in (200, 422)
    for path in ("/api/v2/search?q=markt&type=statuses", "/api/v1/directory?local=true"):
        assert (await anna.ask("GET", f"{path}&offset=1000000000")).status in (200, 400, 422)


def test_of_a_long_question_the_beginning_is_looked_for() -> None:
    asked = parse_query("markt " * 5_000 + "-ufer " * 5_000 + "from:anna " * 5_000)
    assert len(asked.terms) + len(asked.without) + len(asked.authors) == TERMS


def _sleep(session: Session) -> None:
    session.execute(text("SELECT pg_sleep(20)"))


async def test_a_statement_ends_after_five_seconds(
    postgres: PostgresServer, postgres_template: str, tmp_path: Path
) -> None:
    """On SQLite there is no such limit: there every list is bounded, and nobody waits for who reads."""
    async with town(postgres.create_database(postgres_template), tmp_path) as stadt:
        with pytest.raises(StorageUnavailable, match="timeout"):
            await stadt.read(_sleep)
