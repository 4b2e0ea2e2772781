"""What the admin API counts. https://docs.joinmastodon.org/methods/admin/measures/, dimensions/ and retention/"""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from activitypub.unit import Unit
from fediverse_kommune.models import User
from fediverse_kommune.services.dimensions import language_name, readable
from tests.client import Client, app_of, officer_of
from tests.fediverse import Remote
from tests.town import Town

API = "/api/v1/admin"


def today(stadt: Town, back: int = 0) -> str:
    return (stadt.app.server.clock() - timedelta(days=back)).date().isoformat()


async def measured(stadt: Town, officer: Client, *keys: str, **more: Any) -> dict[str, Any]:
    body = {"keys": list(keys), "start_at": today(stadt, 2), "end_at": today(stadt), **more}
    return {found["key"]: found for found in await officer.post(f"{API}/measures", json=body)}


async def _busy(stadt: Town, nachbar: Remote) -> tuple[Client, Client]:
    """Vera moderates; Anna writes, Emil of the neighbour likes, answers and follows."""
    vera, anna = await officer_of(stadt, "vera"), await app_of(stadt, "anna")
    emil = nachbar.person("emil")
    post = await anna.write("Guten Tag #Garten", language="de")
    await stadt.accept(emil, emil.activity("Follow", f"{stadt.origin}/users/anna"))
    await stadt.accept(emil, emil.activity("Like", post["uri"]))
    tag = {"type": "Hashtag", "name": "#Garten", "href": f"{nachbar.origin}/tags/garten"}
    note = emil.note(inReplyTo=post["uri"], tag=[tag], contentMap={"en": "<p>Guten Tag</p>"})
    await stadt.accept(emil, emil.create(note))
    await anna.post(f"/api/v1/statuses/{post['id']}/favourite")
    known = await stadt.known(emil)
    assert known is not None
    await anna.post("/api/v1/reports", data={"account_id": str(known.id)})
    return vera, anna


async def test_a_measure_has_a_figure_for_each_day(stadt: Town) -> None:
    vera = await officer_of(stadt, "vera")
    found = await measured(stadt, vera, "new_users", "nonsense")
    days = [{"date": f"{today(stadt, back)}T00:00:00.000Z", "value": "0"} for back in (2, 1)]
    assert found == {
        "new_users": {
            "key": "new_users",
            "unit": None,
            "total": "1",
            "previous_total": "0",
            "data": [*days, {"date": f"{today(stadt)}T00:00:00.000Z", "value": "1"}],
        }
    }


async def test_what_happened_is_counted(stadt: Town, nachbar: Remote) -> None:
    vera, _ = await _busy(stadt, nachbar)
    about_tag = {key: {"id": "Garten"} for key in ("tag_accounts", "tag_uses", "tag_servers")}
    kinds = ("accounts", "media_attachments", "reports", "statuses", "follows", "followers")
    about_server = {f"instance_{kind}": {"domain": "nachbar.test"} for kind in kinds}
    keys = ("interactions", "opened_reports", "resolved_reports", *about_tag, *about_server)
    found = await measured(stadt, vera, *keys, **about_tag, **about_server)
    assert {key: value["total"] for key, value in found.items()} == {
        "interactions": "3",
        "opened_reports": "1",
        "resolved_reports": "0",
        "tag_accounts": "2",
        "tag_uses": "2",
        "tag_servers": "1",
        "instance_accounts": "1",
        "instance_media_attachments": "0",
        "instance_reports": "1",
        "instance_statuses": "1",
        "instance_follows": "0",
        "instance_followers": "1",
    }
    assert found["instance_media_attachments"]["human_value"] == "0 Bytes"
    assert "previous_total" not in found["instance_accounts"]
    (report,) = await vera.get(f"{API}/reports")
    await vera.post(f"{API}/reports/{report['id']}/resolve")
    assert (await measured(stadt, vera, "resolved_reports"))["resolved_reports"]["total"] == "1"


async def test_active_is_who_did_something_or_was_seen(stadt: Town) -> None:
    vera, anna = await officer_of(stadt, "vera"), await app_of(stadt, "anna")
    await app_of(stadt, "schlaf")
    await anna.write("Guten Tag")
    found = (await measured(stadt, vera, "active_users"))["active_users"]
    assert found["total"] == "2", "Anna wrote, and Vera's app was seen; somebody only exists"
    assert found["data"][-1]["value"] == "2"


