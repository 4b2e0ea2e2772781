"""Rules, terms and other texts of the instance, its figures and its decisions about others.

https://docs.joinmastodon.org/methods/instance/
"""

from datetime import date, timedelta
from hashlib import sha256
from itertools import pairwise
from typing import Any

import msgspec
import pytest

from activitypub.models import DomainBlock, Severity
from activitypub.unit import Unit
from fediverse_kommune.api.entities.instance_texts import obfuscated
from fediverse_kommune.services import house_rules
from fediverse_kommune.services.refusals import Invalid, NotFound
from fediverse_kommune.services.statistics import Statistics
from tests.client import anonymous, app_of
from tests.town import Town

INSTANCE = "/api/v1/instance"


def configure(town: Town, **values: Any) -> None:
    """Let the running town have other words in `[instance]`."""
    config = town.app.server.config
    changed = msgspec.structs.replace(config, instance=msgspec.structs.replace(config.instance, **values))
    msgspec.structs.force_setattr(town.app.server, "config", changed)


async def test_rules_are_shown_in_order_with_translations(stadt: Town) -> None:
    nobody = anonymous(stadt)
    assert await nobody.get(f"{INSTANCE}/rules") == []
    english = {"en": {"text": "Be kind", "hint": "Always"}}
    kind = await stadt.write(house_rules.add_rule, "Seid nett", "Immer", english)
    calm = await stadt.write(house_rules.add_rule, "Bleibt ruhig")
    rules = [
        {"id": str(kind.id), "text": "Seid nett", "hint": "Immer", "translations": english},
        {"id": str(calm.id), "text": "Bleibt ruhig", "hint": "", "translations": {}},
    ]
    assert await nobody.get(f"{INSTANCE}/rules") == rules
    assert (await nobody.get(INSTANCE))["rules"] == (await nobody.get("/api/v2/instance"))["rules"] == rules
    await stadt.write(house_rules.withdraw_rule, kind.id)
    assert await nobody.get(f"{INSTANCE}/rules") == rules[1:]
    with pytest.raises(NotFound):
        await stadt.write(house_rules.withdraw_rule, kind.id)
    for wrong in ("", "x" * 1_001):
        with pytest.raises(Invalid):
            await stadt.write(house_rules.add_rule, wrong)


async def test_texts_are_shown_once_they_are_written(stadt: Town) -> None:
    nobody = anonymous(stadt)
    assert (await nobody.ask("GET", f"{INSTANCE}/privacy_policy")).status == 404
    for name in house_rules.TEXTS:
        await stadt.write(house_rules.write_text, name, "**Wir** speichern <b>wenig</b>.")
        shown = await nobody.get(f"{INSTANCE}/{name}")
        assert shown["content"] == "<p><strong>Wir</strong> speichern &lt;b&gt;wenig&lt;/b&gt;.</p>"
        assert shown["updated_at"].endswith("Z")
    await stadt.write(house_rules.write_text, house_rules.PRIVACY_POLICY, "Neu")
    assert (await nobody.get(f"{INSTANCE}/privacy_policy"))["content"] == "<p>Neu</p>"
    for name, text in (("x", "y"), (house_rules.PRIVACY_POLICY, "x" * 200_001)):
        with pytest.raises(Invalid):
            await stadt.write(house_rules.write_text, name, text)


async def test_terms_hold_from_a_day_on(stadt: Town) -> None:
    nobody, today = anonymous(stadt), stadt.app.server.clock().date()
    path = f"{INSTANCE}/terms_of_service"
    assert (await nobody.ask("GET", path)).status == 404
    later, now = today + timedelta(days=30), today - timedelta(days=30)
    await stadt.write(house_rules.write_terms, later, "Bald")
    assert (await nobody.get(path))["effective"] is False
    await stadt.write(house_rules.write_terms, now, "Jetzt")
    current = {
        "effective_date": now.isoformat(),
        "effective": True,
        "content": "<p>Jetzt</p>",
        "succeeded_by": later.isoformat(),
    }
    assert await nobody.get(path) == await nobody.get(f"{path}/{now}") == current
    coming = await nobody.get(f"{path}/{later}")
    assert (coming["effective"], coming["succeeded_by"]) == (False, None)
    for unknown in (date(2020, 1, 1), "heute", "2026-13-01"):
        assert (await nobody.ask("GET", f"{path}/{unknown}")).status == 404
    with pytest.raises(Invalid):
        await stadt.write(house_rules.write_terms, today, " ")


