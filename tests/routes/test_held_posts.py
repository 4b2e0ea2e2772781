"""An answer that waits for consent is nowhere: not in figures, not in lists of hashtags, and nobody passes it on."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from activitypub.graph.moderation import purge
from activitypub.models import Actor, Announce, Status
from activitypub.unit import Unit
from fediverse_kommune.services.statistics import count_weeks
from tests.client import Client, anonymous, app_of, officer_of
from tests.fediverse import Remote
from tests.town import Town

ASK = {"can_reply": {"with_approval": ["public"]}}


@pytest.fixture
async def answered(stadt: Town) -> tuple[Client, Client, Any]:
    """Anna decides on each answer, and one of Bernd's waits; return both and the answer."""
    anna, bernd = await app_of(stadt, "anna"), await app_of(stadt, "bernd")
    post = await anna.write("Fragt mich", interaction_policy=ASK)
    return anna, bernd, await bernd.write("Hört #Geheimnis", in_reply_to_id=post["id"])


async def test_its_hashtags_are_not_counted(stadt: Town, answered: tuple[Client, Client, Any]) -> None:
    _, bernd, _ = answered
    for name in ("carla", "doris"):  # so that it would be a trend
        await (await app_of(stadt, name)).write("#Geheimnis")
    (trend,) = await anonymous(stadt).get("/api/v1/trends/tags")
    shown = await anonymous(stadt).get("/api/v1/tags/geheimnis")
    for tag in (trend, shown):
        assert (tag["history"][0]["uses"], tag["history"][0]["accounts"]) == ("2", "2")
    await bernd.post("/api/v1/featured_tags", json={"name": "Geheimnis"})
    (featured,) = await anonymous(stadt).get(f"/api/v1/accounts/{bernd.id}/featured_tags")
    assert (featured["statuses_count"], featured["last_status_at"]) == ("0", None)
    await bernd.write("#Anderes")
    assert [tag["name"] for tag in await bernd.get("/api/v1/featured_tags/suggestions")] == ["Anderes"]


async def test_a_hashtag_that_only_it_has_is_not_found(stadt: Town, answered: tuple[Client, Client, Any]) -> None:
    anna, _, _ = answered

    async def names() -> list[str]:
        return [tag["name"] for tag in (await anna.get("/api/v2/search?q=geheim&type=hashtags"))["hashtags"]]

    assert await names() == ["geheim"], "what is asked for is always there"
    (waiting,) = await anna.get("/api/v1/interaction_requests")
    await anna.post(f"/api/v1/interaction_requests/{waiting['id']}/authorize")
    assert await names() == ["geheim", "Geheimnis"]


async def test_it_is_in_no_figure(stadt: Town, answered: tuple[Client, Client, Any]) -> None:
    vera = await officer_of(stadt, "vera")
    day = stadt.app.server.clock().date()
    span = {"start_at": (day - timedelta(days=1)).isoformat(), "end_at": day.isoformat()}
    about = {key: {"id": "geheimnis"} for key in ("tag_accounts", "tag_uses")}
    measures = await vera.post("/api/v1/admin/measures", json={"keys": ["interactions", *about], **span, **about})
    assert [item["total"] for item in measures] == ["0", "0", "0"]
    about = {"tag_languages": {"id": "geheimnis"}}
    tables = await vera.post("/api/v1/admin/dimensions", json={"keys": ["languages", *about], **span, **about})
    found = {table["key"]: [line["value"] for line in table["data"]] for table in tables}
    assert found == {"languages": ["1"], "tag_languages": []}
    weeks = await stadt.read(count_weeks, stadt.app.server.clock())
    assert weeks[0].statuses == 1


async def test_servers_are_not_counted_by_it(stadt: Town, nachbar: Remote) -> None:
    vera, anna, bob = await officer_of(stadt, "vera"), await app_of(stadt, "anna"), nachbar.person("bob")
    post = await anna.write("Fragt mich", interaction_policy=ASK)
    await stadt.accept(bob, bob.create(bob.note(inReplyTo=post["uri"])))
    day = stadt.app.server.clock().date()
    body = {"keys": ["servers"], "start_at": (day - timedelta(days=1)).isoformat(), "end_at": day.isoformat()}
    (table,) = await vera.post("/api/v1/admin/dimensions", json=body)
    assert table["data"] == []


async def test_nobody_passes_it_on_or_quotes_it(stadt: Town, answered: tuple[Client, Client, Any]) -> None:
    anna, bernd, reply = answered
    for client in (anna, bernd):
        assert (await client.ask("POST", f"/api/v1/statuses/{reply['id']}/reblog")).status == 404
        body = {"status": "Seht", "quoted_status_id": reply["id"]}
        assert (await client.ask("POST", "/api/v1/statuses", json=body)).status == 404
    assert await stadt.count(Announce) == 0


async def test_who_goes_with_it_takes_no_counter_along(stadt: Town, answered: tuple[Client, Client, Any]) -> None:
    _, bernd, reply = answered

    def let_go(unit: Unit) -> None:
        purge(unit, unit.get_one(Actor, int(bernd.id)))

    await stadt.write(let_go)
    count = select(Status.replies_count).where(Status.id == int(reply["in_reply_to_id"]))
    assert await stadt.read(lambda session: session.scalar(count)) == 0


async def test_a_conversation_does_not_fall_back_to_it(stadt: Town) -> None:
    anna, bernd = await app_of(stadt, "anna"), await app_of(stadt, "bernd")
    await bernd.follow(anna)
    first = await anna.write("@bernd nur wir", visibility="direct")
    waiting, last = [
        await anna.write(f"@bernd {text}", visibility="direct", in_reply_to_id=first["id"]) for text in ("und", "noch")
    ]
    await stadt.write(hold, int(waiting["id"]))
    await anna.delete(f"/api/v1/statuses/{last['id']}")
    (conversation,) = await bernd.get("/api/v1/conversations")
    assert conversation["last_status"]["id"] == first["id"]


def hold(unit: Unit, status_id: int) -> None:
    unit.get_one(Status, status_id).held = True