async def test_a_measure_that_cannot_be_taken(stadt: Town, subtests: pytest.Subtests) -> None:
    vera = await officer_of(stadt, "vera")
    for form in [
        {"keys": ["new_users"]},
        {"keys": ["new_users"], "start_at": "yesterday", "end_at": "2026-01-01"},
        {"keys": ["new_users"], "start_at": "2026-01-02", "end_at": "2026-01-01"},
        {"keys": ["new_users"], "start_at": "2024-01-01", "end_at": "2026-01-01"},
        {"keys": ["tag_uses"], "start_at": "2026-01-01", "end_at": "2026-01-01"},
        {"keys": ["instance_reports"], "start_at": "2026-01-01", "end_at": "2026-01-01"},
        {
            "keys": ["instance_reports"],
            "instance_reports": {"domain": "a b"},
            "start_at": "2026-01-01",
            "end_at": "2026-01-01",
        },
    ]:
        with subtests.test(form=form):
            assert (await vera.ask("POST", f"{API}/measures", json=form)).status == 422


async def test_what_there_is_most_of(stadt: Town, nachbar: Remote) -> None:
    vera, anna = await _busy(stadt, nachbar)
    await anna.write("Good morning", language="en")
    await anna.write("Noch eins", language="de")
    about = {
        "tag_servers": {"id": "garten"},
        "tag_languages": {"id": "garten"},
        "instance_accounts": {"domain": "nachbar.test"},
        "instance_languages": {"domain": "nachbar.test"},
    }
    keys = ["languages", "sources", "servers", "space_usage", "software_versions", *about]
    body = {"keys": keys, "start_at": today(stadt, 1), "end_at": today(stadt), **about}
    found = {table["key"]: table["data"] for table in await vera.post(f"{API}/dimensions", json=body)}
    german, english = {"key": "de", "human_key": "German"}, {"key": "en", "human_key": "English"}
    assert found["languages"] == [german | {"value": "2"}, english | {"value": "1"}]
    assert found["sources"] == []
    server = {"key": nachbar.domain, "human_key": nachbar.domain, "value": "1"}
    assert found["servers"] == found["tag_servers"] == [server]
    assert found["tag_languages"] == [german | {"value": "1"}, english | {"value": "1"}]
    assert found["instance_accounts"] == [{"key": "emil", "human_key": "emil", "value": "0"}]
    assert found["instance_languages"] == [english | {"value": "1"}]
    assert [line["key"] for line in found["space_usage"]][-1] == "media"
    assert int(found["space_usage"][0]["value"]) > 0
    assert {line["unit"] for line in found["space_usage"]} == {"bytes"}
    assert {"fediverse_kommune", "python"} < {line["key"] for line in found["software_versions"]}
    assert await vera.post(f"{API}/dimensions", json={"keys": ["servers"], "limit": 1}) == [
        {"key": "servers", "data": [server]}
    ]


async def test_who_stayed(stadt: Town) -> None:
    vera, anna = await officer_of(stadt, "vera"), await app_of(stadt, "anna")
    await app_of(stadt, "berta")

    def see(unit: Unit) -> None:
        """Anna is seen the day after tomorrow, the others today and never again."""
        later = unit.now + timedelta(days=2)
        unit.execute(update(User).where(User.actor_id == int(anna.id)).values(last_active_at=later))

    await stadt.write(see)
    body = {"start_at": today(stadt), "end_at": today(stadt, -2), "frequency": "day"}
    first, second, third = await vera.post(f"{API}/retention", json=body)
    assert (first["period"], first["frequency"]) == (f"{today(stadt)}T00:00:00.000Z", "day")
    assert [each["value"] for each in first["data"]] == ["3", "1", "1"]
    assert [round(each["rate"], 2) for each in first["data"]] == [1.0, 0.33, 0.33]
    assert [each["value"] for each in second["data"]] == ["0", "0"]
    assert third["data"] == [{"date": f"{today(stadt, -2)}T00:00:00.000Z", "rate": 0.0, "value": "0"}]
    assert await vera.post(f"{API}/retention", json={"frequency": "day"}) == []
    (month, *_) = await vera.post(f"{API}/retention", json=body | {"frequency": "month"})
    assert (month["frequency"], month["data"][0]["value"]) == ("month", "3")
    assert month["period"].endswith("-01T00:00:00.000Z")


def test_sizes_and_languages_as_people_read_them() -> None:
    assert [readable(size) for size in (0, 1023, 14_924_935, 837_837_315_424)] == [
        "0 Bytes",
        "1023 Bytes",
        "14.2 MB",
        "780 GB",
    ]
    assert [language_name(code) for code in ("de", "und", "zz-nonsense")] == ["German", "und", "zz-nonsense"]
