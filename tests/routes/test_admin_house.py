"""Rules and texts of the instance, and what is talked about, for those who run it."""

from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from fediverse_kommune.models import InstanceText, Role, Rule, TermsOfService
from tests.client import app_of, officer_of
from tests.town import Town

RULES, TRENDS = "/api/v1/admin/instance/rules", "/api/v1/admin/trends"


async def test_rules_are_written_changed_and_withdrawn(stadt: Town) -> None:
    vera = await officer_of(stadt, "vera", Role.ADMIN)
    first = await vera.post(RULES, data={"text": " Seid freundlich ", "hint": "Auch im Streit"})
    assert first == {"id": first["id"], "text": "Seid freundlich", "hint": "Auch im Streit", "translations": {}}
    second = await vera.post(RULES, data={"text": "Keine Werbung"})
    assert await vera.get(RULES) == [first, second]
    changed = await vera.patch(f"{RULES}/{first['id']}", json={"text": "Seid sehr freundlich"})
    assert changed == first | {"text": "Seid sehr freundlich"}
    assert await vera.get(f"{RULES}/{first['id']}") == changed
    assert await vera.delete(f"{RULES}/{first['id']}") == changed
    assert await vera.get(RULES) == [second]
    assert await stadt.count(Rule) == 2, "reports may name a rule that is withdrawn"
    assert (await vera.ask("GET", f"{RULES}/{first['id']}")).status == 404
    for wrong in ({}, {"text": "  "}, {"text": "x" * 1_001}):
        assert (await vera.ask("POST", RULES, data=wrong)).status == 422


async def test_texts_and_terms_are_written(stadt: Town) -> None:
    vera = await officer_of(stadt, "vera", Role.ADMIN)
    body = {"description": "# Wir", "privacy_policy": "Wenig", "terms": "Ab heute"}
    shown = await vera.patch("/api/v1/instance", json=body)
    assert shown["uri"] == stadt.app.server.instance.account_domain
    assert await stadt.read(_texts) == {"extended_description": "# Wir", "privacy_policy": "Wenig"}
    assert await stadt.read(_terms) == [(stadt.app.server.clock().date(), "Ab heute")]
    await vera.put("/api/v1/instance", json={"terms": "Ab heute, aber besser"})
    assert [text for _, text in await stadt.read(_terms)] == ["Ab heute, aber besser"]


def _texts(session: Session) -> dict[str, str]:
    return {row.name: row.text for row in session.scalars(select(InstanceText))}


def _terms(session: Session) -> list[tuple[date, str]]:
    return [(row.effective_date, row.text) for row in session.scalars(select(TermsOfService))]


async def test_what_cannot_be_written(stadt: Town, subtests: pytest.Subtests) -> None:
    vera = await officer_of(stadt, "vera", Role.ADMIN)
    for form in [
        {},
        {"title": "Andere Stadt"},
        {"contact_email": "x@y.example"},
        {"terms": " "},
        {"terms": "x" * 200_001},
    ]:
        with subtests.test(form=form):
            assert (await vera.ask("PATCH", "/api/v1/instance", json=form)).status == 422


async def test_moderators_see_what_is_talked_about(stadt: Town) -> None:
    vera, anna, emil = await officer_of(stadt, "vera"), await app_of(stadt, "anna"), await app_of(stadt, "emil")
    for person in (anna, emil):
        await person.write("Auf zum #Straßenfest")
    (tag,) = await vera.get(f"{TRENDS}/tags")
    assert (tag["name"], tag["history"][0]["accounts"]) == ("Straßenfest", "2")
    reviewed = {"trendable": True, "usable": True, "requires_review": False}
    assert {name: tag[name] for name in reviewed} == reviewed
    one = await vera.get(f"/api/v1/admin/tags/{tag['id']}")
    assert one == tag
    assert await vera.get(f"{TRENDS}/links") == await anna.get("/api/v1/trends/links") == []
    found = [status["id"] for status in await vera.get(f"{TRENDS}/statuses")]
    assert found == [status["id"] for status in await anna.get("/api/v1/trends/statuses")]