async def test_blocked_servers_are_shown_to_whom_the_town_wants(stadt: Town) -> None:
    anna, nobody, path = await app_of(stadt, "anna"), anonymous(stadt), f"{INSTANCE}/domain_blocks"

    def block(unit: Unit) -> None:
        unit.add(
            DomainBlock(domain="boese.example", severity=Severity.SUSPEND, public_comment="Hetze", created_at=unit.now)
        )
        unit.add(
            DomainBlock(
                domain="laut.example",
                severity=Severity.SILENCE,
                obfuscate=True,
                private_comment="x",
                created_at=unit.now,
            )
        )

    await stadt.write(block)
    assert [(await client.ask("GET", path)).status for client in (anna, nobody)] == [404, 404]
    configure(stadt, show_domain_blocks="members")
    assert (await nobody.ask("GET", path)).status == 404
    shown = [
        {
            "domain": "boese.example",
            "digest": sha256(b"boese.example").hexdigest(),
            "severity": "suspend",
            "comment": "Hetze",
        },
        {
            "domain": obfuscated("laut.example"),
            "digest": sha256(b"laut.example").hexdigest(),
            "severity": "silence",
            "comment": None,
        },
    ]
    assert await anna.get(path) == shown
    configure(stadt, show_domain_blocks="everybody")
    assert await nobody.get(path) == shown
    assert shown[1]["domain"] == "laut.***mple"


async def test_what_happened_in_the_last_weeks(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    await app_of(stadt, "bert")
    await anna.write("eins")
    await anna.write("zwei")
    weeks = await anonymous(stadt).get(f"{INSTANCE}/activity")
    assert len(weeks) == 12
    assert {name: weeks[0][name] for name in ("statuses", "logins", "registrations")} == {
        "statuses": "2",
        "logins": "2",
        "registrations": "2",
    }
    assert all(int(one["week"]) - int(other["week"]) == 7 * 86_400 for one, other in pairwise(weeks))
    assert {week["statuses"] for week in weeks[1:]} == {"0"}
    later = Statistics(stadt.app.server.db, lambda: stadt.app.server.clock() + timedelta(days=14))
    assert [week.statuses for week in await later.weeks()][:3] == [0, 0, 2]


async def test_languages_health_and_annual_reports(stadt: Town) -> None:
    anna, nobody = await app_of(stadt, "anna"), anonymous(stadt)
    languages = await nobody.get(f"{INSTANCE}/languages")
    assert {"code": "de", "name": "German"} in languages
    assert (await nobody.ask("GET", "/health")).text == "OK"
    nothing = {"annual_reports": [], "accounts": [], "statuses": []}
    assert await anna.get("/api/v1/annual_reports") == await anna.get("/api/v1/annual_reports/2025") == nothing
    assert await anna.get("/api/v1/annual_reports/2025/state") == {"state": "ineligible"}
    for verb in ("generate", "read"):
        assert (await anna.ask("POST", f"/api/v1/annual_reports/2025/{verb}")).status == 404
    assert (await nobody.ask("GET", "/api/v1/annual_reports")).status == 401


async def test_registrations_are_said_to_be_closed_while_nothing_can_confirm_them(stadt: Town) -> None:
    configure(stadt, registrations_open=True, registrations_message="Kommt ins Rathaus", min_age=16)
    registrations = (await anonymous(stadt).get("/api/v2/instance"))["registrations"]
    assert registrations == {
        "enabled": False,
        "approval_required": False,
        "reason_required": False,
        "message": "Kommt ins Rathaus",
        "min_age": 16,
        "url": None,
    }
    assert (await anonymous(stadt).get("/api/v1/instance"))["registrations"] is False
    assert (await anonymous(stadt).get("/nodeinfo/2.0"))["openRegistrations"] is False
