"""GET of an outbox, through the route."""

from typing import Any

import pytest
from msgspec.structs import replace
from quart import Quart
from quart.typing import TestClientProtocol as Client
from sqlalchemy import update

from activitypub.authorized_fetch import Unwelcome
from activitypub.context import FederationContext
from activitypub.domain_blocks import DomainBlocks
from activitypub.graph.interactions import announce
from activitypub.models import Actor
from activitypub.unit import Unit
from activitypub.vocabulary import PUBLIC, Visibility
from fediverse_kommune.database import Database
from outbox.routes import PAGE, blueprint
from tests.unit.outbox.conftest import INSTANCE, Clock, local, posted, remote

OUTBOX = "https://stadt.example/users/anna/outbox"


class Viewers:
    """Says who is asking, in place of signatures."""

    def __init__(self) -> None:
        self.answer: Any = None

    async def viewer(self, _message: object) -> Any:
        return self.answer


@pytest.fixture
def viewers() -> Viewers:
    return Viewers()


@pytest.fixture(params=[False, True], ids=["open", "secure"])
def secure(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
def client(db: Database, clock: Clock, viewers: Viewers, secure: bool) -> Client:
    instance = replace(INSTANCE, secure_mode=secure)
    ctx = FederationContext(db, None, instance, clock, lambda *_: {}, DomainBlocks(db, instance))  # type: ignore[arg-type]  # nothing is fetched
    app = Quart(__name__)
    app.register_blueprint(blueprint(ctx, viewers))  # type: ignore[arg-type]
    return app.test_client()


def fill(unit: Unit) -> None:
    """One of every kind: two that show, an announce that shows, and all that must not."""
    anna, bernd = local(unit, "anna"), local(unit, "bernd")
    nora = remote(unit, "nora", "nord.example")
    for visibility in Visibility:
        posted(unit, anna, nora, visibility=visibility)
    posted(unit, anna, local_only=True)
    posted(unit, bernd)
    announce(unit, anna, posted(unit, nora))
    announce(unit, anna, posted(unit, nora), visibility=Visibility.PRIVATE)
    announce(unit, anna, posted(unit, bernd, local_only=True))


async def test_the_cover_counts_what_everyone_may_read(client: Client, db: Database, secure: bool) -> None:
    await db.write(fill)
    response = await client.get("/users/anna/outbox")
    assert response.status_code == 200
    assert response.content_type == "application/activity+json; charset=utf-8"
    assert response.headers["Cache-Control"] == ("private, no-store" if secure else "public, max-age=60")
    document = await response.get_json(force=True)
    del document["@context"]
    assert document == {"id": OUTBOX, "type": "OrderedCollection", "totalItems": 3, "first": f"{OUTBOX}?page=true"}


async def test_a_page_shows_activities_newest_first(client: Client, db: Database) -> None:
    await db.write(fill)
    document = await (await client.get("/users/anna/outbox?page=true")).get_json(force=True)
    assert document["type"] == "OrderedCollectionPage"
    assert document["partOf"] == OUTBOX
    assert "next" not in document
    kinds = [(item["type"], item["to"]) for item in document["orderedItems"]]
    followers = ["https://stadt.example/users/anna/followers"]
    assert kinds == [("Announce", [PUBLIC]), ("Create", followers), ("Create", [PUBLIC])]
    announced, _, created = document["orderedItems"]
    assert announced["object"].startswith("https://nord.example/")
    assert created["object"]["id"] + "/activity" == created["id"]
    assert not any("@context" in item for item in document["orderedItems"])


async def test_pages_lead_through_everything_once(client: Client, db: Database, clock: Clock) -> None:
    def many(unit: Unit) -> None:
        anna, nora = local(unit, "anna"), remote(unit, "nora", "nord.example")
        for number in range(2 * PAGE + 5):
            if number % 3:
                posted(unit, anna)
            else:
                announce(unit, anna, posted(unit, nora))

    await db.write(many)
    url, ids = f"{OUTBOX}?page=true", []
    while url:
        page = await (await client.get(url.removeprefix("https://stadt.example"))).get_json(force=True)
        assert page["id"] == url
        ids += [item["id"] for item in page["orderedItems"]]
        url = page.get("next")
    assert len(ids) == len(set(ids)) == 2 * PAGE + 5


async def test_who_is_unwelcome_gets_nothing(client: Client, db: Database, viewers: Viewers) -> None:
    await db.write(fill)
    viewers.answer = Unwelcome(401, "Sign the request.")
    response = await client.get("/users/anna/outbox")
    assert response.status_code == 401
    assert response.headers["Cache-Control"] == "private, no-store"


async def test_nobody_has_no_outbox(client: Client, db: Database, subtests: pytest.Subtests) -> None:
    await db.write(fill)
    for path in ["/users/nobody/outbox", "/users/nobody/outbox?page=true", "/users/nora@nord.example/outbox"]:
        with subtests.test(path=path):
            response = await client.get(path)
            assert response.status_code == 404


async def test_a_suspended_actor_shows_none(client: Client, db: Database, clock: Clock) -> None:
    await db.write(fill)
    await db.write(lambda unit: unit.execute(update(Actor).values(suspended_at=clock())))
    assert (await client.get("/users/anna/outbox?page=true")).status_code == 404


async def test_the_actor_that_only_signs_has_an_empty_outbox(client: Client, viewers: Viewers) -> None:
    viewers.answer = Unwelcome(401, "Sign this request.")
    answer = await client.get("/actor/outbox")
    document = await answer.get_json(force=True)
    assert answer.status_code == 200
    assert (document["id"], document["totalItems"]) == ("https://stadt.example/actor/outbox", 0)
    assert document["orderedItems"] == []
