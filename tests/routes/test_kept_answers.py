"""An answer is given again while nothing has changed: to the same token, and where no other process writes."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from activitypub.models import Actor
from fediverse_kommune.api.kept_answers import is_seen
from fediverse_kommune.api.routes import PAGES
from fediverse_kommune.api.routing import Auth
from fediverse_kommune.models import AccessToken
from tests.client import app_of, statements
from tests.fediverse import Remote
from tests.town import Town

HOME = "/api/v1/timelines/home"


async def test_an_answer_is_given_again_without_a_statement_on_sqlite_alone(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    status = await anna.write("Guten Tag")
    for path in (HOME, f"/api/v1/accounts/{anna.id}/statuses", f"/api/v1/statuses/{status['id']}/context"):
        first = await anna.ask("GET", path)
        with statements(stadt) as seen:
            again = await anna.ask("GET", path)
        assert again.json == first.json
        assert again.headers.get("Link") == first.headers.get("Link")
        assert again.headers["Cache-Control"] == first.headers["Cache-Control"] == "private, no-store"
        assert int(again.headers["X-RateLimit-Remaining"]) == int(first.headers["X-RateLimit-Remaining"]) - 1
        assert bool(seen) is not stadt.app.server.db.is_exclusive, path


async def test_any_change_that_readers_can_see_ends_it(stadt: Town, nachbar: Remote) -> None:
    anna, bob = await app_of(stadt, "anna"), nachbar.person("bob")
    assert await anna.get(HOME) == []
    status = await anna.write("Guten Tag")
    assert [each["id"] for each in await anna.get(HOME)] == [status["id"]]
    await stadt.accept(bob, bob.activity("Like", status["uri"]))
    assert [each["favourites_count"] for each in await anna.get(HOME)] == [1]
    await anna.delete(f"/api/v1/statuses/{status['id']}")
    assert await anna.get(HOME) == []


async def test_nobody_gets_the_answer_of_another_token(stadt: Town) -> None:
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert")
    status = await anna.write("Nur für mich", visibility="direct")
    path = f"/api/v1/statuses/{status['id']}/context"
    for _ in range(2):
        assert (await anna.ask("GET", path)).status == 200
        assert (await bert.ask("GET", path)).status == 404
    narrow = await app_of(stadt, "anna", scopes="read:accounts")
    assert (await narrow.ask("GET", path)).status == 403


async def test_who_may_not_any_more_gets_none(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    assert await anna.get(HOME) == []

    def narrow(unit: object) -> None:
        unit.execute(update(AccessToken).values(scopes="write"))  # type: ignore[attr-defined]

    await stadt.write(narrow)
    assert (await anna.ask("GET", HOME)).status == 403


async def test_it_ends_by_itself_after_some_seconds(stadt: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    anna = await app_of(stadt, "anna")
    await anna.get(HOME)
    answers = stadt.app.server.answers
    later = answers._clock() + timedelta(seconds=6)
    monkeypatch.setattr(answers, "_clock", lambda: later)
    with statements(stadt) as seen:
        await anna.get(HOME)
    assert seen


async def test_what_was_read_while_something_changed_is_not_kept(stadt: Town) -> None:
    answers = stadt.app.server.answers
    before = answers.generation
    if before is None:
        assert not stadt.app.server.db.is_exclusive
        return
    await stadt.write(lambda unit: unit.execute(update(Actor).values(name="x")) and None)
    assert answers.generation != before


@pytest.mark.parametrize(
    ("statement", "seen"),
    [
        ("SELECT 1", False),
        ("INSERT INTO inbox_items (id) VALUES (?)", False),
        ("UPDATE oauth_tokens SET last_used_at=?", False),
        ('DELETE FROM "deliveries" WHERE id = ?', False),
        ("UPDATE actors SET statuses_count=(actors.statuses_count + ?)", True),
        ("INSERT INTO feed_entries (id) VALUES (?)", True),
        ("INSERT OR IGNORE INTO likes (id) VALUES (?)", True),
        ("WITH x AS (SELECT 1) DELETE FROM deliveries", True),
        ("REPLACE INTO inbox_items (id) VALUES (?)", True),
    ],
)
def test_in_doubt_a_statement_changes_what_is_seen(statement: str, *, seen: bool) -> None:
    assert is_seen(statement) is seen


def test_only_what_asks_for_a_viewer_and_changes_nothing_is_kept() -> None:
    kept = [route for page in PAGES for route in page.all if route.declaration.kept]
    assert len(kept) > 5
    for route in kept:
        assert route.methods == ("GET",)
        assert route.declaration.auth in {Auth.PERSON, Auth.OPTIONAL}
        assert route.declaration.scopes
